//! The whole table of a referral's steps, for people to read: in each state, what each party's step leads
//! to, who is responsible afterwards, and what its clocks do. A refused step is a dash; an outsider finds
//! nothing.

use std::fmt::Write;

use casework::{
    Action, Answer, Clock, ClockChange, ClockKind, Event, MessageKind, Moved, Priority, Recipient, Referral,
    Refusal, Submit, Told, decide,
};

use super::invariants::check_offers;
use super::world::{World, agency, code, command, id};

/// How each state is reached. `!` marks a failed outcome, `?` a hold for information, `~` another hold.
const PATHS: &[&str] = &[
    "",
    "received",
    "hold?",
    "hold~",
    "received hold?",
    "received hold~",
    "received hold? information",
    "accept",
    "accept hold?",
    "accept hold~",
    "accept hold? information",
    "accept progress",
    "accept progress hold?",
    "accept progress hold~",
    "reject",
    "accept outcome!",
    "accept progress outcome",
    "reject close",
    "accept progress outcome feedback",
    "cancel-request",
    "hold? cancel-request",
    "accept cancel-request",
    "accept progress cancel-request",
    "accept cancel-request cancel-refuse",
    "accept cancel-request cancel-confirm",
];

/// Steps as a caller may take them; what else there is (request, identity) is never one.
const STEPS: &[&str] = &[
    "received",
    "accept",
    "reject",
    "hold?",
    "hold~",
    "information",
    "progress",
    "outcome",
    "outcome!",
    "close",
    "feedback",
    "resume",
    "cancel-request",
    "cancel-confirm",
    "cancel-refuse",
];

pub fn answer(word: &str, from: &str) -> Answer {
    let step = MessageKind::from_action(word.trim_end_matches(['!', '?', '~'])).unwrap();
    let reason = match word.chars().last() {
        Some('?') => Some(code("information-requested")),
        Some('~') => Some(code("awaiting-court")),
        _ if ["accept", "received", "information", "progress", "feedback", "resume", "purged"]
            .contains(&word) =>
        {
            None
        }
        _ => Some(code("other")),
    };
    Answer {
        referral: id("rf", 1),
        agency: agency(from),
        step,
        expected_version: None,
        reason,
        failed: word.ends_with('!'),
        suggested: None,
        told: Told { delivery: id("dl", 2), object: id("ob", 2) },
        carried: None,
        more: Default::default(),
    }
}

fn by(word: &str) -> &'static str {
    let sender = ["information", "close", "feedback", "cancel-request"].contains(&word);
    if sender { "ictp" } else { "cpi" }
}

pub fn reached(path: &str, priority: Priority) -> World {
    let mut world = World::new();
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
        held: false,
        recipients: vec![recipient],
        object: id("ob", 1),
        replaces: None,
        terms: Default::default(),
    };
    world.act(Action::Submit(submit)).unwrap();
    for word in path.split_whitespace() {
        world.wait(60_000_000);
        world.act(Action::Answer(answer(word, by(word)))).unwrap();
    }
    world
}

fn clock(clock: &Clock) -> String {
    let paused = if clock.paused.is_some() { " (paused)" } else { "" };
    format!("{}{paused}", clock.kind.as_str())
}

fn change(change: &ClockChange) -> String {
    let (does, clock): (_, &ClockKind) = match change {
        ClockChange::Start { clock, .. } => ("start", clock),
        ClockChange::Pause { clock } => ("pause", clock),
        ClockChange::Resume { clock, .. } => ("resume", clock),
        ClockChange::Stop { clock } => ("stop", clock),
        ClockChange::Rung { clock, .. } => ("climb", clock),
    };
    format!("{does} {}", clock.as_str())
}

fn owner(owner: Option<&casework::AgencyCode>) -> &'static str {
    match owner.map(casework::AgencyCode::as_str) {
        Some("ictp") => "sender",
        Some("cpi") => "receiver",
        Some(other) => panic!("{other} owns a child it never had"),
        None => "nobody",
    }
}

fn told(step: &Moved) -> &'static str {
    match step.delivery.as_ref().map(|made| made.to.as_str()) {
        Some("ictp") => "sender told",
        Some("cpi") => "receiver told",
        _ => "nobody told",
    }
}

