//! A clock that nobody stopped in time: one rung of its ladder is climbed, an agency is told, and the last
//! rungs end what nobody answers. Decided like any other command, so it does not matter how often, how late
//! or by how many hubs it is asked for: each rung is entered once.

use serde::{Deserialize, Serialize};

use crate::{
    AgencyCode, Clock, ClockChange, ClockKind, Code, Delivery, DeliveryId, DeliveryStatus, Effect, Event,
    MessageKind, Moved, NewDelivery, ObjectId, Priority, Referral, ReferralId, Refusal, Rules, Rung, State,
    Status, Timestamp, Told, Whom, consent, delivery, referral, rung_for, withdraw,
};

/// Why a referral that nobody answered is cancelled.
const EXPIRED: &str = "expired";
/// Why a hold ends whose question nobody answered.
const UNANSWERED: &str = "unanswered";

/// Climbs one rung.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escalate {
    /// The referral, or the referral of the delivery.
    pub referral: ReferralId,
    /// The delivery whose clock it is; none for the referral's own.
    pub delivery: Option<DeliveryId>,
    /// The delivery that carries the request, while the referral is requested: a receiver that was shown
    /// nothing is told nothing.
    pub carried: Option<DeliveryId>,
    /// The overdue clock.
    pub clock: ClockKind,
    /// The rung to climb to: one above where it stands.
    pub rung: u8,
    /// The notice.
    pub told: Told,
    /// The same notice to the other side, where the rung ends the referral.
    pub also: DeliveryId,
}

/// What an entry says of a rung that was climbed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overdue {
    /// The referral.
    pub referral: ReferralId,
    /// The delivery whose clock it is; none for the referral's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<DeliveryId>,
    /// The clock.
    pub clock: ClockKind,
    /// The rung it stands on now.
    pub rung: u8,
    /// Who has to see to it; `hub` for the operator.
    pub whom: AgencyCode,
    /// In which role.
    pub role: Code,
    /// When the clock fell due.
    pub due: Timestamp,
    /// When the next rung is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Timestamp>,
    /// The sealed notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectId>,
    /// The notice on its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<NewDelivery>,
}

/// What is overdue: whose clock, how urgent, and who could be told.
struct Late<'a> {
    held: &'a Referral,
    clock: &'a Clock,
    owner: Option<&'a AgencyCode>,
    priority: Priority,
    /// The request, where nobody was shown it yet.
    unseen: Option<&'a Delivery>,
}

pub(crate) fn escalate(
    state: &State,
    asked: &Escalate,
    rules: &Rules,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let late = find(state, asked)?;
    let is_due = late.clock.wakes().is_some_and(|wakes| wakes <= now);
    if !is_due || asked.rung != late.clock.rung.saturating_add(1) {
        return Err(Refusal::NothingToDo);
    }
    let rung = rules.rung(asked.clock, asked.rung).ok_or(Refusal::NothingToDo)?;
    let rung = &rung_for(rung, late.held);
    let mut events = vec![Event::Overdue(told(&late, rung, asked, rules, now))];
    match (rung.effect, asked.delivery) {
        (Effect::Expire, None) => {
            events.push(Event::Moved(expired(&late, asked, rules, now)));
            events.extend(late.unseen.map(withdraw::withdrawn).map(Event::Delivery));
        }
        (Effect::Withdraw, None) => {
            events.push(Event::Moved(without_consent(&late, asked, rules, now)));
            events.extend(late.unseen.map(withdraw::withdrawn).map(Event::Delivery));
        }
        (Effect::Lapse, None) => events.push(Event::Moved(lapsed(late.held, asked, rules, now))),
        _ => {}
    }
    Ok(events)
}

fn find<'a>(state: &'a State, asked: &Escalate) -> Result<Late<'a>, Refusal> {
    let held = state.referrals.get(&asked.referral).ok_or(Refusal::NotFound)?;
    let (clocks, owner, priority) = match asked.delivery {
        None => (&held.clocks, held.owner.as_ref(), held.priority),
        Some(id) => {
            let letter = state.deliveries.get(&id).filter(|letter| letter.referral == held.id);
            let letter = letter.ok_or(Refusal::NotFound)?;
            (&letter.clocks, letter.owner.as_ref(), letter.priority)
        }
    };
    let clock = clocks.iter().find(|clock| clock.kind == asked.clock).ok_or(Refusal::NothingToDo)?;
    let carried = asked.carried.and_then(|id| state.deliveries.get(&id));
    let unseen = carried.filter(|letter| letter.referral == held.id && delivery::withdrawable(letter));
    Ok(Late { held, clock, owner, priority, unseen })
}

