//! The steps of a referral after its request: what each does to state, owner and clocks.

use crate::{
    Answer, Clock, ClockChange, ClockKind, Code, Event, Intent, MessageKind, Moved, NewDelivery, Now,
    ObjectId, Priority, Referral, Refusal, Rules, State, Status, Timestamp, consent, intent,
};

/// The hold reason that pauses the receiver's clocks, because the sender has to answer.
const INFORMATION_REQUESTED: &str = "information-requested";

pub(crate) fn answer(state: &State, asked: &Answer, rules: &Rules, now: Now) -> Result<Vec<Event>, Refusal> {
    let held = state.referrals.get(&asked.referral).filter(|held| held.has_party(&asked.agency));
    let held = held.ok_or(Refusal::NotFound)?;
    if asked.expected_version.is_some_and(|seen| seen != held.version) {
        return Err(Refusal::VersionConflict { current: held.version });
    }
    if asked.step == MessageKind::Void {
        return Err(Refusal::NeedsApproval);
    }
    if !super::allowed(held, &asked.agency, asked.step) {
        let allowed = super::allowed_steps(held, &asked.agency);
        return Err(Refusal::InvalidTransition { step: asked.step, status: held.status, allowed });
    }
    if !says_why(asked) {
        return Err(Refusal::ReasonMissing { step: asked.step });
    }
    if takes_over(held, asked.step) {
        intent::may_take_over(state, held)?;
    }
    Ok(match unseen(state, asked) {
        Some(letter) => {
            let moved = called_back(held, asked.reason.as_ref(), Some(asked.told.object));
            vec![Event::Moved(moved), Event::Delivery(crate::withdraw::withdrawn(letter))]
        }
        None => vec![Event::Moved(step(held, asked, rules, now))],
    })
}

/// No ending, no pause and no cancellation without a coded reason, whatever a schema lets through.
fn says_why(asked: &Answer) -> bool {
    use MessageKind as M;
    match asked.step {
        M::Cease => asked.reason.as_ref().is_some_and(consent::is_cease),
        M::Reject | M::Hold | M::Outcome | M::Close | M::CancelRequest | M::CancelRefuse => {
            asked.reason.is_some()
        }
        _ => true,
    }
}

/// Does the case move with this step?
fn takes_over(held: &Referral, step: MessageKind) -> bool {
    step == MessageKind::Accept && held.intent == Intent::Transfer
}

/// The request that nobody was shown yet: calling it off takes no handshake.
fn unseen<'a>(state: &'a State, asked: &Answer) -> Option<&'a crate::Delivery> {
    let letter = asked.carried.and_then(|id| state.deliveries.get(&id))?;
    let carries = letter.referral == asked.referral && letter.message == MessageKind::Request;
    let calls_off = asked.step == MessageKind::CancelRequest;
    (carries && calls_off && crate::delivery::withdrawable(letter)).then_some(letter)
}

/// Called off before anybody can have got it.
pub(crate) fn called_back(held: &Referral, reason: Option<&Code>, object: Option<ObjectId>) -> Moved {
    let stop = |clock: &Clock| ClockChange::Stop { clock: clock.kind };
    Moved {
        referral: held.id,
        step: MessageKind::CancelRequest,
        version: held.version.saturating_add(1),
        status: Status::Cancelled,
        owner: None,
        reason: reason.cloned(),
        previous: None,
        suggested: None,
        clocks: held.clocks.iter().map(stop).collect(),
        object,
        delivery: None,
        replaced_by: None,
        case: None,
    }
}

