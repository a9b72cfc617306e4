//! A sender takes a message back while that is safe. The attempts are looked at in the ledger: only where
//! each one proves that nothing arrived is it asked for, and the rules see that none was made since.

use casework::{
    Action, Caller, Code, Command, Delivery, DeliveryId, DeliveryStep, Event, MessageKind, Refusal, Withdraw,
    may_withdraw, proves_not_taken,
};
use policies::Act;
use store::{Committed, Lane, Order};

use crate::error::not_found;
use crate::permits::ask;
use crate::show_referral::DeliveryView;
use crate::submit_referral::{idempotency, key_reused};
use crate::{Hub, HubError, Key};

/// Why a sender takes a message back.
const REASONS: &str = "cancel_reasons.csv";

impl Hub {
    /// Takes a message of the caller's back. One that carries a request calls its referral off.
    ///
    /// # Errors
    /// `outcome-unknown` where it may have arrived; `delivery-moved` where it did, or is being tried;
    /// `not-found` where it is not the caller's.
    pub async fn withdraw_delivery(
        &self,
        caller: &Caller,
        id: DeliveryId,
        reason: Code,
        key: &Key,
    ) -> Result<DeliveryView, HubError> {
        let mine = |held: &Delivery| held.from == caller.agency && held.message != MessageKind::Overdue;
        let permit = self.permit(&ask(caller, Act::ManageDelivery, None))?;
        let held = self.store.delivery(id).await?.filter(mine).ok_or_else(not_found)?;
        self.known_code(REASONS, &reason)?;
        let route = format!("POST /v1/deliveries/{id}/withdraw");
        let idempotency = idempotency(caller, key, &route, reason.as_str().as_bytes());
        if self.store.seen(&idempotency).await?.is_none() {
            self.never_arrived(&held).await?;
        }
        let (delivery, referral, attempts) = (id, held.referral, held.attempts);
        let asked = Withdraw { delivery, referral, agency: caller.agency.clone(), attempts, reason };
        let (actor, via, action) = (caller.actor, caller.via, Action::Withdraw(asked));
        let command = Command { actor, via, permit: Some(permit), commitment: None, action };
        let mut order = Order::plain(command, Lane::Outcomes);
        order.idempotency = Some(idempotency);
        order.trace = crate::trace_context::current();
        match self.store.commit(order).await? {
            Committed::Done(_) | Committed::Replayed { .. } => {}
            Committed::KeyReused => return Err(key_reused()),
            Committed::Refused(refusal) => return Err(refusal.into()),
        }
        self.let_next_go(&held).await;
        let now = self.store.delivery(id).await?.ok_or_else(not_found)?;
        Ok(self.delivery_view(&now, None, None))
    }

    /// Each attempt that was made has to have ended so that nothing can have arrived.
    async fn never_arrived(&self, held: &Delivery) -> Result<(), HubError> {
        may_withdraw(held)?;
        if held.attempts == 0 {
            return Ok(());
        }
        let mut proven = 0_u32;
        for found in self.store.history(held.referral).await? {
            if let Event::Delivery(step) = found.entry.event
                && step.delivery == held.id
                && step.step == DeliveryStep::Retry
                && step.reason.as_ref().is_some_and(proves_not_taken)
            {
                proven = proven.saturating_add(1);
            }
        }
        if proven == held.attempts { Ok(()) } else { Err(Refusal::OutcomeUnknown.into()) }
    }
}
