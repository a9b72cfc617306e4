//! A message goes to an agency: policy again, open, minimise, claim the attempt, call, record what came of
//! it. The claim, with its attempt number and what will be shown, is committed before the first byte leaves.
//! Also what an agency that fetches is given (`list_inbox.rs`).

use std::time::Duration;

use adapters::{Exchange, Outgoing};
use casework::{
    Action, Attempt, CaseReference, Categories, Command, Delivery, DeliveryId, DeliveryStatus, Mapped,
    Permit, Referral, Refusal, TimeSource, Timestamp, Via,
};
use policies::{Act, Ask, Decision};
use store::{Committed, Handing, Lane, Order, SealedBody};

use crate::breaker::Admitted;
use crate::cut_down::Sight;
use crate::keep_body::Opened;
use crate::unharmed::unharmed;
use crate::{Hub, HubError, agency_call, measure};

/// One attempt's call, all its steps together; less than the lease by what asking and committing take.
const EXCHANGE_MAX: Duration = Duration::from_secs(30);

/// A referral that moves while its message is prepared is looked at again, so often.
const LOOKS_MAX: usize = 3;
/// Then it waits so long.
const MOVED_WAIT_SECONDS: i64 = 1;

/// What became of a hand-over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandedOver {
    /// It came to rest: delivered, refused, undeliverable or expired.
    Rested,
    /// It waits for another attempt.
    Waits,
    /// Somebody else has it or it is finished: nothing was done.
    NotOurs,
}

/// What a queue brought.
#[derive(Debug, Clone)]
pub struct Carried {
    /// The sealed body.
    pub body: SealedBody,
    /// Attempts that had been made when it was handed to the queue, where that is said.
    pub attempts: Option<u32>,
}

/// May it be handed over?
pub(crate) enum Readied {
    /// Yes, so.
    Ready(Box<Prepared>),
    /// No, for this reason: it comes to rest as refused.
    Not(&'static str),
}

/// Whose is the next attempt?
pub(crate) enum Claimed {
    /// Ours: its number.
    Ours(u32),
    /// Nobody's yet: the referral moved since the policies were asked, so they are to be asked again.
    Stale,
    /// Another's, or nobody's any more.
    NotOurs,
}

/// A message opened and cut down for one recipient.
pub(crate) struct Prepared {
    pub delivery: Delivery,
    pub permit: Permit,
    pub outgoing: Outgoing,
    pub shown: Categories,
}

/// Where a message stands before its call.
enum Ready {
    /// Claimed: this attempt.
    Go(Box<Prepared>, u32),
    /// It comes to rest, or waits, unsent.
    Rest(Exchange),
    /// Its referral moves faster than it can be prepared.
    Later,
    /// Somebody else has it.
    NotOurs,
}

impl Hub {
    /// Hands one delivery over to its agency's system; `carried` is what the queue brought, if it did.
    ///
    /// # Errors
    /// Where the store fails or keys or policies are in doubt; the delivery then stays as it was.
    pub async fn hand_over(&self, id: DeliveryId, carried: Option<Carried>) -> Result<HandedOver, HubError> {
        let after = carried.as_ref().and_then(|brought| brought.attempts);
        let Some(handing) = self.handing(id, after).await? else { return Ok(HandedOver::NotOurs) };
        // A queue may bring a parcel twice; the copy of one that failed must not cut its wait short. Its
        // number tells, not the time: the clock of the hub that found it due may be ahead of this one's.
        let is_copy = match (&carried, after) {
            (None, _) => false,
            (Some(_), Some(after)) => after != handing.delivery.attempts,
            (Some(_), None) => handing.delivery.attempts > 0 && !handing.is_due,
        };
        if is_copy {
            return Ok(HandedOver::NotOurs);
        }
        self.hand(handing, carried.map(|brought| brought.body)).await
    }

