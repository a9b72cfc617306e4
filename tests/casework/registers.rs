//! The registers' rules, pure: keys that read back, acts of two people and their ends, incidents that open
//! once, switches, and rows whose leaf is never over 1 KiB.

use casework::{
    Action, Approval, ApprovalStatus, AskApproval, Change, ClockKind, Condition, DeliveryStatus, Entry,
    Event, IncidentKey, IncidentStatus, IncidentTurn, LEAF_BYTES_MAX, MessageKind, NoteIncident, Person,
    Refusal, Register, RegisterKey, Role, SetPerson, SetSwitch, SettleApproval, Settlement, Standing, Status,
    Told,
};

use super::transitions::{answer, reached};
use super::world::{DAY, HOUR, World, agency, code, id};

const OFFICER: u128 = 1;
const SUPERVISOR: u128 = 2;

fn person(who: u128, of: &str, role: Role) -> Action {
    let person = Person { id: id("ps", who), agency: agency(of), roles: [role].into(), active: true };
    Action::SetPerson(SetPerson { by: agency(of), person })
}

fn change() -> Change {
    Change::VoidReferral { referral: id("rf", 1), reason: code("sent-twice"), object: id("ob", 9) }
}

fn ask(change: Change) -> Action {
    Action::AskApproval(AskApproval { id: id("ap", 1), change, agency: agency("ictp") })
}

fn settle(who: u128, settlement: Settlement) -> SettleApproval {
    SettleApproval {
        id: id("ap", 1),
        change: change(),
        agency: agency("ictp"),
        person: id("ps", who),
        settlement,
        standing: Standing {
            told: Told { delivery: id("dl", 7), object: id("ob", 7) },
            carried: Some(id("dl", 1)),
        },
    }
}

/// A referral in a state, shown to its receiver, whose void somebody has asked for.
fn asked(path: &str) -> World {
    let mut world = reached(path, casework::Priority::Urgent);
    let shown = casework::Attempt {
        reduced: [].into(),
        delivery: id("dl", 1),
        referral: None,
        attempt: 1,
        shown: [].into(),
        withheld: [].into(),
        mapped: None,
    };
    world.act(Action::Attempt(shown)).unwrap();
    world.act(person(SUPERVISOR, "ictp", Role::Supervisor)).unwrap();
    world.act(ask(change())).unwrap();
    world
}

fn approval(world: &World) -> Approval {
    match &world.state.registers[&RegisterKey::Approval(id("ap", 1))] {
        Register::Approval(held) => held.clone(),
        other => panic!("{other:?}"),
    }
}

fn approve(world: &mut World) -> Result<Vec<Entry>, Refusal> {
    world.act(Action::SettleApproval(settle(SUPERVISOR, Settlement::Approve)))
}

#[test]
fn keys_read_back() {
    let agency = agency("fia-ccw");
    let part = Some(code("cpi.primero-1"));
    for key in [
        RegisterKey::Person(id("ps", 5)),
        RegisterKey::Approval(id("ap", 5)),
        RegisterKey::PolicySet,
        RegisterKey::RetentionSchedule,
        RegisterKey::Switch(agency.clone(), None),
        RegisterKey::Switch(agency.clone(), Some(MessageKind::CancelRequest)),
        RegisterKey::Incident(IncidentKey {
            condition: Condition::DeliveryExpired,
            agency: agency.clone(),
            part: None,
        }),
        RegisterKey::Incident(IncidentKey { condition: Condition::WebhookDisabled, agency, part }),
    ] {
        assert_eq!(key.to_string().parse(), Ok(key.clone()), "{key}");
    }
    for wrong in ["", "person", "person/x", "switch/cpi", "switch/cpi/none", "incident/cpi", "book/1"] {
        assert!(wrong.parse::<RegisterKey>().is_err(), "{wrong}");
    }
}

