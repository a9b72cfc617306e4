//! What a request may be for besides serving a child: handing a case over, asking for that, and telling what
//! a statute says has to be told. One machine, other steps.

use casework::{
    Action, AgencyCode, Answer, ClockKind, Effect, Entry, Intent, MessageKind, More, Priority, Recipient,
    Referral, Refusal, Rung, Status, Submit, Terms, Told, next_actions, rung_for,
};

use super::invariants::{check_offers, check_state};
use super::world::{World, agency, code, id};

fn submit(number: u128, from: &str, to: &str, intent: Intent, answers: Option<u128>) -> Submit {
    let recipient = Recipient {
        referral: id("rf", number),
        delivery: id("dl", number << 64),
        to: agency(to),
        addressed: None,
        mandate: None,
        service: code("SVC-SHELTER"),
    };
    let answers = answers.map(|number| id("rf", number));
    Submit {
        request: id("rq", number),
        case: id("cs", 1),
        open_case: number == 1,
        from: agency(from),
        priority: Priority::Normal,
        purpose: code("protection"),
        basis: code("statutory"),
        held: false,
        recipients: vec![recipient],
        object: id("ob", number),
        replaces: None,
        terms: Terms { intent, answers, ..Terms::default() },
    }
}

fn send(world: &mut World, asked: Submit) -> Result<Vec<Entry>, Refusal> {
    let sent = world.act(Action::Submit(asked));
    check_state(world);
    sent
}

fn take(world: &mut World, number: u128, by: &str, step: MessageKind) -> Result<Vec<Entry>, Refusal> {
    let next = 1000 + u128::try_from(world.entries.len()).unwrap();
    let answer = Answer {
        referral: id("rf", number),
        agency: agency(by),
        step,
        expected_version: None,
        reason: Some(code("no-capacity")),
        failed: false,
        suggested: None,
        told: Told { delivery: id("dl", next), object: id("ob", next) },
        carried: None,
        more: More { case: Some(id("cs", 1)), ..More::default() },
    };
    let taken = world.act(Action::Answer(answer));
    check_state(world);
    check_offers(world, held(world, number));
    taken
}

fn held(world: &World, number: u128) -> &Referral {
    &world.state.referrals[&id("rf", number)]
}

fn owner(world: &World) -> AgencyCode {
    world.state.cases[&id("cs", 1)].owner().clone()
}

fn offered(world: &World, number: u128, to: &str) -> Vec<&'static str> {
    next_actions(held(world, number), &agency(to)).into_iter().map(|offer| offer.action).collect()
}

#[test]
fn responsibility_moves_on_acceptance_only() {
    let mut world = World::new();
    send(&mut world, submit(1, "ictp", "cpi", Intent::Transfer, None)).unwrap();
    assert_eq!(owner(&world), agency("ictp"), "sent is not taken");
    take(&mut world, 1, "cpi", MessageKind::Received).unwrap();
    assert_eq!(owner(&world), agency("ictp"), "opened is not taken");
    take(&mut world, 1, "cpi", MessageKind::Accept).unwrap();
    assert_eq!(owner(&world), agency("cpi"));
    let again = send(&mut world, submit(2, "ictp", "laja", Intent::Transfer, None));
    assert_eq!(again, Err(Refusal::NotOwner), "it is no longer theirs to give");
    take(&mut world, 1, "cpi", MessageKind::Outcome).unwrap();
    assert_eq!(owner(&world), agency("cpi"), "the case stays with whoever took it");
}

#[test]
fn a_rejected_transfer_moved_nothing() {
    let mut world = World::new();
    send(&mut world, submit(1, "ictp", "cpi", Intent::Transfer, None)).unwrap();
    take(&mut world, 1, "cpi", MessageKind::Reject).unwrap();
    assert_eq!(owner(&world), agency("ictp"));
    assert_eq!(held(&world, 1).owner, Some(agency("ictp")));
    assert!(held(&world, 1).clocks.iter().any(|clock| clock.kind == ClockKind::Reroute));
}