    /// The same for one that was found due some time ago, where it still is.
    ///
    /// # Errors
    /// As `hand_over`.
    pub async fn hand_over_if_due(&self, id: DeliveryId) -> Result<HandedOver, HubError> {
        match self.handing(id, None).await? {
            Some(handing) if handing.is_due => self.hand(handing, None).await,
            _ => Ok(HandedOver::NotOurs),
        }
    }

    async fn hand(&self, handing: Handing, carried: Option<SealedBody>) -> Result<HandedOver, HubError> {
        let Handing { delivery, referral, waits_for, .. } = handing;
        if !matches!(delivery.status, DeliveryStatus::Queued | DeliveryStatus::WaitingForRetry) {
            return Ok(HandedOver::NotOurs);
        }
        if waits_for.is_some() {
            return self.wait_in_line(&delivery).await;
        }
        let _place = self.turns.place(&delivery.to).await;
        // Only now: a place behind a slow system's calls may be long in coming.
        if let Some(until) = self.held_until(&delivery).await? {
            return self.postpone(&delivery, until).await;
        }
        let ticket = match self.breakers.admit(&delivery.to) {
            Admitted::Go(ticket) => ticket,
            Admitted::Wait(until) => return self.postpone(&delivery, until).await,
        };
        let (prepared, attempt) = match self.ready(&delivery, referral, carried).await? {
            Ready::Go(prepared, attempt) => (prepared, attempt),
            Ready::Rest(exchange) => return self.rest_unsent(&delivery, exchange).await,
            Ready::Later => {
                let until = self.store.clock().real().plus_seconds(MOVED_WAIT_SECONDS);
                return self.postpone(&delivery, until).await;
            }
            Ready::NotOurs => return Ok(HandedOver::NotOurs),
        };
        failpoint::here("S10");
        // With a delay: the call is on its way, and nobody sees its answer.
        failpoint::here("S11");
        let exchange = unharmed(self.exchange(&prepared, attempt)).await;
        let exchange = exchange.unwrap_or_else(|| Exchange::Unknown { class: code("panicked") });
        ticket.told(&exchange);
        self.note_line(&delivery.to, &exchange).await;
        failpoint::here("S12");
        self.record_delivery(&prepared.delivery, attempt, exchange).await
    }

    /// Until when nothing goes to its agency, if something holds it: a switch, a ledger that is suspect, the
    /// agency's own hours.
    async fn held_until(&self, delivery: &Delivery) -> Result<Option<Timestamp>, HubError> {
        if let Some(until) = self.switched_off(delivery).await? {
            return Ok(Some(until));
        }
        if let Some(until) = self.shown_later(delivery).await? {
            return Ok(Some(until));
        }
        let now = self.store.clock().real();
        Ok(self.adapters.agency(&delivery.to).and_then(|agency| agency.down_until(now)))
    }

    /// Prepared and claimed, for the referral as it stands at the claim; otherwise what is to become of it.
    async fn ready(
        &self,
        delivery: &Delivery,
        mut referral: Option<Referral>,
        mut carried: Option<SealedBody>,
    ) -> Result<Ready, HubError> {
        for _ in 0..LOOKS_MAX {
            let prepared = self.prepare(delivery.clone(), referral.take(), carried.take());
            let prepared = match unharmed(prepared).await {
                Some(Ok(Readied::Ready(prepared))) => prepared,
                Some(Ok(Readied::Not(why))) => return Ok(Ready::Rest(refused(why))),
                // Nothing was sent; it counts as an attempt all the same, or it would panic for ever.
                None => return Ok(Ready::Rest(later("panicked"))),
                Some(Err(error)) if error.is_passing() => return Err(error),
                Some(Err(error)) => {
                    let (id, problem) = (delivery.id, error.slug());
                    tracing::error!(delivery = %id, problem, "a message cannot be read; not sent");
                    return Ok(Ready::Rest(broken("unreadable-body")));
                }
            };
            match self.claim(&prepared).await? {
                Claimed::Ours(attempt) => return Ok(Ready::Go(prepared, attempt)),
                Claimed::NotOurs => return Ok(Ready::NotOurs),
                Claimed::Stale => referral = self.store.referral(delivery.referral).await?,
            }
        }
        Ok(Ready::Later)
    }

