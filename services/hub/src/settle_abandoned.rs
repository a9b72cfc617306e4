//! An attempt whose worker died ends in an entry all the same: its outcome is unknown, and is weighed like
//! any other unknown outcome.

use adapters::Exchange;
use casework::{AnswerIdentity, CheckId, CheckStatus, Delivery, DeliveryStatus};
use store::{CHECK_WAITED_SECONDS, Lane, Order};

use crate::hand_over::code;
use crate::{HandedOver, Hub, HubError};

impl Hub {
    /// Settles one abandoned attempt, as it stood when it was found abandoned.
    ///
    /// # Errors
    /// Where the store fails; the settler comes again.
    pub async fn settle_abandoned(&self, lost: &Delivery) -> Result<HandedOver, HubError> {
        let Some(delivery) = self.store.delivery(lost.id).await? else { return Ok(HandedOver::NotOurs) };
        // Another hub may have settled it meanwhile, and made another attempt: that one has a worker.
        if delivery.status != DeliveryStatus::Sent || delivery.attempts != lost.attempts {
            return Ok(HandedOver::NotOurs);
        }
        let lost = Exchange::Unknown { class: code("worker-lost") };
        self.record_delivery(&delivery, delivery.attempts, lost).await
    }

    /// What the process before this one left behind, before anything new comes in: identity checks nobody
    /// waits for any more are ended, and the attempts that stood claimed are listed, to be settled while the
    /// hub serves.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn take_stock(&self) -> Result<Vec<Delivery>, HubError> {
        for check in self.store.open_checks().await? {
            self.time_out(check.id).await?;
        }
        Ok(self.store.claimed_before_start().await?)
    }

    /// Ends the identity checks that nobody can be waiting for any more, whichever process they were asked
    /// in. Younger ones may be another's. A check's id holds when it was asked.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn end_lost_checks(&self) -> Result<(), HubError> {
        let now = self.store.clock().real().micros() / 1_000_000;
        let asked = |check: CheckId| check.uuid().get_timestamp().map_or(0, |at| at.to_unix().0);
        for check in self.store.open_checks().await? {
            let age = now.saturating_sub(i64::try_from(asked(check.id)).unwrap_or(i64::MAX));
            if age > CHECK_WAITED_SECONDS {
                self.time_out(check.id).await?;
            }
        }
        Ok(())
    }

    async fn time_out(&self, check: CheckId) -> Result<(), HubError> {
        let gone = AnswerIdentity { check, status: CheckStatus::TimedOut, result: None };
        let command = self.own(casework::Action::AnswerIdentity(gone));
        self.store.commit(Order::plain(command, Lane::Outcomes)).await?;
        Ok(())
    }
}