fn step(held: &Referral, asked: &Answer, rules: &Rules, now: Now) -> Moved {
    let clocks = Clocks { held, rules, at: now.unclamped, changes: Vec::new() };
    let (status, owner, clocks) = match asked.step {
        MessageKind::Received if held.intent == Intent::Notify => {
            (Status::Completed, &held.from, clocks.stop_all())
        }
        MessageKind::Received => (Status::Received, &held.from, clocks.opened()),
        MessageKind::Accept => (Status::Accepted, &held.to, clocks.stop_work().start(ClockKind::FirstAction)),
        MessageKind::Reject => (Status::Rejected, &held.from, clocks.stop_all().start(ClockKind::Reroute)),
        MessageKind::Hold => (Status::OnHold, owner(held), clocks.hold(asked)),
        MessageKind::Information | MessageKind::Resume => (held.standing(), owner(held), clocks.resumed()),
        MessageKind::Progress => (Status::InProgress, &held.to, clocks.stop_work().start(ClockKind::Update)),
        MessageKind::Outcome if asked.failed => {
            (Status::Failed, &held.from, clocks.stop_all().start(ClockKind::Reroute))
        }
        MessageKind::Outcome => (Status::Completed, &held.from, clocks.stop_all().start(ClockKind::Feedback)),
        MessageKind::CancelRequest => (held.status, owner(held), clocks.start(ClockKind::CancelConfirm)),
        MessageKind::CancelRefuse => (held.status, owner(held), clocks.stop(ClockKind::CancelConfirm)),
        MessageKind::CancelConfirm => (Status::Cancelled, &held.from, clocks.stop_all()),
        MessageKind::Cease => (held.status, owner(held), clocks.stop(ClockKind::ConsentCease)),
        // Close, feedback and purge end the last clock; `allowed` lets nothing else come here.
        _ => (held.status, &held.from, clocks.stop_all()),
    };
    let ends = status.terminal() && clocks.none_left();
    Moved {
        referral: held.id,
        step: asked.step,
        version: held.version.saturating_add(1),
        status,
        owner: (!ends).then(|| owner.clone()),
        reason: reason(held, asked),
        previous: previous(held, asked),
        suggested: asked.suggested.clone(),
        clocks: clocks.changes,
        object: Some(asked.told.object),
        delivery: told(held, asked),
        replaced_by: held.replaced_by,
        case: takes_over(held, asked.step).then_some(held.case),
    }
}

/// Acknowledging an outcome does not take its reason away; a confirmed cancellation has the reason it was
/// asked for with.
fn reason(held: &Referral, asked: &Answer) -> Option<Code> {
    match asked.step {
        MessageKind::Feedback | MessageKind::Purged => held.reason.clone(),
        MessageKind::Received if held.intent == Intent::Notify => intent::ACKNOWLEDGED.parse().ok(),
        MessageKind::CancelConfirm => held.cancel.clone(),
        _ => asked.reason.clone(),
    }
}

/// The state to go back to after a hold; a cancellation that is asked for or refused meanwhile keeps it.
fn previous(held: &Referral, asked: &Answer) -> Option<Status> {
    match asked.step {
        MessageKind::Hold => Some(opened(held)),
        MessageKind::CancelRequest | MessageKind::CancelRefuse | MessageKind::Cease => held.previous,
        _ => None,
    }
}

fn owner(held: &Referral) -> &crate::AgencyCode {
    held.owner.as_ref().unwrap_or(&held.from)
}

/// Whoever puts a referral on hold has opened it.
fn opened(held: &Referral) -> Status {
    if held.status == Status::Requested { Status::Received } else { held.status }
}

/// The message to the other side. Closing and feedback are told to nobody: acknowledgements breed none.
fn told(held: &Referral, asked: &Answer) -> Option<NewDelivery> {
    let to = match asked.step {
        MessageKind::Close | MessageKind::Feedback => return None,
        MessageKind::Information | MessageKind::CancelRequest => &held.to,
        _ => &held.from,
    };
    Some(NewDelivery { delivery: asked.told.delivery, to: to.clone() })
}

/// Collects the clock changes of one step.
struct Clocks<'a> {
    held: &'a Referral,
    rules: &'a Rules,
    at: Timestamp,
    changes: Vec<ClockChange>,
}