/// Two agencies are asked one after the other; whoever accepts first has the case.
#[test]
fn a_case_goes_to_one() {
    let mut world = World::new();
    send(&mut world, submit(1, "ictp", "cpi", Intent::Transfer, None)).unwrap();
    send(&mut world, submit(2, "ictp", "laja", Intent::Transfer, None)).unwrap();
    take(&mut world, 1, "cpi", MessageKind::Accept).unwrap();
    assert_eq!(take(&mut world, 2, "laja", MessageKind::Accept), Err(Refusal::NotOwner));
    assert_eq!(owner(&world), agency("cpi"));
    take(&mut world, 2, "laja", MessageKind::Reject).unwrap();
}

#[test]
fn a_transfer_request_is_answered_by_a_transfer_or_a_reason() {
    let mut world = World::new();
    send(&mut world, submit(1, "ictp", "cpi", Intent::Refer, None)).unwrap();
    let stranger = send(&mut world, submit(2, "laja", "ictp", Intent::TransferRequest, None));
    assert_eq!(stranger, Err(Refusal::NotFound), "who is no party knows of no case");
    let wrong = send(&mut world, submit(2, "cpi", "laja", Intent::TransferRequest, None));
    assert_eq!(wrong, Err(Refusal::NotOwner), "only its owner can be asked for it");
    send(&mut world, submit(2, "cpi", "ictp", Intent::TransferRequest, None)).unwrap();
    assert_eq!(offered(&world, 2, "ictp"), ["received", "reject", "hold"]);
    assert_eq!(owner(&world), agency("ictp"));

    let other = send(&mut world, submit(3, "ictp", "laja", Intent::Transfer, Some(2)));
    assert_eq!(other, Err(Refusal::NotFound), "a transfer to another answers nobody");
    send(&mut world, submit(3, "ictp", "cpi", Intent::Transfer, Some(2))).unwrap();
    let asked = held(&world, 2);
    assert!(asked.closed() && asked.status == Status::Completed);
    assert_eq!(asked.reason, Some(code("transfer-offered")));
    assert_eq!(asked.replaced_by, Some(id("rq", 3)));
    assert_eq!(owner(&world), agency("ictp"), "offered is not taken");
    take(&mut world, 3, "cpi", MessageKind::Accept).unwrap();
    assert_eq!(owner(&world), agency("cpi"));

    send(&mut world, submit(4, "ictp", "cpi", Intent::TransferRequest, None)).unwrap();
    take(&mut world, 4, "cpi", MessageKind::Reject).unwrap();
    assert_eq!(held(&world, 4).status, Status::Rejected);
    assert_eq!(owner(&world), agency("cpi"));
}

#[test]
fn a_notification_can_only_be_acknowledged() {
    let mut world = World::new();
    let on_consent = Submit { basis: code("consent"), ..submit(1, "ictp", "cpi", Intent::Notify, None) };
    assert_eq!(send(&mut world, on_consent), Err(Refusal::ReasonMissing { step: MessageKind::Request }));
    send(&mut world, submit(1, "ictp", "cpi", Intent::Notify, None)).unwrap();
    assert_eq!(offered(&world, 1, "cpi"), ["received"]);
    assert_eq!(offered(&world, 1, "ictp"), ["void"]);
    for step in [MessageKind::Accept, MessageKind::Reject, MessageKind::Hold] {
        let refused = take(&mut world, 1, "cpi", step);
        assert!(matches!(refused, Err(Refusal::InvalidTransition { .. })), "{step}: {refused:?}");
    }
    take(&mut world, 1, "cpi", MessageKind::Received).unwrap();
    let told = held(&world, 1);
    assert!(told.closed() && told.status == Status::Completed && told.owner.is_none());
    assert_eq!(told.reason, Some(code("acknowledged")));
    assert_eq!(offered(&world, 1, "cpi"), Vec::<&str>::new());
}

/// Nobody opens it: it reaches the hub, and stays open.
#[test]
fn a_notification_never_expires() {
    let rules = schemas::Directory::embedded().unwrap().rules();
    let mut world = World::new();
    send(&mut world, submit(1, "ictp", "cpi", Intent::Notify, None)).unwrap();
    let last = rules.ladders[&ClockKind::Receive].last().unwrap();
    assert_eq!(last.effect, Effect::Expire);
    let Rung { whom, effect, .. } = rung_for(last, held(&world, 1));
    assert_eq!((whom, effect), (casework::Whom::Hub, Effect::Tell));
}
