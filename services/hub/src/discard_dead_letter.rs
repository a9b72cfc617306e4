//! A dead letter that will never be sent: its owner's officer asks, a second person agrees.

use casework::{Caller, Change, Code, DeliveryId};
use policies::Act;

use crate::error::not_found;
use crate::permits::ask;
use crate::submit_referral::idempotency;
use crate::{ApprovalView, Hub, HubError, Key};

/// Why a dead letter is given up.
const REASONS: &str = "discard_reasons.csv";

impl Hub {
    /// Asks for a dead letter of the caller's agency to be discarded.
    ///
    /// # Errors
    /// `unknown-code`; `delivery-moved` where it waits for nobody; `not-found` where it is not the agency's.
    pub async fn ask_discard(
        &self,
        caller: &Caller,
        id: DeliveryId,
        reason: Code,
        key: &Key,
    ) -> Result<ApprovalView, HubError> {
        self.known_code(REASONS, &reason)?;
        let route = format!("POST /v1/dead-letters/{id}/discard");
        let once = idempotency(caller, key, &route, reason.as_str().as_bytes());
        if let Some(asked) = self.approval_before(caller, &once).await? {
            return Ok(asked);
        }
        let of = |held: &casework::Delivery| {
            held.owner.as_ref() == Some(&caller.agency) || held.from == caller.agency
        };
        let permit = self.permit(&ask(caller, Act::ManageDelivery, None))?;
        let held = self.store.delivery(id).await?.filter(of).ok_or_else(not_found)?;
        let change = Change::DiscardDeadLetter { delivery: id, referral: held.referral, reason };
        self.ask_approval(caller, change, permit, once, None).await
    }
}
