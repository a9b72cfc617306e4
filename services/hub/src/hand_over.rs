//! A message goes to an agency: policy again, open, minimise, claim the attempt, call, record what came of
//! it. The claim, with its attempt number and what will be shown, is committed before the first byte leaves.
//! Also what an agency that fetches is given (`list_inbox.rs`).

use adapters::{Exchange, Outgoing};
use casework::{
    Action, Attempt, CaseReference, Categories, Command, Delivery, DeliveryId, DeliveryStatus, Referral, Via,
};
use policies::{Act, Ask, Decision, Disclosure};
use store::{Committed, Lane, Order, SealedBody};

use crate::{Hub, HubError};

/// What became of a hand-over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandedOver {
    /// It came to rest: delivered, refused or undeliverable.
    Rested,
    /// It waits for another attempt.
    Waits,
    /// Somebody else has it or it is finished: nothing was done.
    NotOurs,
}

/// A message opened and cut down for one recipient.
pub(crate) struct Prepared {
    pub delivery: Delivery,
    pub outgoing: Outgoing,
    pub shown: Categories,
}

impl Hub {
    /// Hands one delivery over to its agency's system; `carried` is the body the queue brought, if it did.
    ///
    /// # Errors
    /// Where the store fails or keys or policies are in doubt; the delivery then stays as it was.
    pub async fn hand_over(
        &self,
        id: DeliveryId,
        carried: Option<SealedBody>,
    ) -> Result<HandedOver, HubError> {
        let Some(delivery) = self.waiting(id).await? else { return Ok(HandedOver::NotOurs) };
        let Some(prepared) = self.prepare(delivery, carried).await? else {
            return self.refuse_by_policy(id).await;
        };
        let Some(attempt) = self.claim(&prepared).await? else { return Ok(HandedOver::NotOurs) };
        let exchange = self.exchange(&prepared, attempt).await;
        self.record_delivery(&prepared.delivery, attempt, exchange).await
    }

    async fn waiting(&self, id: DeliveryId) -> Result<Option<Delivery>, HubError> {
        let found = self.store.delivery(id).await?;
        let ready =
            |held: &Delivery| matches!(held.status, DeliveryStatus::Queued | DeliveryStatus::WaitingForRetry);
        Ok(found.filter(ready))
    }

    /// Asks the policies, opens the body and removes what the recipient does not need; `None`: not allowed.
    pub(crate) async fn prepare(
        &self,
        delivery: Delivery,
        carried: Option<SealedBody>,
    ) -> Result<Option<Prepared>, HubError> {
        let referral = self.store.referral(delivery.referral).await?.ok_or_else(crate::error::not_found)?;
        if !self.may_receive(&delivery, &referral)? {
            return Ok(None);
        }
        let body = match carried.filter(|body| body.object == delivery.object) {
            Some(body) => body,
            None => self.store.body(delivery.object).await?.ok_or_else(crate::error::not_found)?,
        };
        let opened = self.open(&body)?;
        let message = self.schemas.check(Some(delivery.message), opened.bytes.expose())?;
        let allowed = self.allowed(&delivery, &referral)?;
        let cut = self.schemas.minimise(message.kind, message.version, &message.value, &allowed);
        let shown = message.categories.difference(&cut.withheld).copied().collect();
        let outgoing = Outgoing {
            delivery: delivery.id,
            attempt: delivery.attempts.saturating_add(1),
            message: message.kind,
            version: message.version,
            referral: Some(referral.id),
            check: None,
            case: referral.case,
            reference: CaseReference::of(referral.case).to_string(),
            from: delivery.from.clone(),
            to: delivery.to.clone(),
            service: Some(referral.service.clone()),
            priority: referral.priority,
            sent_at: delivery.created,
            withheld: cut.withheld,
            body: only_own(cut.value, &referral),
        };
        Ok(Some(Prepared { delivery, outgoing, shown }))
    }