#[test]
fn a_void_is_open_until_the_receiver_purged() {
    for path in ["", "received", "accept progress", "accept progress hold?", "accept cancel-request"] {
        let mut world = asked(path);
        approve(&mut world).unwrap();
        let held = world.state.referrals[&id("rf", 1)].clone();
        assert_eq!(
            (held.status, held.owner.clone()),
            (Status::EnteredInError, Some(agency("ictp"))),
            "{path}"
        );
        let clocks: Vec<ClockKind> = held.clocks.iter().map(|clock| clock.kind).collect();
        assert_eq!((clocks, held.closed(), held.cancel), (vec![ClockKind::Purge], false, None), "{path}");
        let told = &world.state.deliveries[&id("dl", 7)];
        assert_eq!((told.message, told.to.clone()), (MessageKind::Void, agency("cpi")), "{path}");
        let purged = casework::Answer {
            told: Told { delivery: id("dl", 8), object: id("ob", 8) },
            ..answer("purged", "cpi")
        };
        world.act(Action::Answer(purged)).unwrap();
        let held = &world.state.referrals[&id("rf", 1)];
        assert!(held.closed() && held.owner.is_none(), "{held:?}");
        assert_eq!(held.reason, Some(code("sent-twice")), "removing it keeps the reason");
    }
}

#[test]
fn a_void_of_a_closed_referral_asks_for_a_purge() {
    for path in ["reject close", "accept progress outcome feedback", "accept cancel-request cancel-confirm"] {
        let mut world = asked(path);
        assert!(world.state.referrals[&id("rf", 1)].closed(), "{path}");
        approve(&mut world).unwrap();
        let held = &world.state.referrals[&id("rf", 1)];
        assert!(!held.closed() && held.clocks[0].kind == ClockKind::Purge, "{path}: {held:?}");
    }
}

#[test]
fn what_was_never_shown_is_void_at_once() {
    let mut world = reached("", casework::Priority::Urgent);
    world.act(person(SUPERVISOR, "ictp", Role::Supervisor)).unwrap();
    world.act(ask(change())).unwrap();
    approve(&mut world).unwrap();
    let held = &world.state.referrals[&id("rf", 1)];
    assert!(held.status == Status::EnteredInError && held.closed(), "{held:?}");
    assert_eq!(world.state.deliveries[&id("dl", 1)].status, DeliveryStatus::Withdrawn);
    assert!(!world.state.deliveries.contains_key(&id("dl", 7)), "nobody is told of what nobody saw");
}

#[test]
fn one_person_cannot_void() {
    let mut world = asked("accept");
    let alone = casework::Answer { ..answer("void", "ictp") };
    assert_eq!(world.act(Action::Answer(alone)), Err(Refusal::NeedsApproval));
    let own = Action::SettleApproval(settle(OFFICER, Settlement::Approve));
    assert_eq!(world.act(own), Err(Refusal::OwnAct));
    assert_eq!(world.state.referrals[&id("rf", 1)].status, Status::Accepted);
}

#[test]
fn the_second_person_is_registered_active_of_the_agency_and_in_the_role() {
    let by = |who, role, of: &str, active| {
        let mut world = asked("accept");
        let person = Person { id: id("ps", who), agency: agency(of), roles: [role].into(), active };
        world.act(Action::SetPerson(SetPerson { by: agency(of), person })).unwrap();
        world.act(Action::SettleApproval(settle(who, Settlement::Approve))).map(|_| ())
    };
    assert_eq!(by(3, Role::Supervisor, "ictp", true), Ok(()));
    assert_eq!(by(3, Role::Supervisor, "ictp", false), Err(Refusal::PersonNeeded));
    assert_eq!(by(3, Role::Supervisor, "cpi", true), Err(Refusal::PersonNeeded));
    assert_eq!(by(3, Role::Caseworker, "ictp", true), Err(Refusal::RoleMissing { needs: Role::Supervisor }));
    let mut world = asked("accept");
    let stranger = Action::SettleApproval(settle(4, Settlement::Approve));
    assert_eq!(world.act(stranger), Err(Refusal::PersonNeeded));
}

