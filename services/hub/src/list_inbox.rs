//! An agency that fetches gets its waiting messages: each is claimed and written down as shown before the
//! answer is rendered. What was fetched and not acknowledged comes again when its lease ends.

use casework::{Caller, Delivery, DeliveryStatus};
use futures_util::future::join_all;
use policies::Act;
use serde_json::Value;

use crate::permits::ask;
use crate::{Hub, HubError};

/// Messages given at a time.
const MESSAGES_MAX: i64 = 50;

impl Hub {
    /// The caller's waiting messages, oldest first, each cut down to what it may see.
    ///
    /// # Errors
    /// Where policies or keys are in doubt, or the store fails: nothing is shown then.
    pub async fn list_inbox(&self, caller: &Caller, limit: u32) -> Result<Vec<Value>, HubError> {
        self.permit(&ask(caller, Act::Receive, None))?;
        let limit = i64::from(limit).clamp(1, MESSAGES_MAX);
        let waiting = self.store.inbox(caller.agency.clone(), limit).await?;
        let fresh = waiting.into_iter().filter(|held| held.status != DeliveryStatus::Sent);
        // Claimed side by side, so that one commit takes them all; in the order in which they came.
        let shown = join_all(fresh.map(|delivery| self.claim_for_inbox(delivery))).await;
        shown.into_iter().filter_map(Result::transpose).collect()
    }

    /// One message, once its claim is committed; `None` where somebody was faster or it is no longer allowed.
    async fn claim_for_inbox(&self, delivery: Delivery) -> Result<Option<Value>, HubError> {
        let id = delivery.id;
        let Some(prepared) = self.prepare(delivery, None).await? else {
            self.refuse_by_policy(id).await?;
            return Ok(None);
        };
        let claimed = self.claim(&prepared).await?;
        Ok(claimed.map(|_| prepared.outgoing.to_value()))
    }
}
