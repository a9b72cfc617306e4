//! Ladders of the code lists, climbed to their end by a referral that nobody answers: who is told when, and
//! where the child is at last. Months pass here without anybody waiting.

use std::fmt::Write;

use casework::{
    Action, Answer, Attempt, Category, ClockKind, DeliveryStep, Escalate, Event, MessageKind, More, Outcome,
    Priority, Recipient, Refusal, Submit, Told, decide, wakes,
};
use schemas::Directory;

use super::invariants::{check_change, check_state};
use super::world::{World, agency, code, command, id};

pub fn world(priority: Priority, held: bool) -> World {
    let mut world = World::new();
    world.rules = Directory::embedded().unwrap().rules();
    let recipient = Recipient {
        referral: id("rf", 1),
        delivery: id("dl", 1),
        to: agency("cpi"),
        addressed: None,
        mandate: None,
        service: code("SVC-SHELTER"),
    };
    let submit = Submit {
        request: id("rq", 1),
        case: id("cs", 1),
        open_case: true,
        from: agency("ictp"),
        priority,
        purpose: code("protection"),
        basis: code("best-interests"),
        held,
        recipients: vec![recipient],
        object: id("ob", 1),
        replaces: None,
        terms: Default::default(),
    };
    world.act(Action::Submit(submit)).unwrap();
    world
}

/// The request reaches the receiver's system.
fn delivered(world: &mut World) {
    let attempt = Attempt {
        reduced: [].into(),
        delivery: id("dl", 1),
        referral: None,
        attempt: 1,
        shown: [Category::Name].into(),
        withheld: [].into(),
        mapped: None,
    };
    world.act(Action::Attempt(attempt)).unwrap();
    let step = DeliveryStep::Delivered;
    let outcome = Outcome { delivery: id("dl", 1), attempt: 1, step, reason: None, evidence: None };
    world.act(Action::Outcome(outcome)).unwrap();
}

fn take(world: &mut World, step: MessageKind, by: &str, reason: &str) {
    take_with(world, step, by, reason, More::default());
}

fn take_with(world: &mut World, step: MessageKind, by: &str, reason: &str, more: More) {
    let answer = Answer {
        referral: id("rf", 1),
        agency: agency(by),
        step,
        expected_version: None,
        reason: Some(code(reason)),
        failed: false,
        suggested: None,
        told: Told { delivery: fresh(world), object: id("ob", 2) },
        carried: Some(id("dl", 1)),
        more,
    };
    world.act(Action::Answer(answer)).unwrap();
}

fn fresh(world: &World) -> casework::DeliveryId {
    id("dl", 1000 + 2 * u128::try_from(world.entries.len()).unwrap())
}

fn next_rung(world: &World) -> Option<Escalate> {
    let held = &world.state.referrals[&id("rf", 1)];
    let clock =
        held.clocks.iter().filter(|clock| clock.wakes().is_some()).min_by_key(|clock| clock.wakes())?;
    let number = 1000 + 2 * u128::try_from(world.entries.len()).unwrap();
    Some(Escalate {
        referral: held.id,
        delivery: None,
        carried: Some(id("dl", 1)),
        clock: clock.kind,
        rung: clock.rung + 1,
        told: Told { delivery: id("dl", number), object: id("ob", number) },
        also: id("dl", number + 1),
    })
}

/// Climbs until no clock wakes any more, and tells each rung.
fn climb(world: &mut World) -> String {
    let mut told = String::new();
    while let Some(asked) = next_rung(world) {
        let due = wakes(&world.state.referrals[&id("rf", 1)].clocks).unwrap();
        let early = command(Action::Escalate(asked.clone()));
        let wait = due.micros() - world.now.unclamped.micros();
        if wait > 0 {
            world.wait(wait - 1);
            let refused = decide(&world.state, &early, &world.rules, world.now);
            assert_eq!(refused, Err(Refusal::NothingToDo), "not a moment early");
            world.wait(1);
        }
        let before = world.state.clone();
        let entries = world.act(Action::Escalate(asked.clone())).unwrap();
        let mut state = before;
        for entry in &entries {
            let was = state.clone();
            casework::apply(&mut state, entry);
            check_change(&was, &state, entry);
        }
        check_state(world);
        let again = decide(&world.state, &command(Action::Escalate(asked)), &world.rules, world.now);
        assert_eq!(again, Err(Refusal::NothingToDo), "each rung is climbed once");
        for entry in &entries {
            match &entry.event {
                Event::Overdue(step) => {
                    let sent = step.delivery.as_ref().map_or("no message", |_| "a message");
                    let (clock, rung) = (step.clock.as_str(), step.rung);
                    writeln!(told, "{}  {clock} {rung}: {} {}, {sent}", entry.at, step.whom, step.role)
                        .unwrap();
                }
                Event::Moved(step) => {
                    let (owner, reason) = (step.owner.as_ref().unwrap(), step.reason.as_ref().unwrap());
                    let also = step.delivery.as_ref().map_or("nobody", |made| made.to.as_str());
                    writeln!(told, "    -> {} ({reason}), {owner} responsible, {also} told", step.status)
                        .unwrap();
                }
                Event::Delivery(step) => writeln!(told, "    -> request {}", step.status.as_str()).unwrap(),
                _ => {}
            }
        }
    }
    told
}

fn check(priority: Priority, prepare: impl Fn(&mut World)) -> String {
    let mut world = world(priority, false);
    delivered(&mut world);
    prepare(&mut world);
    let began = world.now.unclamped;
    format!("{began}  {} begins\n{}", priority.as_str(), climb(&mut world))
}