    /// Leaves it for later, unclaimed: no attempt is spent on a system that does not answer. One whose life
    /// is over waits no longer.
    pub(crate) async fn postpone(
        &self,
        delivery: &Delivery,
        until: Timestamp,
    ) -> Result<HandedOver, HubError> {
        if self.directory.life_is_over(delivery, self.store.now()) {
            return self.rest_unsent(delivery, later("left-alone")).await;
        }
        self.store.postpone(delivery.id, until).await?;
        self.bell.notify_one();
        Ok(HandedOver::Waits)
    }

    /// Asks the policies, opens the body and removes what the recipient does not need.
    pub(crate) async fn prepare(
        &self,
        delivery: Delivery,
        referral: Option<Referral>,
        carried: Option<SealedBody>,
    ) -> Result<Readied, HubError> {
        self.may_disclose().await?;
        let referral = referral.ok_or_else(crate::error::not_found)?;
        if !delivery.message.outlives_consent() && !referral.consent_holds(self.store.now()) {
            return Ok(Readied::Not("no-consent"));
        }
        let Some(mut permit) = self.may_receive(&delivery, &referral)? else {
            return Ok(Readied::Not("not-permitted"));
        };
        let opened = self.opened(&delivery, carried).await?;
        let message = self.schemas.reread(delivery.message, opened.bytes.expose())?;
        let mut cut = self.cut_down(&message, &Sight::of(&delivery, &referral))?;
        while !self.is_of_set_in_force(&permit) {
            let Some(anew) = self.may_receive(&delivery, &referral)? else {
                return Ok(Readied::Not("not-permitted"));
            };
            (permit, cut) = (anew, self.cut_down(&message, &Sight::of(&delivery, &referral))?);
        }
        let copy = self.copied(&delivery, &opened, &cut);
        let renamed = delivery.attempts > 0 && failpoint::planted("new-id-at-retry");
        let outgoing = Outgoing {
            delivery: if renamed { DeliveryId::new(uuid::Uuid::now_v7()) } else { delivery.id },
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
            reduced: cut.reduced,
            withheld: cut.withheld,
            copy,
            body: cut.value,
        };
        Ok(Readied::Ready(Box::new(Prepared { delivery, permit, outgoing, shown: cut.shown })))
    }

    /// The message: what the queue brought, if it is what was stored for this delivery, and otherwise what
    /// the database holds. The seal is over hub, case, object and schema, so anything else that was carried
    /// here, swapped or altered, does not open.
    async fn opened(&self, delivery: &Delivery, carried: Option<SealedBody>) -> Result<Opened, HubError> {
        let Some(carried) = carried else { return self.open_kept(delivery).await };
        if carried.object == delivery.object
            && let Ok(opened) = self.open(&carried).await
        {
            return Ok(opened);
        }
        let opened = self.open_kept(delivery).await?;
        let id = delivery.id;
        tracing::error!(alarm = "carried-body-differs", delivery = %id, "the queue brought another body");
        measure::carried_refused(&delivery.to);
        Ok(opened)
    }

    async fn open_kept(&self, delivery: &Delivery) -> Result<Opened, HubError> {
        let body = self.store.body(delivery.object).await?.ok_or_else(crate::error::not_found)?;
        self.open(&body).await
    }

    fn may_receive(&self, delivery: &Delivery, referral: &Referral) -> Result<Option<Permit>, HubError> {
        let ask = Ask {
            counterpart: Some(delivery.from.clone()),
            message: Some(delivery.message),
            service: Some(referral.service.clone()),
            purpose: Some(referral.purpose.clone()),
            basis: Some(referral.basis.clone()),
            urgency: Some(referral.priority),
            read_version: Some(referral.version),
            ..Ask::of(delivery.to.clone(), vec!["system".to_owned()], Act::Receive)
        };
        match self.policies.permit(&ask, self.moment()) {
            Decision::Permitted(permit) => Ok(Some(permit)),
            Decision::Denied { .. } => Ok(None),
            Decision::Failed { error } => {
                tracing::error!(alarm = "policy-error", %error, "a policy failed at hand-over; not sent");
                measure::alarm("policy-error");
                Err(HubError::InDoubt("the policies cannot be asked; it is logged as an alarm"))
            }
        }
    }