impl Clocks<'_> {
    fn start(mut self, clock: ClockKind) -> Self {
        let due = self.rules.due(clock, self.held.priority, self.at);
        self.changes.extend(due.map(|due| ClockChange::Start { clock, due }));
        self
    }

    fn stop_all(mut self) -> Self {
        self.changes.extend(consent::ending(self.held));
        self
    }

    fn none_left(&self) -> bool {
        let mut clocks = self.held.clocks.clone();
        self.changes.iter().for_each(|change| crate::clock::change(&mut clocks, *change, self.at));
        clocks.is_empty()
    }

    fn stop(mut self, clock: ClockKind) -> Self {
        self.changes.push(ClockChange::Stop { clock });
        self
    }

    /// All but a cancellation that waits for its answer, and what a consent started.
    fn stop_work(mut self) -> Self {
        let work = self.held.clocks.iter().filter(|clock| clock.kind.is_work());
        self.changes.extend(work.map(|clock| ClockChange::Stop { clock: clock.kind }));
        self
    }

    fn opened(self) -> Self {
        self.stop_work().start(ClockKind::Decide)
    }

    /// A question stops the receiver's clocks, except in an emergency; no other hold does.
    fn hold(self, asked: &Answer) -> Self {
        let mut clocks = if self.held.status == Status::Requested { self.opened() } else { self };
        let review = asked.more.review;
        clocks.changes.extend(review.map(|due| ClockChange::Start { clock: ClockKind::Review, due }));
        let question = asked.reason.as_ref().is_some_and(|reason| reason.as_str() == INFORMATION_REQUESTED);
        if !question {
            return clocks;
        }
        if clocks.held.priority != Priority::Emergency {
            let standing = if clocks.held.status == Status::Requested {
                vec![ClockKind::Decide]
            } else {
                clocks.held.clocks.iter().map(|clock| clock.kind).filter(|kind| kind.is_work()).collect()
            };
            clocks.changes.extend(standing.into_iter().map(|clock| ClockChange::Pause { clock }));
        }
        clocks.start(ClockKind::Answer)
    }

    fn resumed(mut self) -> Self {
        self.changes.extend(resumed(self.held, self.rules, self.at));
        self
    }
}

/// A hold ends: no answer and no review is waited for any more, and the paused clocks run on.
pub(crate) fn resumed(held: &Referral, rules: &Rules, now: Timestamp) -> Vec<ClockChange> {
    let change = |clock: &Clock| match clock.paused {
        _ if matches!(clock.kind, ClockKind::Answer | ClockKind::Review) => {
            Some(ClockChange::Stop { clock: clock.kind })
        }
        None => None,
        Some(paused) => {
            let due = rules.resumed(held.priority, clock.due, paused, now);
            Some(ClockChange::Resume { clock: clock.kind, due })
        }
    };
    held.clocks.iter().filter_map(change).collect()
}

pub(crate) fn apply_moved(state: &mut State, event: &Moved, at: Timestamp) {
    let Some(held) = state.referrals.get_mut(&event.referral) else { return };
    held.status = event.status;
    held.owner.clone_from(&event.owner);
    match event.step {
        MessageKind::CancelRequest if !event.status.terminal() => held.cancel.clone_from(&event.reason),
        MessageKind::CancelRefuse => held.cancel = None,
        MessageKind::Cease => held.ceased.clone_from(&event.reason),
        _ => held.reason.clone_from(&event.reason),
    }
    if event.status.terminal() {
        held.cancel = None;
    }
    let case = event.case.and_then(|id| state.cases.get_mut(&id));
    match (event.step, case) {
        (MessageKind::ConsentRevoked, Some(case)) => _ = case.revoked.insert(held.from.clone(), at),
        (MessageKind::Accept, Some(case)) => case.owner = Some(held.to.clone()),
        _ => {}
    }
    if event.step == MessageKind::ConsentRevoked {
        held.revoked = Some(at);
    }
    held.previous = event.previous;
    held.suggested.clone_from(&event.suggested);
    held.replaced_by = event.replaced_by;
    held.version = event.version;
    held.moved = at;
    for change in &event.clocks {
        crate::clock::change(&mut held.clocks, *change, at);
    }
    if let (Some(made), Some(object)) = (&event.delivery, event.object) {
        super::created::apply_delivery(&mut state.deliveries, held, event.step, made, object, at);
    }
}
