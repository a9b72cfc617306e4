//! The two functions everything rests on. `decide` says which events a command becomes, or why none;
//! `apply` moves state along an entry. Both are pure: what they need is in their arguments.

use crate::{
    Action, Command, Entry, Event, GlassKey, Now, ReferralId, Refusal, RegisterKey, Rules, State, Touched,
    consent, delivery, identity_check, overdue, referral, register, withdraw,
};

/// The events a command becomes now.
///
/// # Errors
/// A [`Refusal`] where the rules do not allow it; nothing has changed then.
pub fn decide(state: &State, command: &Command, rules: &Rules, now: Now) -> Result<Vec<Event>, Refusal> {
    fresh(state, command, now)?;
    match &command.action {
        Action::Submit(asked) => referral::submit(state, asked, rules, now.unclamped),
        Action::Answer(asked) => referral::answer(state, asked, rules, now),
        Action::Attempt(asked) => delivery::attempt(state, asked),
        Action::Outcome(found) => delivery::outcome(state, found, rules, now.unclamped),
        Action::Replay(asked) => delivery::replay(state, asked, now.unclamped),
        Action::Resolve(asked) => delivery::resolve(state, asked, now.unclamped),
        Action::Withdraw(asked) => withdraw::withdraw(state, asked),
        Action::Revoke(asked) => consent::revoke(state, asked, rules, now.unclamped),
        Action::Escalate(asked) => overdue::escalate(state, asked, rules, now.unclamped),
        Action::AskIdentity(asked) => identity_check::ask(state, asked),
        Action::AnswerIdentity(found) => identity_check::answer(state, found),
        Action::SetPerson(asked) => register::set_person(state, asked, command.actor),
        Action::AskApproval(asked) => register::ask(state, asked, command.actor, now),
        Action::SettleApproval(asked) => register::settle(state, asked, command.actor, rules, now),
        Action::NoteIncident(asked) => register::note(state, asked, now.unclamped),
        Action::SetSwitch(asked) => register::set_switch(state, asked, now.unclamped),
        Action::OpenGlass(asked) => register::open_glass(state, asked, command.actor, now.unclamped),
        Action::ReviewGlass(asked) => register::review_glass(state, asked, command.actor),
        Action::MoveErasure(asked) => register::erase(state, asked, rules, now),
        Action::AcknowledgeErasure(asked) => register::acknowledge(state, asked, now.unclamped),
        Action::NoteSchedule(asked) => register::note_schedule(state, asked, now.unclamped),
        Action::TellDue(asked) => register::tell_due(state, asked),
        Action::Notice(told) => Ok(told.iter().cloned().map(Event::Noticed).collect()),
        Action::Lapse(key) => register::lapse(state, key, now.unclamped),
        Action::Read(read) => {
            register::read_through(state, read, command.actor, now.unclamped)?;
            Ok(vec![Event::Read(read.clone())])
        }
        Action::Refused(refused) => Ok(vec![Event::Refused(refused.clone())]),
        Action::Session(turn) => Ok(vec![Event::Session(turn.clone())]),
        Action::Counted(counted) => Ok(vec![Event::Counted(counted.clone())]),
        Action::BeginEpoch(asked) => register::begin_epoch(state, asked, now.unclamped),
        Action::SuspectLedger(asked) => register::suspect(state, asked, now.unclamped),
        Action::FaultGone(reason) => register::fault_gone(state, reason, now.unclamped),
    }
}

/// A permit given for a version of a referral that has moved on is no permit: nothing leaves, and nothing is
/// shown, after what forbids it was committed. Nor is one whose consent was over meanwhile.
fn fresh(state: &State, command: &Command, now: Now) -> Result<(), Refusal> {
    let seen = command.permit.as_ref().and_then(|permit| permit.read_version);
    let (Some(seen), Some(id)) = (seen, referral_of(&command.action)) else { return Ok(()) };
    let held = state.referrals.get(&id).ok_or(Refusal::NotFound)?;
    let shows = match &command.action {
        Action::Attempt(asked) => {
            let letter = state.deliveries.get(&asked.delivery);
            letter.is_some_and(|letter| letter.referral != id || !letter.message.outlives_consent())
        }
        Action::Read(read) => read.agency != held.from && !read.categories.is_empty(),
        _ => false,
    };
    if held.version != seen || (shows && !held.consent_holds(now.unclamped)) {
        return Err(Refusal::StalePermit);
    }
    Ok(())
}

/// The referral whose version a permit for this speaks of.
fn referral_of(action: &Action) -> Option<ReferralId> {
    match action {
        Action::Answer(asked) => Some(asked.referral),
        Action::Attempt(asked) => asked.referral,
        Action::Read(read) => read.referral(),
        _ => None,
    }
}

