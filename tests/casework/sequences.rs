//! Random command sequences: right and wrong agencies, stale versions, lost and doubled outcomes, held
//! intake, a clock that jumps and goes backwards. After every command the principles hold; after all of
//! them the leaves alone give the same state again.

use std::collections::BTreeSet;

use casework::{AgencyCode, ClockChange, Entry, Event, LEAF_BYTES_MAX, State, apply};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::invariants::{check_attempts, check_change, check_offers, check_state};
use super::sequences_of_referrals::action;
use super::sequences_of_registers as registers;
use super::world::{World, agency};

/// One attempt to do something; the numbers pick among what exists at that moment.
#[derive(Debug, Clone)]
pub enum Try {
    Submit { case: Option<u8>, from: u8, to: Vec<u8>, urgency: u8, held: bool, replaces: Option<u8> },
    Answer { referral: u8, agency: u8, step: u8, reason: u8, failed: bool, behind: Option<u8> },
    Attempt(u8),
    Outcome { delivery: u8, step: u8, attempt_off: bool, unknown: bool },
    Replay(u8),
    Resolve { delivery: u8, delivered: bool },
    Withdraw(u8),
    Escalate { referral: u8, letter: Option<u8>, clock: u8, rung_off: bool },
    Ask { case: Option<u8>, from: u8 },
    AnswerCheck { check: u8, status: u8 },
    Person { who: u8, of: u8, supervisor: bool, active: bool },
    AskTwo { referral: u8, letter: Option<u8>, agency: u8, then: Option<(u8, u8)> },
    Settle { approval: u8, who: u8, how: u8 },
    Lapse(u8),
    Incident { agency: u8, turn: u8 },
    Switch { agency: u8, off: bool },
    Revoke { case: u8, from: u8 },
    AskOfCase { case: u8, what: u8, agency: u8, then: Option<(u8, u8)> },
    Erase { case: u8, off: bool, shown: u8 },
    Acknowledge(u8),
}

fn tries() -> impl Strategy<Value = Vec<(i64, Try)>> {
    let maybe = || proptest::option::weighted(0.4, any::<u8>());
    let submit =
        (maybe(), any::<u8>(), prop::collection::vec(any::<u8>(), 1..4), any::<u8>(), any::<u8>(), maybe());
    let submit = submit.prop_map(|(case, from, to, urgency, held, replaces)| Try::Submit {
        case,
        from,
        to,
        urgency,
        held: held < 40,
        replaces,
    });
    let behind = proptest::option::weighted(0.2, 0..2_u8);
    let answer = (any::<u8>(), any::<u8>(), any::<u8>(), any::<u8>(), any::<bool>(), behind);
    let answer = answer.prop_map(|(referral, agency, step, reason, failed, behind)| Try::Answer {
        referral,
        agency,
        step,
        reason,
        failed,
        behind,
    });
    let outcome = (any::<u8>(), any::<u8>(), prop::bool::weighted(0.1), any::<bool>());
    let outcome = outcome.prop_map(|(delivery, step, attempt_off, unknown)| Try::Outcome {
        delivery,
        step,
        attempt_off,
        unknown,
    });
    let resolve = (any::<u8>(), any::<bool>());
    let resolve = resolve.prop_map(|(delivery, delivered)| Try::Resolve { delivery, delivered });
    let escalate =
        (any::<u8>(), proptest::option::weighted(0.2, any::<u8>()), any::<u8>(), prop::bool::weighted(0.1));
    let escalate = escalate.prop_map(|(referral, letter, clock, rung_off)| Try::Escalate {
        referral,
        letter,
        clock,
        rung_off,
    });
    let person = (any::<u8>(), any::<u8>(), prop::bool::weighted(0.8), prop::bool::weighted(0.9));
    let person = person.prop_map(|(who, of, supervisor, active)| Try::Person { who, of, supervisor, active });
    let then = proptest::option::weighted(0.8, (any::<u8>(), any::<u8>()));
    let asked = (any::<u8>(), maybe(), any::<u8>(), then);
    let asked =
        asked.prop_map(|(referral, letter, agency, then)| Try::AskTwo { referral, letter, agency, then });
    let one = prop_oneof![
        2 => submit,
        22 => answer,
        6 => any::<u8>().prop_map(Try::Attempt),
        8 => outcome,
        2 => any::<u8>().prop_map(Try::Replay),
        2 => resolve,
        2 => any::<u8>().prop_map(Try::Withdraw),
        24 => escalate,
        2 => (maybe(), any::<u8>()).prop_map(|(case, from)| Try::Ask { case, from }),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(check, status)| Try::AnswerCheck { check, status }),
        2 => person,
        3 => asked,
        1 => (any::<u8>(), any::<u8>(), any::<u8>())
            .prop_map(|(approval, who, how)| Try::Settle { approval, who, how }),
        1 => any::<u8>().prop_map(Try::Lapse),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(agency, turn)| Try::Incident { agency, turn }),
        1 => (any::<u8>(), any::<bool>()).prop_map(|(agency, off)| Try::Switch { agency, off }),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(case, from)| Try::Revoke { case, from }),
        6 => of_cases(),
    ];
    // Mostly forward, by up to ten days; at times the machine's clock is set back.
    prop::collection::vec((-3_600_000_000..864_000_000_000_i64, one), 1..160)
}

