//! When a delivery is not tried again: its life is over, or it took three workers with it. Both rest with a
//! person, who may begin anew.

use casework::{
    Action, Attempt, ClockKind, Delivery, DeliveryStatus, DeliveryStep, Escalate, Event, Outcome, Priority,
    Replay, Resolution, Resolve, Told,
};

use super::invariants::{check_attempts, check_state};
use super::overdue::world;
use super::world::{DAY, HOUR, World, agency, code, id};

fn held(world: &World) -> &Delivery {
    &world.state.deliveries[&id("dl", 1)]
}

/// One more attempt fails for this reason; how the delivery stands then, and why.
fn fails(world: &mut World, reason: &str) -> (DeliveryStatus, String) {
    let (delivery, attempt) = (id("dl", 1), held(world).attempts + 1);
    let claim = Attempt {
        reduced: [].into(),
        delivery,
        referral: None,
        attempt,
        shown: [].into(),
        withheld: [].into(),
        mapped: None,
    };
    world.act(Action::Attempt(claim)).unwrap();
    let (step, reason) = (DeliveryStep::Retry, Some(code(reason)));
    let failed = Outcome { delivery, attempt, step, reason, evidence: None };
    world.act(Action::Outcome(failed)).unwrap();
    check_state(world);
    check_attempts(world);
    (held(world).status, held(world).reason.as_ref().unwrap().to_string())
}

fn again(world: &mut World) {
    world.act(Action::Replay(Replay { delivery: id("dl", 1) })).unwrap();
    check_state(world);
}

const WAITS: DeliveryStatus = DeliveryStatus::WaitingForRetry;

/// The lives of the code list, to the microsecond.
#[test]
fn users_ask_24_a_delivery_lives_for_days_and_then_expires() {
    for (priority, days) in [(Priority::Emergency, 1), (Priority::Urgent, 7), (Priority::Normal, 14)] {
        let mut world = world(priority, false);
        world.wait(days * DAY - 1);
        assert_eq!(fails(&mut world, "unreachable"), (WAITS, "unreachable".to_owned()), "{priority:?}");
        world.wait(1);
        let over = (DeliveryStatus::Expired, "life-over".to_owned());
        assert_eq!(fails(&mut world, "unreachable"), over, "{priority:?}");
        assert_eq!(held(&world).owner, Some(agency("ictp")), "its sender has to settle it");
    }
}

/// Its sender is told when nobody settles it, and the hub's operator at last.
#[test]
fn an_expired_delivery_climbs_its_ladder() {
    let mut world = world(Priority::Emergency, false);
    world.wait(DAY);
    fails(&mut world, "unreachable");
    for (rung, whom, wait) in [(1, "ictp", HOUR), (2, "hub", HOUR)] {
        world.wait(wait);
        let asked = Escalate {
            referral: id("rf", 1),
            delivery: Some(id("dl", 1)),
            carried: None,
            clock: ClockKind::DeadLetter,
            rung,
            told: Told { delivery: id("dl", 10 + u128::from(rung)), object: id("ob", 10) },
            also: id("dl", 20 + u128::from(rung)),
        };
        let entries = world.act(Action::Escalate(asked)).unwrap();
        let Event::Overdue(step) = &entries[0].event else { panic!("{entries:?}") };
        assert_eq!(step.whom.as_str(), whom, "rung {rung}");
        check_state(&world);
    }
}

#[test]
fn a_replay_renews_its_life() {
    let mut world = world(Priority::Emergency, false);
    world.wait(DAY);
    fails(&mut world, "unreachable");
    world.wait(3 * DAY);
    again(&mut world);
    assert_eq!(held(&world).renewed, Some(world.now.unclamped));
    world.wait(DAY - HOUR);
    assert_eq!(fails(&mut world, "unreachable").0, WAITS);
    world.wait(HOUR);
    assert_eq!(fails(&mut world, "unreachable").0, DeliveryStatus::Expired);
    let found =
        Resolve { delivery: id("dl", 1), resolution: Resolution::Delivered, reason: code("telephoned") };
    world.act(Action::Resolve(found)).unwrap();
    assert_eq!(held(&world).status, DeliveryStatus::Delivered, "a person may know better");
}

#[test]
fn three_panics_are_a_quarantine() {
    let mut world = world(Priority::Urgent, false);
    assert_eq!(fails(&mut world, "panicked"), (WAITS, "panicked".to_owned()));
    assert_eq!(fails(&mut world, "worker-lost"), (WAITS, "worker-lost".to_owned()));
    assert_eq!(fails(&mut world, "unreachable").0, WAITS, "what only failed does not count");
    let poisoned = (DeliveryStatus::Undeliverable, "poisoned".to_owned());
    assert_eq!(fails(&mut world, "panicked"), poisoned);
    assert_eq!(held(&world).owner, Some(agency("ictp")));
    again(&mut world);
    assert_eq!((held(&world).lost, fails(&mut world, "panicked").0), (0, WAITS), "a person begins anew");
}
