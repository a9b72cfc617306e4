//! A sender takes a message back while that is safe: nobody was shown it, or every attempt ended in a way
//! that proves that nothing arrived. What may have arrived is never taken back. A request that is taken back
//! calls its referral off, as a cancellation before the first attempt does.

use crate::delivery::moved;
use crate::referral::called_back;
use crate::{
    AgencyCode, ClockChange, Code, Delivery, DeliveryId, DeliveryMoved, DeliveryStatus, DeliveryStep, Event,
    MessageKind, ReferralId, Refusal, State, Status,
};

/// Reasons of attempts after which the agency certainly does not have the message: no connection, or its
/// system said so. The adapters' rule for `Later`; what is not here may have arrived.
const NOT_TAKEN: &[&str] = &[
    "name-unresolved",
    "unreachable",
    "tls-failed",
    "credentials",
    "too-many-requests",
    "agency-unavailable",
    "no-turn",
    "left-alone",
];

/// Takes a message back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdraw {
    /// Which.
    pub delivery: DeliveryId,
    /// Its referral.
    pub referral: ReferralId,
    /// Who asks: its sender.
    pub agency: AgencyCode,
    /// How many attempts the caller looked at, all of which proved that nothing arrived.
    pub attempts: u32,
    /// Why, coded.
    pub reason: Code,
}

/// Does this reason prove that the agency does not have the message?
#[must_use]
pub fn proves_not_taken(reason: &Code) -> bool {
    NOT_TAKEN.contains(&reason.as_str())
}

/// May its sender take it back, as far as its own state tells?
///
/// # Errors
/// `DeliveryMoved` where it waits for nothing, `OutcomeUnknown` where it may have arrived.
pub fn may_withdraw(held: &Delivery) -> Result<(), Refusal> {
    let waits = held.status.in_flight() && held.status != DeliveryStatus::Sent;
    if !waits || held.message == MessageKind::Overdue {
        return Err(Refusal::DeliveryMoved);
    }
    let replayed = held.status == DeliveryStatus::Queued && held.reason.is_none();
    let safe = held.attempts == 0 || replayed || held.reason.as_ref().is_some_and(proves_not_taken);
    if safe { Ok(()) } else { Err(Refusal::OutcomeUnknown) }
}

pub(crate) fn withdraw(state: &State, asked: &Withdraw) -> Result<Vec<Event>, Refusal> {
    let held = state.deliveries.get(&asked.delivery).filter(|held| held.from == asked.agency);
    let held = held.ok_or(Refusal::NotFound)?;
    may_withdraw(held)?;
    // Another attempt was made since the caller looked.
    if held.attempts != asked.attempts {
        return Err(Refusal::DeliveryMoved);
    }
    let mut events = Vec::new();
    if held.message == MessageKind::Request {
        let of = state.referrals.get(&held.referral).ok_or(Refusal::NotFound)?;
        match of.status {
            Status::Requested => events.push(Event::Moved(called_back(of, Some(&asked.reason), None))),
            ended if ended.terminal() => {}
            // The receiver has it, whatever its system said.
            _ => return Err(Refusal::OutcomeUnknown),
        }
    }
    let reason = Some(asked.reason.clone());
    events.push(Event::Delivery(DeliveryMoved { reason, ..withdrawn(held) }));
    Ok(events)
}

/// Calls it back.
pub(crate) fn withdrawn(held: &Delivery) -> DeliveryMoved {
    let mut event = moved(held, DeliveryStep::Withdrawn, DeliveryStatus::Withdrawn);
    event.clocks.extend(held.clocks.iter().map(|clock| ClockChange::Stop { clock: clock.kind }));
    event
}
