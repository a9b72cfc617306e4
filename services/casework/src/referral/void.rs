//! What ends a referral besides its parties' steps: two people of its sender say that it should never have
//! been, or that its request will never be sent. Both come by approval (`register/approval.rs`).

use crate::{
    AgencyCode, Clock, ClockChange, ClockKind, Code, Delivery, Event, MessageKind, Moved, NewDelivery, Now,
    ObjectId, Referral, ReferralId, Refusal, Rules, Standing, State, Status, Timestamp, delivery, withdraw,
};

/// Why a referral is cancelled whose request will never be sent.
const UNDELIVERED: &str = "undelivered";

fn find<'a>(state: &'a State, id: ReferralId, agency: &AgencyCode) -> Result<&'a Referral, Refusal> {
    state.referrals.get(&id).filter(|held| held.has_party(agency)).ok_or(Refusal::NotFound)
}

/// May this agency's people void it now? Its sender's, whatever became of it, once.
pub(crate) fn may_void(state: &State, id: ReferralId, agency: &AgencyCode) -> Result<(), Refusal> {
    let held = find(state, id, agency)?;
    if super::allowed(held, agency, MessageKind::Void) {
        return Ok(());
    }
    let allowed = super::allowed_steps(held, agency);
    Err(Refusal::InvalidTransition { step: MessageKind::Void, status: held.status, allowed })
}

/// It should never have been. A receiver that was shown something has to remove it and to say so; what nobody
/// was shown is called back, and that is all.
pub(crate) fn void(
    state: &State,
    id: ReferralId,
    reason: &Code,
    object: ObjectId,
    standing: &Standing,
    rules: &Rules,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let held = state.referrals.get(&id).ok_or(Refusal::NotFound)?;
    let voided = Moved {
        reason: Some(reason.clone()),
        object: Some(object),
        ..ended(held, MessageKind::Void, Status::EnteredInError)
    };
    if let Some(letter) = unshown(state, standing, id) {
        let back = delivery::withdrawable(letter).then(|| Event::Delivery(withdraw::withdrawn(letter)));
        return Ok([Event::Moved(voided)].into_iter().chain(back).collect());
    }
    let told = NewDelivery { delivery: standing.told.delivery, to: held.to.clone() };
    Ok(vec![Event::Moved(Moved {
        owner: Some(held.from.clone()),
        delivery: Some(told),
        ..with(voided, held, ClockKind::Purge, rules, now.unclamped)
    })])
}

/// The request that nobody was shown; an attempt counts as shown, whatever came of it.
fn unshown<'a>(state: &'a State, standing: &Standing, id: ReferralId) -> Option<&'a Delivery> {
    let letter = standing.carried.and_then(|id| state.deliveries.get(&id))?;
    let carries = letter.referral == id && letter.message == MessageKind::Request;
    (carries && letter.attempts == 0).then_some(letter)
}

/// Its request will never be sent: the sender has the child, and has to refer elsewhere. Only where nobody at
/// the receiver has opened it by another way.
pub(crate) fn undelivered(held: &Referral, rules: &Rules, now: Timestamp) -> Option<Event> {
    let waits = held.status == Status::Requested;
    let cancelled = || Moved {
        reason: UNDELIVERED.parse().ok(),
        owner: Some(held.from.clone()),
        ..with(
            ended(held, MessageKind::CancelRequest, Status::Cancelled),
            held,
            ClockKind::Reroute,
            rules,
            now,
        )
    };
    waits.then(|| Event::Moved(cancelled()))
}

/// The end of everything that ran.
fn ended(held: &Referral, step: MessageKind, status: Status) -> Moved {
    let stop = |clock: &Clock| ClockChange::Stop { clock: clock.kind };
    Moved {
        referral: held.id,
        step,
        version: held.version.saturating_add(1),
        status,
        owner: None,
        reason: None,
        previous: None,
        suggested: None,
        clocks: held.clocks.iter().map(stop).collect(),
        object: None,
        delivery: None,
        replaced_by: held.replaced_by,
        case: None,
    }
}

fn with(mut moved: Moved, held: &Referral, clock: ClockKind, rules: &Rules, now: Timestamp) -> Moved {
    let due = rules.due(clock, held.priority, now);
    moved.clocks.extend(due.map(|due| ClockChange::Start { clock, due }));
    moved
}
