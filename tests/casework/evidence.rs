//! Four acknowledgements that are never taken for one another, and the state of a request with several
//! referrals.

use casework::{
    Action, Answer, Attempt, DeliveryStep, MessageKind, Outcome, Priority, Recipient, RequestStatus, Submit,
    Told, acknowledged, evidence, request_status,
};

use super::world::{World, agency, code, id};

fn world(receivers: &[&str]) -> World {
    let mut world = World::new();
    let recipient = |(number, to): (u128, &&str)| Recipient {
        referral: id("rf", number),
        delivery: id("dl", number),
        to: agency(to),
        addressed: None,
        mandate: None,
        service: code("SVC-SHELTER"),
    };
    let submit = Submit {
        request: id("rq", 1),
        case: id("cs", 1),
        open_case: true,
        from: agency("ictp"),
        priority: Priority::Normal,
        purpose: code("protection"),
        basis: code("best-interests"),
        held: false,
        recipients: (1..).zip(receivers).map(recipient).collect(),
        object: id("ob", 1),
        replaces: None,
        terms: Default::default(),
    };
    world.act(Action::Submit(submit)).unwrap();
    world
}

fn take(world: &mut World, referral: u128, by: &str, step: MessageKind) {
    let next = 100 + u128::try_from(world.entries.len()).unwrap();
    let answer = Answer {
        referral: id("rf", referral),
        agency: agency(by),
        step,
        expected_version: None,
        reason: Some(code("other")),
        failed: false,
        suggested: None,
        told: Told { delivery: id("dl", next), object: id("ob", next) },
        carried: None,
        more: Default::default(),
    };
    world.act(Action::Answer(answer)).unwrap();
}

fn hand_over(world: &mut World, number: u128, step: DeliveryStep) {
    let delivery = id("dl", number);
    let attempt = world.state.deliveries[&delivery].attempts + 1;
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
    let reason = (step != DeliveryStep::Delivered).then(|| code("timed-out"));
    world.act(Action::Outcome(Outcome { delivery, attempt, step, reason, evidence: None })).unwrap();
}

/// Which of the four stand: accepted by the hub, delivered, opened, decided.
fn check(world: &World, expect: [bool; 4]) {
    let entries = (0..).zip(&world.entries).map(|(index, entry): (u64, _)| (&entry.event, index));
    let found = acknowledged(entries, id("dl", 1));
    let stand = [found.hub_accepted, found.system_delivered, found.officer_opened, found.agency_decided];
    assert_eq!(stand.map(|one| one.is_some()), expect, "{found:?}");
}

#[test]
fn four_acknowledgements_are_four_things() {
    let mut world = world(&["cpi"]);
    check(&world, [true, false, false, false]);
    hand_over(&mut world, 1, DeliveryStep::Retry);
    check(&world, [true, false, false, false]);
    hand_over(&mut world, 1, DeliveryStep::Delivered);
    check(&world, [true, true, false, false]);
    take(&mut world, 1, "cpi", MessageKind::Received);
    check(&world, [true, true, true, false]);
    take(&mut world, 1, "cpi", MessageKind::Accept);
    check(&world, [true, true, true, true]);
}

/// Whoever accepts what was never marked as opened has opened it; that its answer arrived says nothing of
/// the request's own delivery.
#[test]
fn an_acceptance_opens_and_delivers_nothing() {
    let mut world = world(&["cpi"]);
    take(&mut world, 1, "cpi", MessageKind::Accept);
    let answer = world.state.deliveries.values().find(|held| held.message == MessageKind::Accept).unwrap().id;
    let attempt = Attempt {
        reduced: [].into(),
        delivery: answer,
        referral: None,
        attempt: 1,
        shown: [].into(),
        withheld: [].into(),
        mapped: None,
    };
    world.act(Action::Attempt(attempt)).unwrap();
    let step = DeliveryStep::Delivered;
    world
        .act(Action::Outcome(Outcome { delivery: answer, attempt: 1, step, reason: None, evidence: None }))
        .unwrap();
    check(&world, [true, false, true, true]);
    let words: Vec<_> = world.entries.iter().map(|entry| evidence(&entry.event).join(" ")).collect();
    insta::assert_snapshot!(words.join("\n"));
}

fn stands(world: &World, expect: RequestStatus) {
    assert_eq!(request_status(world.state.referrals.values()), Some(expect));
}

/// A request is what its referrals are: active while one is, or has to go elsewhere.
#[test]
fn a_request_stands_where_its_referrals_do() {
    use MessageKind as M;
    assert_eq!(request_status([]), None);
    let mut world = world(&["cpi", "laja"]);
    stands(&world, RequestStatus::Active);
    take(&mut world, 1, "cpi", M::Hold);
    stands(&world, RequestStatus::Active);
    take(&mut world, 2, "laja", M::Hold);
    stands(&world, RequestStatus::OnHold);
    take(&mut world, 1, "cpi", M::Reject);
    stands(&world, RequestStatus::Active);
    take(&mut world, 1, "ictp", M::Close);
    stands(&world, RequestStatus::OnHold);
    take(&mut world, 2, "laja", M::Accept);
    take(&mut world, 2, "laja", M::Outcome);
    stands(&world, RequestStatus::Completed);
}

#[test]
fn a_request_nobody_served_is_revoked() {
    let mut world = world(&["cpi"]);
    take(&mut world, 1, "cpi", MessageKind::Reject);
    take(&mut world, 1, "ictp", MessageKind::Close);
    stands(&world, RequestStatus::Revoked);
}
