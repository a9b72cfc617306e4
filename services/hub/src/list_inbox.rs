//! An agency that fetches gets its waiting messages: each is claimed and written down as shown before the
//! answer is rendered. What was fetched and not acknowledged comes again when its lease ends.

use casework::{Caller, Delivery, DeliveryStatus, Document};
use futures_util::future::join_all;
use policies::Act;

use crate::hand_over::{Claimed, Readied, broken, refused};
use crate::permits::ask;
use crate::{Hub, HubError};

/// Messages given at a time.
const MESSAGES_MAX: i64 = 50;

impl Hub {
    /// The caller's waiting messages, oldest first, each cut down to what it may see.
    ///
    /// # Errors
    /// Where policies or keys are in doubt, or the store fails: nothing is shown then.
    pub async fn list_inbox(&self, caller: &Caller, limit: u32) -> Result<Vec<Document>, HubError> {
        self.permit(&ask(caller, Act::Receive, None))?;
        self.may_disclose().await?;
        let limit = i64::from(limit).clamp(1, MESSAGES_MAX);
        let waiting = self.store.inbox(caller.agency.clone(), limit).await?;
        let kept = self.kept().await?;
        let off = |held: &Delivery| kept.switch(&held.to, held.message).is_some();
        let fresh = waiting.into_iter().filter(|held| held.status != DeliveryStatus::Sent && !off(held));
        // Claimed side by side, so that one commit takes them all; in the order in which they came.
        let shown = join_all(fresh.map(|delivery| self.claim_for_inbox(delivery))).await;
        // One that fails spoils no other: what is claimed is shown, or the ledger would say what is not true.
        Ok(shown.into_iter().flatten().collect())
    }

    /// One message, once its claim is committed; `None` where somebody was faster, it is no longer allowed,
    /// or it cannot be read now.
    async fn claim_for_inbox(&self, delivery: Delivery) -> Option<Document> {
        let referral = match self.store.referral(delivery.referral).await {
            Ok(referral) => referral,
            Err(error) => return unshown(&delivery, &error.into()),
        };
        let claimed = match self.prepare(delivery.clone(), referral, None).await {
            Ok(Readied::Ready(prepared)) => {
                // One whose referral moved just now comes with the next look.
                let ours = self.claim(&prepared).await.map(|claimed| matches!(claimed, Claimed::Ours(_)));
                ours.map(|ours| ours.then(|| prepared.outgoing.to_inbox()))
            }
            Ok(Readied::Not(why)) => self.rest_unsent(&delivery, refused(why)).await.map(|_| None),
            Err(error) if error.is_passing() => Err(error),
            Err(_) => self.rest_unsent(&delivery, broken("unreadable-body")).await.map(|_| None),
        };
        claimed.unwrap_or_else(|error| unshown(&delivery, &error))
    }
}

fn unshown(delivery: &Delivery, error: &HubError) -> Option<Document> {
    tracing::error!(delivery = %delivery.id, problem = error.slug(), "a message could not be shown");
    None
}
