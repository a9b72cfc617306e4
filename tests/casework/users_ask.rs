//! What users of every comparable product still ask for, as far as it is a rule: each test is named after
//! the row it answers. Journeys through a running hub have a file of their own.

use casework::{
    Action, Attempt, ClockKind, DeliveryId, DeliveryStatus, DeliveryStep, Escalate, Event, Outcome, Priority,
    Told,
};

use super::invariants::check_state;
use super::overdue::world;
use super::world::{DAY, World, code, id};

/// One attempt that fails for good; the delivery rests with a person then.
fn broken(world: &mut World, delivery: DeliveryId) {
    let claim = Attempt {
        reduced: [].into(),
        delivery,
        referral: None,
        attempt: 1,
        shown: [].into(),
        withheld: [].into(),
        mapped: None,
    };
    world.act(Action::Attempt(claim)).unwrap();
    let (step, reason) = (DeliveryStep::Undeliverable, Some(code("unmapped-code")));
    let failed = Outcome { delivery, attempt: 1, step, reason, evidence: None };
    world.act(Action::Outcome(failed)).unwrap();
    assert_eq!(world.state.deliveries[&delivery].status, DeliveryStatus::Undeliverable);
    check_state(world);
}

/// The first rung of the clock of a dead letter, a month later; the notice it makes.
fn climbed(world: &mut World, delivery: DeliveryId, number: u128) -> (String, Option<DeliveryId>) {
    world.wait(30 * DAY);
    let asked = Escalate {
        referral: id("rf", 1),
        delivery: Some(delivery),
        carried: None,
        clock: ClockKind::DeadLetter,
        rung: 1,
        told: Told { delivery: id("dl", number), object: id("ob", number) },
        also: id("dl", number + 1),
    };
    let entries = world.act(Action::Escalate(asked)).unwrap();
    check_state(world);
    let Event::Overdue(step) = &entries[0].event else { panic!("{entries:?}") };
    (step.whom.to_string(), step.delivery.as_ref().map(|made| made.delivery))
}

/// Else an agency whose system is down for a month would be sent notices about notices, for ever.
#[test]
fn users_ask_26_a_notice_that_fails_breeds_no_notice() {
    let mut world = world(Priority::Emergency, false);
    broken(&mut world, id("dl", 1));
    let (whom, notice) = climbed(&mut world, id("dl", 1), 100);
    assert_eq!(whom, "ictp", "the sender is told that its message rests");
    broken(&mut world, notice.unwrap());
    let (whom, notice) = climbed(&mut world, notice.unwrap(), 200);
    assert_eq!((whom.as_str(), notice), ("hub", None), "of the notice only the operator hears");
}
