//! An attempt whose worker died ends in an entry all the same: its outcome is unknown, and is weighed like
//! any other unknown outcome.

use adapters::Exchange;
use casework::{AnswerIdentity, CheckStatus, DeliveryId, DeliveryStatus};
use store::{Lane, Order};

use crate::hand_over::code;
use crate::{HandedOver, Hub, HubError};

impl Hub {
    /// Settles one abandoned attempt.
    ///
    /// # Errors
    /// Where the store fails; the sweeper comes again.
    pub async fn settle_abandoned(&self, id: DeliveryId) -> Result<HandedOver, HubError> {
        let Some(delivery) = self.store.delivery(id).await? else { return Ok(HandedOver::NotOurs) };
        if delivery.status != DeliveryStatus::Sent {
            return Ok(HandedOver::NotOurs);
        }
        let lost = Exchange::Unknown { class: code("worker-lost") };
        self.record_delivery(&delivery, delivery.attempts, lost).await
    }

    /// What a dead process left behind, before anything new comes in: identity checks nobody waits for any
    /// more are ended, and the attempts that stood claimed are listed, to be settled while the hub serves.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn take_stock(&self) -> Result<Vec<DeliveryId>, HubError> {
        for check in self.store.open_checks().await? {
            let gone = AnswerIdentity { check: check.id, status: CheckStatus::TimedOut, result: None };
            let command = self.own(casework::Action::AnswerIdentity(gone));
            self.store.commit(Order::plain(command, Lane::Outcomes)).await?;
        }
        Ok(self.store.claimed_before_start().await?)
    }
}