fn describe(world: &World, word: &str, party: &str) -> Option<String> {
    let asked = command(Action::Answer(answer(word, party)));
    match decide(&world.state, &asked, &world.rules, world.now) {
        Ok(events) => {
            let [Event::Moved(step)] = events.as_slice() else { panic!("one step, one entry: {events:?}") };
            let clocks: Vec<String> = step.clocks.iter().map(change).collect();
            let clocks = if clocks.is_empty() { "clocks run on".to_owned() } else { clocks.join(", ") };
            let who = owner(step.owner.as_ref());
            Some(format!("{}; {who} owns; {}; {clocks}", step.status, told(step)))
        }
        Err(Refusal::InvalidTransition { .. }) => None,
        Err(other) => panic!("{word} by {party}: {other:?}"),
    }
}

fn table(priority: Priority) -> String {
    let mut text = String::new();
    for path in PATHS {
        let mut world = reached(path, priority);
        world.wait(3_600_000_000);
        let referral: &Referral = &world.state.referrals[&id("rf", 1)];
        let clocks: Vec<String> = referral.clocks.iter().map(clock).collect();
        let clocks = if clocks.is_empty() { "no clock".to_owned() } else { clocks.join(", ") };
        let how = if path.is_empty() { "submit" } else { path };
        let who = owner(referral.owner.as_ref());
        let closed = if referral.closed() { ", closed" } else { "" };
        writeln!(text, "{} [{how}]{closed}: {who} owns; {clocks}", referral.status).unwrap();
        for party in ["ictp", "cpi"] {
            for word in STEPS {
                if let Some(result) = describe(&world, word, party) {
                    writeln!(text, "    {:8} {word:14} -> {result}", owner(Some(&agency(party)))).unwrap();
                }
            }
        }
        let outsider = command(Action::Answer(answer("accept", "laja")));
        let refused = decide(&world.state, &outsider, &world.rules, world.now);
        assert_eq!(refused, Err(Refusal::NotFound), "a referral of others is as if absent");
        check_offers(&world, referral);
    }
    text
}

#[test]
fn every_step_of_a_normal_referral() {
    insta::assert_snapshot!(table(Priority::Normal));
}

/// The same, but that nothing ever pauses.
#[test]
fn an_emergency_differs_only_in_its_clocks() {
    let [normal, emergency] = [Priority::Normal, Priority::Emergency].map(table);
    assert!(normal.contains("pause") && !emergency.contains("pause"), "an emergency never pauses");
    let without_clocks = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.rsplit_once("; ").unwrap().0.to_owned()).collect()
    };
    assert_eq!(without_clocks(&normal), without_clocks(&emergency));
}

/// A question's answer gives the receiver back exactly the time it could not work.
#[test]
fn a_pause_moves_the_due_time_by_its_length() {
    let mut world = reached("received", Priority::Normal);
    let due = |world: &World| world.state.referrals[&id("rf", 1)].clocks[0].due;
    let before = due(&world);
    world.act(Action::Answer(answer("hold?", "cpi"))).unwrap();
    world.wait(7 * 3_600_000_000);
    world.act(Action::Answer(answer("information", "ictp"))).unwrap();
    assert_eq!(due(&world).micros() - before.micros(), 7 * 3_600_000_000);
}

/// The caller's version and the policy's version each catch a referral that moved meanwhile.
#[test]
fn a_version_that_moved_is_caught() {
    let world = reached("received", Priority::Normal);
    let asked = |expected_version, read_version| {
        let mut asked = command(Action::Answer(Answer { expected_version, ..answer("accept", "cpi") }));
        asked.permit.as_mut().unwrap().read_version = read_version;
        decide(&world.state, &asked, &world.rules, world.now).map(|_| ())
    };
    assert_eq!(asked(Some(2), Some(2)), Ok(()));
    assert_eq!(asked(Some(1), Some(2)), Err(Refusal::VersionConflict { current: 2 }));
    assert_eq!(asked(Some(2), Some(1)), Err(Refusal::StalePermit));
}
