//! A clock that nobody stopped in time climbs one rung of its ladder: an entry, a message to whoever has to
//! see to it next, and for the last rungs an end. Safe to ask for twice, late, and by several hubs: the rules
//! let each rung be climbed once.

use casework::{
    Action, DeliveryId, DeliveryStatus, Effect, Escalate, Event, MessageKind, ObjectId, Priority, Referral,
    Rung, Status, Told, Whom,
};
use serde_json::json;
use store::{Committed, Lane, Order, OverdueClock};
use uuid::Uuid;

use crate::error::not_found;
use crate::keep_body::Kept;
use crate::{Hub, HubError, measure};

impl Hub {
    /// Climbs the next rung of every clock that is overdue now; how many were climbed. One that fails keeps
    /// no other from being climbed, and comes again.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn escalate_overdue(&self) -> Result<usize, HubError> {
        let mut climbed = 0_usize;
        for late in self.store.overdue().await? {
            match self.escalate_clock(late).await {
                Ok(true) => climbed = climbed.saturating_add(1),
                Ok(false) => {}
                Err(error) => {
                    let (referral, clock, problem) = (late.referral, late.clock.as_str(), error.slug());
                    tracing::error!(%referral, clock, problem, "an overdue clock could not be escalated");
                }
            }
        }
        Ok(climbed)
    }

    /// Climbs one rung; false where another was faster.
    async fn escalate_clock(&self, late: OverdueClock) -> Result<bool, HubError> {
        let Some(rung) = self.directory.rung(late.clock, late.rung) else { return Ok(false) };
        let referral = self.store.referral(late.referral).await?.ok_or_else(not_found)?;
        let rung = &casework::rung_for(rung, &referral);
        let told = Told { delivery: DeliveryId::new(Uuid::now_v7()), object: ObjectId::new(Uuid::now_v7()) };
        let carried = match referral.status {
            Status::Requested => self.carrier_of(referral.id).await?,
            _ => None,
        };
        let hidden = carried.as_ref().is_some_and(|letter| letter.status == DeliveryStatus::Held);
        let silent = rung.whom == Whom::Hub || (rung.whom == Whom::Receiver && hidden);
        let notice = if silent { None } else { Some(self.notice(&referral, late, rung, told.object).await?) };
        let asked = Escalate {
            referral: late.referral,
            delivery: late.delivery,
            carried: carried.map(|letter| letter.id),
            clock: late.clock,
            rung: late.rung,
            told,
            also: DeliveryId::new(Uuid::now_v7()),
        };
        let mut order = Order::plain(self.own(Action::Escalate(asked)), lane(&referral));
        if let Some(kept) = &notice {
            order.command.commitment = Some(kept.commitment.clone());
            (order.body, order.case_key) = (Some(kept.body.clone()), kept.case_key);
        }
        let climbed = match self.store.commit(order).await? {
            Committed::Done(done) => done.entries,
            _ => return Ok(false),
        };
        for entry in &climbed {
            if let Event::Overdue(step) = &entry.event {
                tell_operator(&referral, step);
            }
        }
        self.bell.notify_one();
        Ok(true)
    }

    /// The sealed notice.
    async fn notice(
        &self,
        referral: &Referral,
        late: OverdueClock,
        rung: &Rung,
        object: ObjectId,
    ) -> Result<Kept, HubError> {
        let notice = json!({
            "schema": "referral.overdue/v1",
            "clock": late.clock.as_str(),
            "rung": late.rung,
            "role": rung.role.as_str(),
            "due": late.due.to_string(),
            "effect": effect(rung.effect),
        });
        let bytes = notice.to_string().into_bytes();
        let message = self.schemas.check(Some(MessageKind::Overdue), &bytes)?;
        self.keep(referral.case, false, object, &message, (&bytes).into()).await
    }
}

/// Every rung is counted; the last ones, where the hub itself is told, are an alarm.
fn tell_operator(referral: &Referral, step: &casework::Overdue) {
    measure::overdue(step);
    if step.whom == casework::AgencyCode::hub() {
        let (id, clock, to) = (referral.id, step.clock.as_str(), &referral.to);
        tracing::error!(alarm = "clock-unanswered", referral = %id, clock, %to, "a ladder reached the hub");
        measure::alarm("clock-unanswered");
    }
}

const fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Tell => "tell",
        Effect::Expire => "expire",
        Effect::Lapse => "lapse",
        Effect::Withdraw => "withdraw",
    }
}

fn lane(referral: &Referral) -> Lane {
    if referral.priority == Priority::Emergency { Lane::Emergency } else { Lane::Outcomes }
}
