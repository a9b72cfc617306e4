//! An agency that fetches says that its system has a message: the delivery is delivered. That an officer read
//! it, or what the agency decides, is something else.

use casework::{Action, Caller, Command, DeliveryId, DeliveryStatus, DeliveryStep, Outcome, Refusal};
use policies::Act;
use store::{Committed, Lane, Order};

use crate::error::not_found;
use crate::permits::ask;
use crate::{Hub, HubError, measure};

impl Hub {
    /// Acknowledges one fetched message; twice is as good as once.
    ///
    /// # Errors
    /// `not-permitted` for whoever may not fetch; `not-found` where it is not the caller's;
    /// `delivery-moved` where it was not fetched.
    pub async fn acknowledge_delivery(&self, caller: &Caller, id: DeliveryId) -> Result<(), HubError> {
        let permit = self.permit(&ask(caller, Act::Receive, None))?;
        let found = self.store.delivery(id).await?;
        let delivery = found.filter(|held| held.to == caller.agency).ok_or_else(not_found)?;
        if delivery.status == DeliveryStatus::Delivered {
            return Ok(());
        }
        // Good news counts even late: after its lease ended, or out of a dead letter.
        let action = Action::Outcome(Outcome {
            delivery: id,
            attempt: delivery.attempts,
            step: DeliveryStep::Delivered,
            reason: None,
            evidence: None,
        });
        if failpoint::planted("acknowledged-without-commit") {
            return Ok(());
        }
        let (actor, via) = (caller.actor, caller.via);
        let command = Command { actor, via, permit: Some(permit), commitment: None, action };
        match self.store.commit(Order::plain(command, Lane::Outcomes)).await? {
            Committed::Done(_) => {
                measure::outcome(&delivery, DeliveryStep::Delivered, &*self.store);
                Ok(())
            }
            _ => Err(Refusal::DeliveryMoved.into()),
        }
    }
}