/// What has to be loaded before a command can be decided and applied.
#[must_use]
pub fn touches(command: &Command) -> Touched {
    let mut touched = Touched::default();
    let action = &command.action;
    match action {
        Action::Submit(asked) => {
            touched.cases.insert(asked.case);
            touched.referrals.extend(asked.replaces);
            touched.referrals.extend(asked.terms.answers);
            touched.referrals.extend(asked.recipients.iter().map(|recipient| recipient.referral));
        }
        Action::Answer(asked) => {
            touched.referrals.insert(asked.referral);
            touched.deliveries.extend(asked.carried);
            touched.cases.extend(asked.more.case);
        }
        Action::Escalate(asked) => {
            touched.referrals.insert(asked.referral);
            touched.deliveries.extend(asked.delivery);
            touched.deliveries.extend(asked.carried);
        }
        Action::Attempt(asked) => {
            touched.deliveries.insert(asked.delivery);
            touched.referrals.extend(asked.referral);
        }
        Action::Revoke(asked) => {
            touched.cases.insert(asked.case);
            touched.referrals.extend(asked.referrals.iter().map(|one| one.referral));
            touched.deliveries.extend(asked.referrals.iter().filter_map(|one| one.carried));
        }
        Action::Outcome(found) => _ = touched.deliveries.insert(found.delivery),
        Action::Replay(asked) => _ = touched.deliveries.insert(asked.delivery),
        Action::Resolve(asked) => _ = touched.deliveries.insert(asked.delivery),
        Action::Withdraw(asked) => {
            touched.deliveries.insert(asked.delivery);
            touched.referrals.insert(asked.referral);
        }
        Action::AskIdentity(asked) => {
            touched.cases.insert(asked.case);
            touched.checks.insert(asked.check);
        }
        Action::AnswerIdentity(found) => _ = touched.checks.insert(found.check),
        Action::SetPerson(_)
        | Action::AskApproval(_)
        | Action::SettleApproval(_)
        | Action::NoteIncident(_)
        | Action::SetSwitch(_)
        | Action::OpenGlass(_)
        | Action::ReviewGlass(_)
        | Action::MoveErasure(_)
        | Action::AcknowledgeErasure(_)
        | Action::SuspectLedger(_)
        | Action::FaultGone(_)
        | Action::BeginEpoch(_)
        | Action::NoteSchedule(_)
        | Action::TellDue(_)
        | Action::Lapse(_) => register::touches(action, &mut touched),
        Action::Read(read) => {
            // Only a permit speaks of the version. A look that is refused takes the same work whether there
            // is such a referral or not.
            touched.referrals.extend(read.referral().filter(|_| command.permit.is_some()));
            let rows = |key: GlassKey| [RegisterKey::BreakGlass(key), RegisterKey::Suspension(key.person)];
            touched.registers.extend(read.glass().into_iter().flat_map(rows));
        }
        Action::Notice(_) | Action::Refused(_) | Action::Session(_) | Action::Counted(_) => {}
    }
    touched
}

/// Moves state along one entry, and says what moved. Reads nothing but the entry.
pub fn apply(state: &mut State, entry: &Entry) -> Touched {
    advance(state, entry);
    moves(&entry.event)
}

/// Moves state along one entry.
pub fn advance(state: &mut State, entry: &Entry) {
    match &entry.event {
        Event::Requested(request) => referral::apply_requested(state, request, entry.at),
        Event::Created(created) => referral::apply_created(state, created, entry.at),
        Event::Drafted(created) => referral::apply_drafted(state, created, entry.at),
        Event::Moved(step) => referral::apply_moved(state, step, entry.at),
        Event::Overdue(step) => overdue::apply(state, step, entry.at),
        Event::Delivery(step) => delivery::apply(state, step, entry.at),
        Event::Identity(step) => identity_check::apply(state, step, entry.at),
        Event::Register(row) => register::apply(state, row),
        Event::Noticed(_) | Event::Read(_) | Event::Refused(_) | Event::Session(_) | Event::Counted(_) => {}
    }
}

/// What an event moves.
#[must_use]
pub fn moves(event: &Event) -> Touched {
    let mut moved = Touched::default();
    match event {
        Event::Requested(request) => moved.cases.extend(request.opened.then_some(request.case)),
        Event::Created(created) => {
            moved.cases.insert(created.case);
            moved.referrals.insert(created.referral);
            moved.deliveries.insert(created.delivery);
        }
        Event::Drafted(created) => {
            moved.cases.insert(created.case);
            moved.referrals.insert(created.referral);
        }
        Event::Moved(step) => {
            moved.referrals.insert(step.referral);
            moved.cases.extend(step.case);
            moved.deliveries.extend(step.delivery.as_ref().map(|made| made.delivery));
        }
        Event::Overdue(step) => {
            match step.of {
                None => _ = moved.referrals.insert(step.referral),
                Some(letter) => _ = moved.deliveries.insert(letter),
            }
            moved.deliveries.extend(step.delivery.as_ref().map(|made| made.delivery));
        }
        Event::Delivery(step) => _ = moved.deliveries.insert(step.delivery),
        Event::Identity(step) => {
            moved.cases.extend(step.opened.then_some(step.case));
            moved.checks.insert(step.check);
        }
        Event::Register(row) => {
            moved.registers.insert(row.key());
            moved.cases.extend(row.moves_case());
        }
        Event::Noticed(_) | Event::Read(_) | Event::Refused(_) | Event::Session(_) | Event::Counted(_) => {}
    }
    moved
}