    /// Commits the attempt.
    pub(crate) async fn claim(&self, prepared: &Prepared) -> Result<Claimed, HubError> {
        if failpoint::planted("shown-without-claim") {
            return Ok(Claimed::Ours(prepared.outgoing.attempt));
        }
        let action = Action::Attempt(Attempt {
            delivery: prepared.delivery.id,
            referral: Some(prepared.delivery.referral),
            attempt: prepared.outgoing.attempt,
            shown: prepared.shown.clone(),
            reduced: prepared.outgoing.reduced.clone(),
            withheld: prepared.outgoing.withheld.clone(),
            mapped: self.mapped(prepared),
        });
        let command = Command { permit: Some(prepared.permit.clone()), ..self.own(action) };
        match self.store.commit(Order::plain(command, Lane::Outcomes)).await? {
            Committed::Done(_) => Ok(Claimed::Ours(prepared.outgoing.attempt)),
            Committed::Refused(Refusal::StalePermit) => Ok(Claimed::Stale),
            _ => Ok(Claimed::NotOurs),
        }
    }

    /// Schema and mapping of what is about to be sent.
    fn mapped(&self, prepared: &Prepared) -> Option<Mapped> {
        let agency = self.adapters.agency(&prepared.delivery.to)?;
        Some(Mapped { schema: prepared.outgoing.version, mapping: agency.mapping.clone() })
    }

    async fn exchange(&self, prepared: &Prepared, attempt: u32) -> Exchange {
        let to = &prepared.delivery.to;
        let (Some(agency), Some(link)) = (self.adapters.agency(to), self.links.get(to)) else {
            return broken("no-adapter");
        };
        tracing::debug!(delivery = %prepared.delivery.id, attempt, to = %to, "handing over");
        // Under the lease, so that the sweeper never settles an attempt that is still being made.
        let made =
            async { tokio::time::timeout(EXCHANGE_MAX, agency.exchange(link, &prepared.outgoing)).await };
        let bounded = async { made.await.unwrap_or_else(|_| Exchange::Unknown { class: code("timed-out") }) };
        let called = self.turns.call(to, agency_call::watched(agency, bounded)).await;
        called.unwrap_or_else(|| later("no-turn"))
    }

    /// A message that is not sent comes to rest all the same: claimed, so that the ledger shows it, with
    /// nothing shown, and then refused or left to a person.
    pub(crate) async fn rest_unsent(
        &self,
        delivery: &Delivery,
        exchange: Exchange,
    ) -> Result<HandedOver, HubError> {
        let attempt = delivery.attempts.saturating_add(1);
        let action = Action::Attempt(Attempt {
            delivery: delivery.id,
            referral: None,
            attempt,
            shown: Categories::new(),
            reduced: Categories::new(),
            withheld: Categories::new(),
            mapped: None,
        });
        match self.store.commit(Order::plain(self.own(action), Lane::Outcomes)).await? {
            Committed::Done(_) => self.record_delivery(delivery, attempt, exchange).await,
            _ => Ok(HandedOver::NotOurs),
        }
    }

    /// A command of the hub itself.
    pub(crate) const fn own(&self, action: Action) -> Command {
        Command { actor: self.itself, via: Via::Hub, permit: None, commitment: None, action }
    }
}

/// Policy says no.
pub(crate) fn refused(slug: &'static str) -> Exchange {
    Exchange::Refused { code: code(slug) }
}

/// It was not sent; another time it may be.
pub(crate) fn later(slug: &'static str) -> Exchange {
    Exchange::Later { class: code(slug), retry_after_s: None }
}

/// It cannot be sent as it stands.
pub(crate) fn broken(slug: &'static str) -> Exchange {
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
