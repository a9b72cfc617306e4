//! Random command sequences: right and wrong agencies, stale versions, lost and doubled outcomes, held
//! intake, a clock that jumps and goes backwards. After every command the principles hold; after all of
//! them the leaves alone give the same state again.

use std::collections::BTreeSet;

use casework::{
    Action, AgencyCode, Answer, AnswerIdentity, AskIdentity, Attempt, CaseId, Category, CheckStatus,
    ClockChange, DeliveryStep, Entry, Escalate, Event, IdentityResult, LEAF_BYTES_MAX, MessageKind, Outcome,
    Priority, Recipient, Replay, Resolution, Resolve, State, Submit, Told, apply, next_actions,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::grounds::{on_a_ground, revoke};
use super::invariants::{check_attempts, check_change, check_offers, check_state};
use super::sequences_of_registers as registers;
use super::world::{World, agency, code, id};

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
        14 => escalate,
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
    ];
    // Mostly forward, by up to ten days; at times the machine's clock is set back.
    prop::collection::vec((-3_600_000_000..864_000_000_000_i64, one), 1..160)
}

pub fn pick<'a, T>(from: impl ExactSizeIterator<Item = &'a T>, number: u8) -> Option<&'a T> {
    let mut from = from;
    let count = from.len();
    if count == 0 { None } else { from.nth(usize::from(number) % count) }
}

pub fn party(number: u8) -> AgencyCode {
    agency(["ictp", "cpi", "laja", "nccia"][usize::from(number) % 4])
}

/// The command, or `None` where there is nothing yet to try it on.
fn action(world: &World, next: u128, tried: &Try) -> Option<Action> {
    let state = &world.state;
    Some(match tried {
        Try::Submit { .. } => Action::Submit(submitted(world, next, tried)?),
        Try::Answer { .. } => Action::Answer(answer(world, next, tried)?),
        Try::Attempt(number) => {
            let delivery = *pick(state.deliveries.keys(), *number)?;
            let attempt = state.deliveries.get(&delivery)?.attempts + 1;
            Action::Attempt(Attempt {
                delivery,
                referral: None,
                attempt,
                shown: [Category::Name].into(),
                withheld: [].into(),
                mapped: None,
            })
        }
        Try::Outcome { .. } => Action::Outcome(outcome(state, tried)?),
        Try::Replay(number) => Action::Replay(Replay { delivery: *pick(state.deliveries.keys(), *number)? }),
        Try::Resolve { delivery, delivered } => {
            let resolution = if *delivered { Resolution::Delivered } else { Resolution::NotDelivered };
            let delivery = *pick(state.deliveries.keys(), *delivery)?;
            Action::Resolve(Resolve { delivery, resolution, reason: code("telephoned") })
        }
        Try::Withdraw(number) => {
            let held = pick(state.deliveries.values(), *number)?;
            Action::Withdraw(casework::Withdraw {
                delivery: held.id,
                referral: held.referral,
                agency: held.from.clone(),
                attempts: held.attempts,
                reason: code("wrong-recipient"),
            })
        }
        Try::Revoke { case, from } => Action::Revoke(revoke(state, next, *case, *from)?),
        Try::Escalate { .. } => Action::Escalate(escalate(state, next, tried)?),
        Try::Ask { case, from } => {
            let known = case.and_then(|number| pick(state.cases.keys(), number)).copied();
            Action::AskIdentity(AskIdentity {
                check: id("ic", next),
                case: known.unwrap_or_else(|| id("cs", next)),
                open_case: known.is_none(),
                from: party(*from),
                to: agency("nadra"),
                object: id("ob", next),
                shown: [Category::IdNumber].into(),
            })
        }
        Try::AnswerCheck { check, status } => {
            use CheckStatus as C;
            let status = [C::Answered, C::Refused, C::TimedOut, C::Asked][usize::from(status % 4)];
            let result = (status == C::Answered).then_some(IdentityResult::NoMatch);
            Action::AnswerIdentity(AnswerIdentity {
                check: *pick(state.checks.keys(), *check)?,
                status,
                result,
            })
        }
        Try::Person { .. }
        | Try::AskTwo { .. }
        | Try::Settle { .. }
        | Try::Lapse(_)
        | Try::Incident { .. }
        | Try::Switch { .. } => registers::action(state, next, tried)?,
    })
}

fn submitted(world: &World, next: u128, tried: &Try) -> Option<Submit> {
    let Try::Submit { case, from, to, urgency, held, replaces } = tried else { return None };
    let state = &world.state;
    let replaced = replaces.and_then(|number| pick(state.referrals.values(), number));
    let known = case.and_then(|number| pick(state.cases.keys(), number)).copied();
    let known = replaced.map(|old| old.case).or(known);
    let from = replaced.map_or_else(|| party(*from), |old| old.from.clone());
    let asked = submit(next, known, from, to, *urgency, *held, replaced.map(|old| old.id));
    Some(on_a_ground(asked, *urgency, world))
}