#[test]
fn an_approval_is_for_one_exact_change() {
    let mut world = asked("accept");
    let other =
        Change::VoidReferral { referral: id("rf", 1), reason: code("wrong-child"), object: id("ob", 9) };
    let swapped = SettleApproval { change: other, ..settle(SUPERVISOR, Settlement::Approve) };
    assert_eq!(world.act(Action::SettleApproval(swapped)), Err(Refusal::NotFound));
    let foreign = SettleApproval { agency: agency("cpi"), ..settle(SUPERVISOR, Settlement::Approve) };
    assert_eq!(world.act(Action::SettleApproval(foreign)), Err(Refusal::NotFound));
    assert_eq!(approval(&world).status, ApprovalStatus::Open);
}

#[test]
fn an_approval_ends_after_24_hours() {
    let mut world = asked("accept");
    let lapse = Action::Lapse(RegisterKey::Approval(id("ap", 1)));
    world.wait(24 * HOUR - 1);
    assert_eq!(world.act(lapse.clone()), Err(Refusal::NothingToDo), "one microsecond before");
    world.wait(1);
    let over = Refusal::ApprovalOver { status: ApprovalStatus::Expired };
    assert_eq!(approve(&mut world), Err(over.clone()), "late is late, even before anybody noticed");
    world.act(lapse.clone()).unwrap();
    assert_eq!(approval(&world).status, ApprovalStatus::Expired);
    assert_eq!(world.act(lapse), Err(Refusal::NothingToDo), "once");
    assert_eq!(approve(&mut world), Err(over));
}

#[test]
fn approving_twice_does_it_once() {
    let mut world = asked("accept");
    assert_eq!(approve(&mut world).unwrap().len(), 2, "the yes and the act, together");
    let over = Refusal::ApprovalOver { status: ApprovalStatus::Approved };
    assert_eq!(approve(&mut world), Err(over));
}

#[test]
fn what_is_asked_can_be_refused_and_taken_back() {
    let mut world = asked("accept");
    let back = |who| Action::SettleApproval(settle(who, Settlement::Withdraw));
    assert_eq!(world.act(back(SUPERVISOR)), Err(Refusal::OwnAct), "only by whoever asked");
    world.act(back(OFFICER)).unwrap();
    assert_eq!(approval(&world).status, ApprovalStatus::Withdrawn);
    let mut world = asked("accept");
    world.act(Action::SettleApproval(settle(SUPERVISOR, Settlement::Refuse))).unwrap();
    assert_eq!(approval(&world).status, ApprovalStatus::Refused);
    assert_eq!(world.state.referrals[&id("rf", 1)].status, Status::Accepted, "nothing happened");
}

#[test]
fn nobody_says_who_he_is_himself_or_who_anothers_people_are() {
    let mut world = World::new();
    assert_eq!(world.act(person(1, "ictp", Role::Supervisor)), Err(Refusal::OwnAct));
    let foreign = Person { id: id("ps", 2), agency: agency("cpi"), roles: [].into(), active: true };
    let asked = SetPerson { by: agency("ictp"), person: foreign };
    assert_eq!(world.act(Action::SetPerson(asked)), Err(Refusal::NotFound));
    let operator = person(2, "ictp", Role::Operator);
    assert_eq!(world.act(operator), Err(Refusal::RoleMissing { needs: Role::Operator }));
    world.act(person(2, "ictp", Role::Caseworker)).unwrap();
    assert_eq!(world.act(person(2, "ictp", Role::Caseworker)), Err(Refusal::NothingToDo));
    assert_eq!(world.act(person(2, "cpi", Role::Supervisor)), Err(Refusal::NotFound), "one agency each");
}