/// Whom a rung tells; `None` for the hub's operator.
fn whom<'a>(late: &Late<'a>, rung: &Rung) -> Option<&'a AgencyCode> {
    let whom = match rung.whom {
        Whom::Receiver if late.unseen.is_some_and(|letter| letter.status == DeliveryStatus::Held) => {
            return None;
        }
        Whom::Receiver => &late.held.to,
        Whom::Sender => &late.held.from,
        Whom::Owner => late.owner.unwrap_or(&late.held.from),
        Whom::Hub => return None,
    };
    late.held.has_party(whom).then_some(whom)
}

/// The next rung comes as long after this one as the ladder says, even where this one was climbed late: after
/// an outage nobody loses the time to act.
fn told(late: &Late<'_>, rung: &Rung, asked: &Escalate, rules: &Rules, now: Timestamp) -> Overdue {
    let whom = whom(late, rung);
    let above = rules.rung(asked.clock, asked.rung.saturating_add(1));
    Overdue {
        referral: asked.referral,
        of: asked.delivery,
        clock: asked.clock,
        rung: asked.rung,
        whom: whom.cloned().unwrap_or_else(AgencyCode::hub),
        role: if whom.is_some() { rung.role.clone() } else { Code::operator() },
        due: late.clock.due,
        next: above.map(|above| rules.later(&above.after.less(&rung.after), late.priority, now)),
        object: whom.map(|_| asked.told.object),
        delivery: whom.map(|to| NewDelivery { delivery: asked.told.delivery, to: to.clone() }),
    }
}

/// Nobody answered: the sender has the child back, and has to refer elsewhere.
fn expired(late: &Late<'_>, asked: &Escalate, rules: &Rules, now: Timestamp) -> Moved {
    let held = late.held;
    let mut clocks: Vec<ClockChange> = consent::ending(held).collect();
    let due = rules.due(ClockKind::Reroute, held.priority, now);
    clocks.extend(due.map(|due| ClockChange::Start { clock: ClockKind::Reroute, due }));
    Moved {
        owner: Some(held.from.clone()),
        reason: EXPIRED.parse().ok(),
        delivery: late.unseen.is_none().then(|| NewDelivery { delivery: asked.also, to: held.to.clone() }),
        ..by_the_hub(held, Status::Cancelled, asked, clocks)
    }
}

/// Nobody asked for consent anew: what rested on it stops.
fn without_consent(late: &Late<'_>, asked: &Escalate, rules: &Rules, now: Timestamp) -> Moved {
    let (held, shown) = (late.held, late.unseen.is_none());
    Moved {
        object: Some(asked.told.object),
        delivery: shown.then(|| NewDelivery { delivery: asked.also, to: held.to.clone() }),
        ..consent::expired(held, shown, rules, now)
    }
}

/// The sender did not answer: the receiver goes on without.
fn lapsed(held: &Referral, asked: &Escalate, rules: &Rules, now: Timestamp) -> Moved {
    Moved {
        owner: held.owner.clone(),
        reason: UNANSWERED.parse().ok(),
        delivery: Some(NewDelivery { delivery: asked.also, to: held.to.clone() }),
        ..by_the_hub(held, held.standing(), asked, referral::resumed(held, rules, now))
    }
}

fn by_the_hub(held: &Referral, status: Status, asked: &Escalate, clocks: Vec<ClockChange>) -> Moved {
    Moved {
        referral: held.id,
        step: MessageKind::Overdue,
        version: held.version.saturating_add(1),
        status,
        owner: None,
        reason: None,
        previous: None,
        suggested: None,
        clocks,
        object: Some(asked.told.object),
        delivery: None,
        replaced_by: None,
        case: None,
    }
}

pub(crate) fn apply(state: &mut State, event: &Overdue, at: Timestamp) {
    let change = ClockChange::Rung { clock: event.clock, rung: event.rung, next: event.next };
    let Some(held) = state.referrals.get_mut(&event.referral) else { return };
    if event.of.is_none() {
        crate::clock::change(&mut held.clocks, change, at);
    }
    if let Some(letter) = event.of.and_then(|id| state.deliveries.get_mut(&id)) {
        crate::clock::change(&mut letter.clocks, change, at);
    }
    if let (Some(made), Some(object)) = (&event.delivery, event.object) {
        referral::apply_delivery(&mut state.deliveries, held, MessageKind::Overdue, made, object, at);
    }
}
