//! What a sender may take back, and the order in which one agency gets the messages of a referral.

use casework::{
    Action, Attempt, Delivery, DeliveryStatus, DeliveryStep, MessageKind, Outcome, Priority, Refusal, Status,
    Timestamp, Withdraw, waits_for,
};

use super::invariants::{check_attempts, check_state};
use super::overdue::world;
use super::world::{World, agency, code, id};

fn withdraw(world: &mut World, by: &str, attempts: u32) -> Result<(), Refusal> {
    let asked = Withdraw {
        delivery: id("dl", 1),
        referral: id("rf", 1),
        agency: agency(by),
        attempts,
        reason: code("wrong-recipient"),
    };
    let done = world.act(Action::Withdraw(asked)).map(|_| ());
    check_state(world);
    check_attempts(world);
    done
}

/// One attempt that ends so.
fn fails(world: &mut World, reason: &str) {
    let delivery = id("dl", 1);
    let attempt = world.state.deliveries[&delivery].attempts + 1;
    let claim = Attempt {
        reduced: [].into(),
        delivery,
        attempt,
        shown: [].into(),
        withheld: [].into(),
        mapped: None,
        referral: None,
    };
    world.act(Action::Attempt(claim)).unwrap();
    let (step, reason) = (DeliveryStep::Retry, Some(code(reason)));
    world.act(Action::Outcome(Outcome { delivery, attempt, step, reason, evidence: None })).unwrap();
}

#[test]
fn what_nobody_can_have_got_is_taken_back_and_calls_its_referral_off() {
    for reason in [None, Some("unreachable"), Some("too-many-requests"), Some("left-alone")] {
        let mut world = world(Priority::Normal, false);
        let attempts = u32::from(reason.is_some());
        reason.iter().for_each(|reason| fails(&mut world, reason));
        assert_eq!(withdraw(&mut world, "cpi", attempts), Err(Refusal::NotFound), "another agency's");
        assert_eq!(withdraw(&mut world, "ictp", attempts + 1), Err(Refusal::DeliveryMoved), "it moved since");
        withdraw(&mut world, "ictp", attempts).unwrap();
        assert_eq!(world.state.deliveries[&id("dl", 1)].status, DeliveryStatus::Withdrawn);
        let referral = &world.state.referrals[&id("rf", 1)];
        assert!(referral.closed() && referral.status == Status::Cancelled, "{referral:?}");
        assert_eq!(withdraw(&mut world, "ictp", attempts), Err(Refusal::DeliveryMoved), "once");
    }
}

#[test]
fn what_may_have_arrived_is_not() {
    for reason in ["timed-out", "panicked", "worker-lost", "redirected", "unclear-answer"] {
        let mut world = world(Priority::Normal, false);
        fails(&mut world, reason);
        assert_eq!(withdraw(&mut world, "ictp", 1), Err(Refusal::OutcomeUnknown), "{reason}");
    }
    let mut world = world(Priority::Normal, false);
    let claim = Attempt {
        reduced: [].into(),
        delivery: id("dl", 1),
        attempt: 1,
        shown: [].into(),
        withheld: [].into(),
        mapped: None,
        referral: None,
    };
    world.act(Action::Attempt(claim)).unwrap();
    assert_eq!(withdraw(&mut world, "ictp", 1), Err(Refusal::DeliveryMoved), "it is being tried");
}

#[test]
fn a_later_message_waits_for_an_earlier_open_one() {
    let world = world(Priority::Normal, false);
    let first = world.state.deliveries[&id("dl", 1)].clone();
    let message = MessageKind::CancelRequest;
    let later = Delivery { id: id("dl", 2), message, ..first.clone() };
    use DeliveryStatus as D;
    for (status, waits) in [
        (D::Queued, true),
        (D::Held, true),
        (D::Sent, true),
        (D::WaitingForRetry, true),
        (D::Undeliverable, true),
        (D::Expired, true),
        (D::Delivered, false),
        (D::Refused, false),
        (D::Withdrawn, false),
    ] {
        let first = Delivery { status, ..first.clone() };
        assert_eq!(waits_for(&later, [&first, &later]).is_some(), waits, "{status:?}");
        assert_eq!(waits_for(&first, [&first, &later]), None, "the first waits for nobody");
        let elsewhere = Delivery { to: agency("laja"), ..first.clone() };
        assert_eq!(waits_for(&later, [&elsewhere]), None, "another agency's line");
        let other = Delivery { referral: id("rf", 9), ..first.clone() };
        assert_eq!(waits_for(&later, [&other]), None, "another referral's");
        let younger = Delivery { message, created: Timestamp::from_micros(i64::MAX), ..first.clone() };
        assert_eq!(waits_for(&later, [&younger]), None, "it came after");
    }
}