    fn may_receive(&self, delivery: &Delivery, referral: &Referral) -> Result<bool, HubError> {
        let ask = Ask {
            agency: delivery.to.clone(),
            roles: vec!["system".to_owned()],
            act: Act::Receive,
            counterpart: Some(delivery.from.clone()),
            message: Some(delivery.message),
            service: Some(referral.service.clone()),
            purpose: Some(referral.purpose.clone()),
            basis: Some(referral.basis.clone()),
            urgency: Some(referral.priority),
            read_version: None,
        };
        match self.policies.permit(&ask) {
            Decision::Permitted(_) => Ok(true),
            Decision::Denied { .. } => Ok(false),
            Decision::Failed { error } => {
                tracing::error!(alarm = "policy-error", %error, "a policy failed at hand-over; not sent");
                Err(HubError::InDoubt("the policies cannot be asked; an operator has been alarmed"))
            }
        }
    }

    /// The categories a recipient of this message may see.
    pub(crate) fn allowed(&self, delivery: &Delivery, referral: &Referral) -> Result<Categories, HubError> {
        let mask = self.policies.mask(&Disclosure {
            recipient: delivery.to.clone(),
            sender: delivery.from.clone(),
            message: delivery.message,
            service: Some(referral.service.clone()),
            purpose: referral.purpose.clone(),
            basis: referral.basis.clone(),
            urgency: referral.priority,
        });
        match mask.failed {
            None => Ok(mask.allowed),
            Some(error) => {
                tracing::error!(alarm = "policy-error", %error, "a mask could not be decided; not sent");
                Err(HubError::InDoubt("the masks cannot be decided; an operator has been alarmed"))
            }
        }
    }

    /// Commits the attempt; `None` where another worker was first.
    pub(crate) async fn claim(&self, prepared: &Prepared) -> Result<Option<u32>, HubError> {
        let action = Action::Attempt(Attempt {
            delivery: prepared.delivery.id,
            shown: prepared.shown.clone(),
            withheld: prepared.outgoing.withheld.clone(),
        });
        match self.store.commit(Order::plain(self.own(action), Lane::Outcomes)).await? {
            Committed::Done(_) => Ok(Some(prepared.outgoing.attempt)),
            _ => Ok(None),
        }
    }

    async fn exchange(&self, prepared: &Prepared, attempt: u32) -> Exchange {
        let to = &prepared.delivery.to;
        let (Some(agency), Some(link)) = (self.adapters.agency(to), self.links.get(to)) else {
            return broken("no-adapter");
        };
        tracing::debug!(delivery = %prepared.delivery.id, attempt, to = %to, "handing over");
        agency.exchange(link, &prepared.outgoing).await
    }

    /// The agreement ended between acceptance and hand-over: claimed, so that the ledger shows it, and
    /// refused.
    pub(crate) async fn refuse_by_policy(&self, id: DeliveryId) -> Result<HandedOver, HubError> {
        let action =
            Action::Attempt(Attempt { delivery: id, shown: Categories::new(), withheld: Categories::new() });
        let claimed = self.store.commit(Order::plain(self.own(action), Lane::Outcomes)).await?;
        let (Committed::Done(_), Some(delivery)) = (claimed, self.store.delivery(id).await?) else {
            return Ok(HandedOver::NotOurs);
        };
        let code = code("not-permitted");
        self.record_delivery(&delivery, delivery.attempts, Exchange::Refused { code }).await
    }

    /// A command of the hub itself.
    pub(crate) const fn own(&self, action: Action) -> Command {
        Command { actor: self.itself, via: Via::Hub, permit: None, commitment: None, action }
    }
}

/// A recipient learns of the service asked of it, not whom else the child was referred to.
pub(crate) fn only_own(mut body: serde_json::Value, referral: &Referral) -> serde_json::Value {
    let addressed = referral.addressed.as_ref().unwrap_or(&referral.to);
    let own = serde_json::json!({ "agency": addressed, "service": referral.service });
    if let Some(list) = body.get_mut("recipients").and_then(serde_json::Value::as_array_mut) {
        list.retain(|to| *to == own);
    }
    body
}

fn broken(slug: &'static str) -> Exchange {
    Exchange::Broken { class: code(slug) }
}

/// A code of our own; every slug in this crate is shaped like one.
#[expect(
    clippy::expect_used,
    reason = "every slug is a literal shaped like a code, and tests pass through each"
)]
pub(crate) fn code(slug: &'static str) -> casework::Code {
    slug.parse().expect("slugs are shaped like codes")
}
