//! Dead letters that will never be sent, because two people settled it (`register/approval.rs`). The message
//! keeps its place in the count of what was made: it rests as withdrawn.

use crate::delivery::{find, moved};
use crate::{
    AgencyCode, ClockChange, Code, DeliveryId, DeliveryStatus, DeliveryStep, Event, MessageKind, ReferralId,
    Refusal, Rules, State, Timestamp, referral,
};

/// May this agency's people give the dead letter up?
pub(crate) fn may_discard(
    state: &State,
    id: DeliveryId,
    referral: ReferralId,
    agency: &AgencyCode,
) -> Result<(), Refusal> {
    let held = find(state, id)?;
    if held.referral != referral {
        return Err(Refusal::NotFound);
    }
    if !held.status.is_dead() {
        return Err(Refusal::DeliveryMoved);
    }
    if held.owner.as_ref() == Some(agency) { Ok(()) } else { Err(Refusal::NotFound) }
}

/// It will never be sent; a referral that it should have asked for falls back to its sender.
pub(crate) fn discard(
    state: &State,
    id: DeliveryId,
    reason: &Code,
    rules: &Rules,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let held = find(state, id)?;
    let mut event = moved(held, DeliveryStep::Discarded, DeliveryStatus::Withdrawn);
    event.reason = Some(reason.clone());
    event.clocks.extend(held.clocks.iter().map(|clock| ClockChange::Stop { clock: clock.kind }));
    let asks = held.message == MessageKind::Request;
    let of = state.referrals.get(&held.referral).filter(|_| asks);
    let falls_back = of.and_then(|of| referral::undelivered(of, rules, now));
    Ok([Event::Delivery(event)].into_iter().chain(falls_back).collect())
}