#[test]
fn an_incident_opens_once_recovers_and_is_closed_after_a_day() {
    let mut world = World::new();
    let key = IncidentKey { condition: Condition::AgencyUnreachable, agency: agency("cpi"), part: None };
    let note = |turn| Action::NoteIncident(NoteIncident { key: key.clone(), turn });
    let stands = |world: &World| match &world.state.registers[&RegisterKey::Incident(key.clone())] {
        Register::Incident(held) => (held.status, held.times),
        other => panic!("{other:?}"),
    };
    assert_eq!(world.act(note(IncidentTurn::Recover)), Err(Refusal::NothingToDo), "nothing was wrong");
    world.act(note(IncidentTurn::Open)).unwrap();
    for _ in 0..100 {
        assert_eq!(world.act(note(IncidentTurn::Open)), Err(Refusal::NothingToDo), "one for each condition");
    }
    assert_eq!(stands(&world), (IncidentStatus::Opened, 1));
    world.act(note(IncidentTurn::Recover)).unwrap();
    world.wait(DAY - 1);
    let lapse = Action::Lapse(RegisterKey::Incident(key.clone()));
    assert_eq!(world.act(lapse.clone()), Err(Refusal::NothingToDo));
    world.wait(1);
    world.act(lapse).unwrap();
    assert_eq!(stands(&world), (IncidentStatus::Closed, 1));
    world.act(note(IncidentTurn::Open)).unwrap();
    assert_eq!(stands(&world), (IncidentStatus::Opened, 2), "it began again");
    world.act(note(IncidentTurn::Close)).unwrap();
    assert_eq!(stands(&world), (IncidentStatus::Closed, 2));
}

#[test]
fn a_discarded_request_falls_back_to_its_sender() {
    let mut world = reached("", casework::Priority::Urgent);
    world.act(person(SUPERVISOR, "ictp", Role::Supervisor)).unwrap();
    let (delivery, referral) = (id("dl", 1), id("rf", 1));
    let change = Change::DiscardDeadLetter { delivery, referral, reason: code("told-otherwise") };
    assert_eq!(world.act(ask(change.clone())), Err(Refusal::DeliveryMoved), "it is no dead letter yet");
    let claim = casework::Attempt {
        reduced: [].into(),
        delivery,
        attempt: 1,
        shown: [].into(),
        withheld: [].into(),
        mapped: None,
        referral: None,
    };
    world.act(Action::Attempt(claim)).unwrap();
    let broken = casework::Outcome {
        delivery,
        attempt: 1,
        step: casework::DeliveryStep::Undeliverable,
        reason: Some(code("unmapped-code")),
        evidence: None,
    };
    world.act(Action::Outcome(broken)).unwrap();
    world.act(ask(change.clone())).unwrap();
    let yes = SettleApproval { change, ..settle(SUPERVISOR, Settlement::Approve) };
    let entries = world.act(Action::SettleApproval(yes)).unwrap();
    assert_eq!(entries.len(), 3, "the yes, the message, the referral: {entries:?}");
    let letter = &world.state.deliveries[&delivery];
    assert_eq!((letter.status, letter.owner.clone()), (DeliveryStatus::Withdrawn, None));
    assert!(letter.clocks.is_empty());
    let held = &world.state.referrals[&referral];
    assert_eq!((held.status, held.reason.clone()), (Status::Cancelled, Some(code("undelivered"))));
    assert_eq!((held.owner.clone(), held.clocks[0].kind), (Some(agency("ictp")), ClockKind::Reroute));
}