fn answer(world: &World, next: u128, tried: &Try) -> Option<Answer> {
    let (state, world_now) = (&world.state, world.now.unclamped);
    let Try::Answer { referral, agency, step, reason, failed, behind } = tried else { return None };
    let held = pick(state.referrals.values(), *referral)?;
    // Mostly a party, so that sequences get somewhere.
    let agency = match agency % 4 {
        0 => held.from.clone(),
        1 | 2 => held.to.clone(),
        _ => party(agency / 4),
    };
    // Two times in three one of the steps on offer, if any is.
    let offers = next_actions(held, &agency);
    let offer = pick(offers.iter(), step / 3).filter(|_| step % 3 != 0);
    let any = MessageKind::ALL[usize::from(*step) % MessageKind::ALL.len()];
    let reasons = ["information-requested", "awaiting-court", "ceased"];
    Some(Answer {
        referral: held.id,
        agency,
        step: offer.map_or(any, |offer| MessageKind::from_action(offer.action).unwrap()),
        expected_version: behind.map(|behind| held.version - u64::from(behind)),
        reason: Some(code(reasons[usize::from(reason % 3)])),
        failed: *failed,
        suggested: None,
        told: Told { delivery: id("dl", next), object: id("ob", next) },
        carried: carrier(state, held.id),
        more: casework::More {
            review: Some(world_now.plus_micros(i64::from(*step) * super::world::HOUR)),
            case: Some(held.case),
        },
    })
}

/// The delivery that carries a referral's request.
pub fn carrier(state: &State, referral: casework::ReferralId) -> Option<casework::DeliveryId> {
    let carries =
        |letter: &&casework::Delivery| letter.referral == referral && letter.message == MessageKind::Request;
    state.deliveries.values().find(carries).map(|letter| letter.id)
}

/// Mostly the next rung of a clock that runs.
fn escalate(state: &State, next: u128, tried: &Try) -> Option<Escalate> {
    let Try::Escalate { referral, letter, clock, rung_off } = tried else { return None };
    let letter = letter.and_then(|number| pick(state.deliveries.values(), number));
    let held = match letter {
        Some(letter) => &state.referrals[&letter.referral],
        None => pick(state.referrals.values(), *referral)?,
    };
    let clocks = letter.map_or(&held.clocks, |letter| &letter.clocks);
    let clock = pick(clocks.iter(), *clock)?;
    Some(Escalate {
        referral: held.id,
        delivery: letter.map(|letter| letter.id),
        carried: carrier(state, held.id),
        clock: clock.kind,
        rung: clock.rung + 1 + u8::from(*rung_off),
        told: Told { delivery: id("dl", next), object: id("ob", next) },
        also: id("dl", next << 32),
    })
}

fn outcome(state: &State, tried: &Try) -> Option<Outcome> {
    use DeliveryStep as S;
    let Try::Outcome { delivery, step, attempt_off, unknown } = tried else { return None };
    let held = pick(state.deliveries.values(), *delivery)?;
    let steps = [S::Delivered, S::Retry, S::Refused, S::Undeliverable, S::Retry, S::Sent, S::Resolved];
    let failed = if step % 2 == 0 { "panicked" } else { "unreachable" };
    Some(Outcome {
        delivery: held.id,
        attempt: held.attempts + u32::from(*attempt_off),
        step: steps[usize::from(*step) % steps.len()],
        reason: Some(code(if *unknown { "outcome-unknown" } else { failed })),
        evidence: None,
    })
}

fn submit(
    next: u128,
    case: Option<CaseId>,
    from: AgencyCode,
    to: &[u8],
    urgency: u8,
    held: bool,
    replaces: Option<casework::ReferralId>,
) -> Submit {
    let recipient = |(place, number): (u128, &u8)| Recipient {
        referral: id("rf", next * 8 + place),
        delivery: id("dl", (next * 8 + place) << 64),
        to: party(*number),
        addressed: None,
        mandate: None,
        service: code("SVC-SHELTER"),
    };
    Submit {
        request: id("rq", next),
        case: case.unwrap_or_else(|| id("cs", next)),
        open_case: case.is_none(),
        from,
        priority: [Priority::Emergency, Priority::Urgent, Priority::Normal][usize::from(urgency % 3)],
        purpose: code("protection"),
        basis: code("best-interests"),
        held,
        recipients: (0..).zip(to).map(recipient).collect(),
        object: id("ob", next),
        replaces,
        terms: Default::default(),
    }
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
