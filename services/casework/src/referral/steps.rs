//! The steps of a referral after its request: what each does to state, owner and clocks.

use crate::{
    Answer, Clock, ClockChange, ClockKind, Event, MessageKind, Moved, NewDelivery, Now, Priority, Referral,
    Refusal, Rules, State, Status, Timestamp,
};

/// The hold reason that pauses the receiver's clocks, because the sender has to answer.
const INFORMATION_REQUESTED: &str = "information-requested";

pub(crate) fn answer(state: &State, asked: &Answer, rules: &Rules, now: Now) -> Result<Vec<Event>, Refusal> {
    let held = state.referrals.get(&asked.referral).filter(|held| held.has_party(&asked.agency));
    let held = held.ok_or(Refusal::NotFound)?;
    if asked.expected_version.is_some_and(|seen| seen != held.version) {
        return Err(Refusal::VersionConflict { current: held.version });
    }
    if !super::allowed(held, &asked.agency, asked.step) {
        let allowed = super::allowed_steps(held, &asked.agency);
        return Err(Refusal::InvalidTransition { step: asked.step, status: held.status, allowed });
    }
    Ok(vec![Event::Moved(step(held, asked, rules, now))])
}

fn step(held: &Referral, asked: &Answer, rules: &Rules, now: Now) -> Moved {
    let clocks = Clocks { held, rules, at: now.unclamped, changes: Vec::new() };
    let (status, owner, clocks) = match asked.step {
        MessageKind::Received => (Status::Received, &held.from, clocks.opened()),
        MessageKind::Accept => (Status::Accepted, &held.to, clocks.stop_all().start(ClockKind::FirstAction)),
        MessageKind::Reject => (Status::Rejected, &held.from, clocks.stop_all().start(ClockKind::Reroute)),
        MessageKind::Hold => (Status::OnHold, owner(held), clocks.hold(asked)),
        MessageKind::Information => (held.standing(), owner(held), clocks.answered()),
        MessageKind::Progress => (Status::InProgress, &held.to, clocks.stop_all().start(ClockKind::Update)),
        MessageKind::Outcome if asked.failed => {
            (Status::Failed, &held.from, clocks.stop_all().start(ClockKind::Reroute))
        }
        MessageKind::Outcome => (Status::Completed, &held.from, clocks.stop_all().start(ClockKind::Feedback)),
        // Close and feedback end the last clock; `allowed` lets nothing else come here.
        _ => (held.status, &held.from, clocks.stop_all()),
    };
    let ends = matches!(asked.step, MessageKind::Close | MessageKind::Feedback);
    Moved {
        referral: held.id,
        step: asked.step,
        version: held.version.saturating_add(1),
        status,
        owner: (!ends).then(|| owner.clone()),
        reason: asked.reason.clone(),
        previous: (asked.step == MessageKind::Hold).then(|| opened(held)),
        suggested: asked.suggested.clone(),
        clocks: clocks.changes,
        object: Some(asked.told.object),
        delivery: told(held, asked),
        replaced_by: None,
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
        MessageKind::Information => &held.to,
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
        self.changes.extend(self.held.clocks.iter().map(|clock| ClockChange::Stop { clock: clock.kind }));
        self
    }

    fn opened(self) -> Self {
        self.stop_all().start(ClockKind::Decide)
    }

    /// A question stops the receiver's clocks, except in an emergency; no other hold does.
    fn hold(self, asked: &Answer) -> Self {
        let mut clocks = if self.held.status == Status::Requested { self.opened() } else { self };
        let question = asked.reason.as_ref().is_some_and(|reason| reason.as_str() == INFORMATION_REQUESTED);
        if !question {
            return clocks;
        }
        if clocks.held.priority != Priority::Emergency {
            let standing = if clocks.held.status == Status::Requested {
                vec![ClockKind::Decide]
            } else {
                clocks.held.clocks.iter().map(|clock| clock.kind).collect()
            };
            clocks.changes.extend(standing.into_iter().map(|clock| ClockChange::Pause { clock }));
        }
        clocks.start(ClockKind::Answer)
    }

    /// The answer lets the paused clocks run on, due later by as long as they stood.
    fn answered(mut self) -> Self {
        self.changes.push(ClockChange::Stop { clock: ClockKind::Answer });
        let at = self.at;
        let resume = |clock: &Clock| {
            let stood = at.micros().saturating_sub(clock.paused?.micros()).max(0);
            Some(ClockChange::Resume { clock: clock.kind, due: clock.due.plus_micros(stood) })
        };
        self.changes.extend(self.held.clocks.iter().filter_map(resume));
        self
    }
}

pub(crate) fn apply_moved(state: &mut State, event: &Moved, at: Timestamp) {
    let Some(held) = state.referrals.get_mut(&event.referral) else { return };
    held.status = event.status;
    held.owner.clone_from(&event.owner);
    held.reason.clone_from(&event.reason);
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