/// Nobody opens it: it comes back to its sender, and when that does nothing either, to the hub.
#[test]
fn a_referral_nobody_opens() {
    let all = [Priority::Emergency, Priority::Urgent, Priority::Normal];
    insta::assert_snapshot!(all.map(|priority| check(priority, |_| {})).join("\n"));
}

/// An unanswered question ends; the receiver's clocks run on from there.
#[test]
fn a_question_nobody_answers() {
    let asked = |world: &mut World| {
        take(world, MessageKind::Accept, "cpi", "other");
        world.wait(super::world::HOUR);
        take(world, MessageKind::Hold, "cpi", "information-requested");
    };
    insta::assert_snapshot!(check(Priority::Normal, asked));
}

/// A hold that is not a question has a day on which its receiver looks again; its other clocks run on. Here
/// the first action is late too, and both ladders are climbed side by side.
#[test]
fn a_hold_has_a_review_date_that_falls_due() {
    let held = |world: &mut World| {
        take(world, MessageKind::Accept, "cpi", "other");
        let review = Some(world.now.unclamped.plus_micros(3 * super::world::DAY));
        take_with(world, MessageKind::Hold, "cpi", "awaiting-court", More { review, ..More::default() });
    };
    insta::assert_snapshot!(check(Priority::Urgent, held));
}

/// Whatever ends the hold ends its review.
#[test]
fn a_hold_that_ends_is_not_reviewed() {
    for (step, reason) in [
        (MessageKind::Resume, "other"),
        (MessageKind::Progress, "note"),
        (MessageKind::Outcome, "child-safe"),
    ] {
        let mut world = world(Priority::Normal, false);
        delivered(&mut world);
        take(&mut world, MessageKind::Accept, "cpi", "other");
        let review = Some(world.now.unclamped.plus_micros(super::world::DAY));
        take_with(&mut world, MessageKind::Hold, "cpi", "awaiting-court", More { review, ..More::default() });
        let runs = |world: &World| {
            world.state.referrals[&id("rf", 1)].clocks.iter().any(|clock| clock.kind == ClockKind::Review)
        };
        assert!(runs(&world));
        take(&mut world, step, "cpi", reason);
        assert!(!runs(&world), "{step}");
        check_state(&world);
    }
}

/// A cancellation that is neither confirmed nor refused ends nothing; it reaches the hub.
#[test]
fn a_cancellation_nobody_answers() {
    let asked = |world: &mut World| {
        take(world, MessageKind::Received, "cpi", "other");
        take(world, MessageKind::Accept, "cpi", "other");
        take(world, MessageKind::Progress, "cpi", "note");
        take(world, MessageKind::CancelRequest, "ictp", "child-found-safe");
    };
    insta::assert_snapshot!(check(Priority::Urgent, asked));
}

/// What was held at intake was shown to nobody: the receiver is never told of it, not even that it expired.
#[test]
fn a_held_referral_escalates_past_its_receiver() {
    let mut world = world(Priority::Urgent, true);
    let told = climb(&mut world);
    let to_cpi = world.state.deliveries.values().filter(|held| held.to == agency("cpi"));
    assert_eq!(to_cpi.map(|held| held.status.as_str()).collect::<Vec<_>>(), ["withdrawn"], "{told}");
    insta::assert_snapshot!(told);
}

/// While nobody was shown it, calling a referral off takes no handshake; afterwards it does.
#[test]
fn a_request_nobody_was_shown_is_called_back() {
    let mut unseen = world(Priority::Normal, false);
    take(&mut unseen, MessageKind::CancelRequest, "ictp", "duplicate");
    let referral = &unseen.state.referrals[&id("rf", 1)];
    assert!(referral.closed(), "{referral:?}");
    assert_eq!(unseen.state.deliveries[&id("dl", 1)].status.as_str(), "withdrawn");
    check_state(&unseen);
    let mut shown = world(Priority::Normal, false);
    delivered(&mut shown);
    take(&mut shown, MessageKind::CancelRequest, "ictp", "duplicate");
    let referral = &shown.state.referrals[&id("rf", 1)];
    assert!(!referral.closed() && referral.clocks.iter().any(|clock| clock.kind == ClockKind::CancelConfirm));
}

/// Acknowledging an outcome keeps it.
#[test]
fn feedback_keeps_the_outcome() {
    let mut world = world(Priority::Normal, false);
    delivered(&mut world);
    take(&mut world, MessageKind::Accept, "cpi", "other");
    take(&mut world, MessageKind::Outcome, "cpi", "child-safe");
    take(&mut world, MessageKind::Feedback, "ictp", "other");
    assert_eq!(world.state.referrals[&id("rf", 1)].reason, Some(code("child-safe")));
}

/// A hub that was down for a month tells one rung when it is back, and gives the time to act before the next.
#[test]
fn an_outage_takes_nobodys_time() {
    let mut world = world(Priority::Urgent, false);
    delivered(&mut world);
    world.wait(30 * super::world::DAY);
    let first = next_rung(&world).unwrap();
    world.act(Action::Escalate(first)).unwrap();
    let second = next_rung(&world).unwrap();
    let refused = decide(&world.state, &command(Action::Escalate(second.clone())), &world.rules, world.now);
    assert_eq!(refused, Err(Refusal::NothingToDo), "the second rung is four hours after the first");
    world.wait(4 * super::world::HOUR);
    world.act(Action::Escalate(second)).unwrap();
    assert!(!world.state.referrals[&id("rf", 1)].status.terminal());
}
