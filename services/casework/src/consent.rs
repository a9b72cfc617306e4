//! Consent that ends: revoked on the word of whoever gave it, or over on its day. What rests on it stops and
//! comes back to its sender; what rests on a ground of its own stays open and says so; whoever was shown
//! something has to say that it has ceased, or on what other ground it goes on.
//!
//! It does not stop a hand-over by itself: `decide` refuses a claim whose permit saw an older version, and
//! whoever hands over or shows a message asks [`Referral::consent_holds`].

use std::collections::BTreeSet;

use crate::{
    AgencyCode, CaseId, Clock, ClockChange, ClockKind, Code, Delivery, DeliveryId, Event, MessageKind, Moved,
    NewDelivery, ObjectId, Referral, ReferralId, Refusal, Rules, State, Status, Submit, Timestamp, delivery,
    withdraw,
};

/// The basis that can be taken back.
const CONSENT: &str = "consent";
/// Why a referral ended whose consent was taken back.
const REVOKED: &str = "consent-revoked";
/// Why a referral ended whose consent was over.
const EXPIRED: &str = "consent-expired";
/// A receiver that has stopped, and deleted or returned what it had.
const CEASED: &str = "ceased";
/// A receiver that goes on, and what it may go on by: anything but consent.
const RETAINED: [&str; 2] = ["retained-best-interests", "retained-statutory"];

/// Takes consent back for referrals of one case by one sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoke {
    /// The child's case.
    pub case: CaseId,
    /// Whose referrals.
    pub from: AgencyCode,
    /// The sealed message, one for all recipients.
    pub object: ObjectId,
    /// The referrals.
    pub referrals: Vec<RevokeOne>,
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevokeOne {
    /// Which.
    pub referral: ReferralId,
    /// The delivery that carries its request: while nobody was shown it, it is withdrawn and nobody is told.
    pub carried: Option<DeliveryId>,
    /// The message that tells the receiver.
    pub told: DeliveryId,
}

impl Referral {
    /// May what rests on consent still be shown to its receiver? What rests on another ground always may.
    #[must_use]
    pub fn consent_holds(&self, now: Timestamp) -> bool {
        let over = self.consent_until.is_some_and(|until| until <= now);
        self.basis.as_str() != CONSENT || (self.revoked.is_none() && !over)
    }
    /// Does its receiver still have to say that it has ceased?
    #[must_use]
    pub fn awaits_cease(&self) -> bool {
        self.runs(ClockKind::ConsentCease)
    }
}

/// Consent that a new request rests on: neither over, nor taken back since it was given.
pub(crate) fn check(state: &State, asked: &Submit, now: Timestamp) -> Result<(), Refusal> {
    if asked.basis.as_str() != CONSENT {
        return Ok(());
    }
    let over = asked.terms.consent_until.is_some_and(|until| until <= now);
    let revoked = state.cases.get(&asked.case).and_then(|case| case.revoked.get(&asked.from));
    let anew = revoked.is_none_or(|at| asked.terms.consent_given.is_some_and(|given| given > *at));
    if over || !anew { Err(Refusal::NoConsent) } else { Ok(()) }
}

/// The clock that a consent with an end starts.
pub(crate) fn clock(asked: &Submit) -> Option<ClockChange> {
    let until = asked.terms.consent_until.filter(|_| asked.basis.as_str() == CONSENT);
    until.map(|due| ClockChange::Start { clock: ClockKind::ConsentExpiry, due })
}

pub(crate) fn revoke(
    state: &State,
    asked: &Revoke,
    rules: &Rules,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let case = state.cases.get(&asked.case).filter(|case| case.parties.contains(&asked.from));
    case.ok_or(Refusal::NotFound)?;
    let (mut events, mut seen) = (Vec::new(), BTreeSet::new());
    for one in asked.referrals.iter().filter(|one| seen.insert(one.referral)) {
        let held = state.referrals.get(&one.referral);
        let held = held.filter(|held| held.case == asked.case && held.from == asked.from);
        events.extend(revoked(state, held.ok_or(Refusal::NotFound)?, one, asked, rules, now));
    }
    if events.is_empty() { Err(Refusal::NothingToDo) } else { Ok(events) }
}

/// Nothing for one that ended before anybody was shown it, or whose consent was taken back before.
fn revoked(
    state: &State,
    held: &Referral,
    one: &RevokeOne,
    asked: &Revoke,
    rules: &Rules,
    now: Timestamp,
) -> Vec<Event> {
    let letter = carrier(state, held, one.carried);
    let shown = letter.is_none_or(delivery::was_shown);
    // What was entered in error is removed already, and said so by another message.
    let void = held.status == Status::EnteredInError;
    if void || held.revoked.is_some() || (held.status.terminal() && !shown) {
        return Vec::new();
    }
    let told = shown.then(|| NewDelivery { delivery: one.told, to: held.to.clone() });
    let step = Moved {
        step: MessageKind::ConsentRevoked,
        object: Some(asked.object),
        delivery: told,
        case: Some(held.case),
        ..ended(held, shown, REVOKED, rules, now)
    };
    let withdrawn =
        letter.filter(|letter| step.status == Status::Cancelled && delivery::withdrawable(letter));
    [Event::Moved(step)].into_iter().chain(withdrawn.map(withdraw::withdrawn).map(Event::Delivery)).collect()
}

fn carrier<'a>(state: &'a State, held: &Referral, id: Option<DeliveryId>) -> Option<&'a Delivery> {
    let letter = id.and_then(|id| state.deliveries.get(&id))?;
    (letter.referral == held.id && letter.message == MessageKind::Request).then_some(letter)
}

/// Consent was over some time ago, and its sender did nothing: as if it had been taken back.
pub(crate) fn expired(held: &Referral, shown: bool, rules: &Rules, now: Timestamp) -> Moved {
    ended(held, shown, EXPIRED, rules, now)
}

fn ended(held: &Referral, shown: bool, why: &str, rules: &Rules, now: Timestamp) -> Moved {
    let stops = held.basis.as_str() == CONSENT && !held.status.terminal();
    let start = |clock| rules.due(clock, held.priority, now).map(|due| ClockChange::Start { clock, due });
    let mut clocks = Vec::new();
    if stops {
        clocks.extend(ending(held));
        clocks.extend(start(ClockKind::Reroute));
    }
    clocks.extend(start(ClockKind::ConsentCease).filter(|_| shown));
    let owner = if stops { &held.from } else { held.owner.as_ref().unwrap_or(&held.from) };
    Moved {
        referral: held.id,
        step: MessageKind::Overdue,
        version: held.version.saturating_add(1),
        status: if stops { Status::Cancelled } else { held.status },
        owner: Some(owner.clone()),
        reason: if stops { why.parse().ok() } else { held.reason.clone() },
        previous: held.previous.filter(|_| !stops),
        suggested: held.suggested.clone().filter(|_| !stops),
        clocks,
        object: None,
        delivery: None,
        replaced_by: held.replaced_by,
        case: None,
    }
}

/// The clocks that end with a referral: all but the one for the receiver to say that it has ceased.
pub(crate) fn ending(held: &Referral) -> impl Iterator<Item = ClockChange> + '_ {
    let ends = |clock: &&Clock| clock.kind != ClockKind::ConsentCease;
    held.clocks.iter().filter(ends).map(|clock| ClockChange::Stop { clock: clock.kind })
}

/// What a receiver may say: that it has ceased, or on what ground but consent it goes on.
pub(crate) fn is_cease(said: &Code) -> bool {
    said.as_str() == CEASED || RETAINED.contains(&said.as_str())
}