/// What is asked of a whole case: to erase it or to keep it; and how an erasure goes on.
fn of_cases() -> impl Strategy<Value = Try> {
    let then = proptest::option::weighted(0.8, (any::<u8>(), any::<u8>()));
    let asked = (any::<u8>(), any::<u8>(), any::<u8>(), then);
    let asked = asked.prop_map(|(case, what, agency, then)| Try::AskOfCase { case, what, agency, then });
    let erase = (any::<u8>(), prop::bool::weighted(0.3), any::<u8>());
    let erase = erase.prop_map(|(case, off, shown)| Try::Erase { case, off, shown });
    prop_oneof![3 => asked, 2 => erase, 1 => any::<u8>().prop_map(Try::Acknowledge)]
}

pub fn pick<'a, T>(from: impl ExactSizeIterator<Item = &'a T>, number: u8) -> Option<&'a T> {
    let mut from = from;
    let count = from.len();
    if count == 0 { None } else { from.nth(usize::from(number) % count) }
}

pub fn party(number: u8) -> AgencyCode {
    agency(["ictp", "cpi", "laja", "nccia"][usize::from(number) % 4])
}

/// Tries everything in turn; gives back the world it led to.
fn check(tries: &[(i64, Try)]) -> World {
    let mut world = World::new();
    for (next, (wait, tried)) in (1_u128..).zip(registers::with_answers(tries)) {
        world.wait(wait);
        let Some(action) = action(&world, next, &tried) else { continue };
        let before = world.state.clone();
        let Ok(entries) = world.act(action) else {
            assert_eq!(before, world.state, "a refusal changes nothing");
            continue;
        };
        let mut state = before;
        for entry in &entries {
            let was = state.clone();
            apply(&mut state, entry);
            check_change(&was, &state, entry);
        }
        check_state(&world);
    }
    check_attempts(&world);
    world.state.referrals.values().for_each(|referral| check_offers(&world, referral));
    check_rebuilt(&world);
    world
}

fn check_rebuilt(world: &World) {
    let mut rebuilt = State::default();
    let mut last = i64::MIN;
    for (leaf, entry) in world.leaves.iter().zip(&world.entries) {
        assert!(leaf.len() <= LEAF_BYTES_MAX);
        let read = Entry::from_leaf(leaf).unwrap();
        assert_eq!(&read, entry, "leaves round-trip");
        assert!(read.at.micros() >= last, "time never decreases");
        last = read.at.micros();
        apply(&mut rebuilt, &read);
    }
    assert_eq!(rebuilt, world.state, "the entries alone give the state");
}

/// Words for what a world shows, to see that the sequences get everywhere.
fn seen(world: &World, words: &mut BTreeSet<String>) {
    for entry in &world.entries {
        match &entry.event {
            Event::Moved(step) => {
                let replaced = if step.replaced_by.is_some() { " by a new request" } else { "" };
                words.insert(format!("{} -> {}{replaced}", step.step.action(), step.status));
                words.extend(step.clocks.iter().filter_map(|change| match change {
                    ClockChange::Pause { clock } => Some(format!("pause {}", clock.as_str())),
                    ClockChange::Resume { clock, .. } => Some(format!("resume {}", clock.as_str())),
                    _ => None,
                }));
            }
            Event::Overdue(step) => {
                let whom = if step.whom.as_str() == "hub" { "hub" } else { "agency" };
                words.insert(format!("overdue {}: rung {}, {whom}", step.clock.as_str(), step.rung));
            }
            Event::Delivery(step) => _ = words.insert(format!("{:?} -> {}", step.step, step.status.as_str())),
            Event::Identity(step) => _ = words.insert(format!("check {:?}", step.status)),
            Event::Drafted(_) => _ = words.insert("drafted".to_owned()),
            Event::Register(row) => _ = words.insert(registers::word(row)),
            Event::Created(created) if created.held => _ = words.insert("created held".to_owned()),
            _ => {}
        }
    }
}

/// The same sequences every time; if a change to the rules or to the tries starves one of these, it shows.
#[test]
fn the_sequences_get_everywhere() {
    let mut runner = TestRunner::deterministic();
    let mut words = BTreeSet::new();
    for _ in 0..1200 {
        seen(&check(&tries().new_tree(&mut runner).unwrap().current()), &mut words);
    }
    insta::assert_snapshot!(words.into_iter().collect::<Vec<_>>().join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn principles_hold_whatever_is_tried(tries in tries()) {
        check(&tries);
    }
}