/// Another set takes the place of the one it was compared with, by two people of the hub, and of no other.
#[test]
fn a_policy_change_is_the_hubs_and_holds_for_the_set_it_was_compared_with() {
    let change = |set: &str, before: &str| Change::PolicyChange {
        set: set.into(),
        before: before.into(),
        replay: casework::Replayed {
            decisions: 9,
            newly_permitted: 1,
            newly_denied: 2,
            newly_failed: 0,
            not_asked: 0,
        },
    };
    let ask_of = |number, of: &str, change: Change| {
        let asked = AskApproval { id: id("ap", number), change, agency: agency(of) };
        Action::AskApproval(asked)
    };
    let yes = |number, change: Change| {
        let settled = SettleApproval { id: id("ap", number), change, ..settle(2, Settlement::Approve) };
        Action::SettleApproval(SettleApproval { agency: agency("hub"), ..settled })
    };
    let mut world = World::new();
    world.act(person(2, "hub", Role::Operator)).unwrap();
    assert_eq!(world.act(ask_of(1, "ictp", change("b", "a"))), Err(Refusal::NotFound));
    assert_eq!(world.act(ask_of(1, "hub", change("a", "a"))), Err(Refusal::NothingToDo));
    world.act(ask_of(1, "hub", change("b", "a"))).unwrap();
    world.act(ask_of(2, "hub", change("c", "a"))).unwrap();
    let entries = world.act(yes(1, change("b", "a"))).unwrap();
    assert_eq!(entries.len(), 2, "the yes and the set: {entries:?}");
    let Register::PolicySet(held) = &world.state.registers[&RegisterKey::PolicySet] else { panic!() };
    assert_eq!((held.set.as_str(), held.before.as_str(), held.approval), ("b", "a", id("ap", 1)));
    assert_eq!(world.act(yes(2, change("c", "a"))), Err(Refusal::PoliciesMoved));
    assert_eq!(world.act(ask_of(3, "hub", change("c", "a"))), Err(Refusal::PoliciesMoved));
    world.act(ask_of(3, "hub", change("a", "b"))).unwrap();
    world.act(yes(3, change("a", "b"))).unwrap();
}

#[test]
fn a_switch_stands_as_it_was_turned() {
    let mut world = World::new();
    let turn = |off| {
        let (agency, reason) = (agency("cpi"), code("agency-asked"));
        Action::SetSwitch(SetSwitch { agency, message: None, off, reason })
    };
    assert_eq!(world.act(turn(false)), Err(Refusal::NothingToDo));
    world.act(turn(true)).unwrap();
    assert_eq!(world.act(turn(true)), Err(Refusal::NothingToDo));
    world.act(turn(false)).unwrap();
}

/// The longest row of each book that can be written.
#[test]
fn rows_fit_a_leaf() {
    let (long, of) = (code(&"c".repeat(40)), agency(&"a".repeat(16)));
    let change =
        Change::DiscardDeadLetter { delivery: id("dl", 1), referral: id("rf", 1), reason: long.clone() };
    let at = casework::Timestamp::from_micros(253_000_000_000_000_000);
    let approval = Approval {
        id: id("ap", 1),
        change,
        agency: of.clone(),
        by: id("ps", 1),
        needs: Role::PrivacyOfficer,
        status: ApprovalStatus::Withdrawn,
        expires: at,
        decided_by: Some(id("ps", 2)),
    };
    let roles = Role::ALL.iter().copied().collect();
    let person = Person { id: id("ps", 1), agency: of.clone(), roles, active: false };
    let incident = casework::Incident {
        condition: Condition::AgencyUnreachable,
        agency: of.clone(),
        part: Some(long.clone()),
        status: IncidentStatus::Recovered,
        opened: at,
        recovered: Some(at),
        times: u32::MAX,
    };
    let message = Some(MessageKind::CancelRequest);
    let switch = casework::Switch { agency: of, message, off: false, reason: long, since: at };
    for row in [
        Register::Approval(approval),
        Register::Person(person),
        Register::Incident(incident),
        Register::Switch(switch),
    ] {
        let event = Event::Register(row);
        let commitment = Some(casework::Commitment { message: "ab".repeat(32), signature: None });
        let policy = Some("0123456789abcdef".to_owned());
        let entry = Entry::new(at, id("ps", 1), casework::Via::Adapter, policy, commitment, event);
        let leaf = entry.to_leaf().unwrap();
        assert!(leaf.len() < LEAF_BYTES_MAX, "{}", leaf.len());
        let text = String::from_utf8(leaf.clone()).unwrap();
        assert!(text.contains("\"kind\":\"register.moved\",\"book\":"), "{text}");
        assert_eq!(Entry::from_leaf(&leaf).unwrap(), entry);
    }
}
