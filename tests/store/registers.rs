//! Rows of the registers: written by orders, found by what counts now, ended by their time, and exactly what
//! the ledger gives.

use casework::{
    Action, AskApproval, Change, Condition, IncidentKey, IncidentTurn, MessageKind, NoteIncident, Person,
    Register, RegisterKey, Role, SetPerson, SetSwitch, SettleApproval, Settlement, Standing, Told,
};
use store::{Lane, Order, Store};

use super::world::{Asked, House, agency, ask, check_sound, code, command, done, id};

fn order(action: Action) -> Order {
    Order::plain(command(action), Lane::Outcomes)
}

/// Something in each book: two people and what they decided, an incident that is over, a switch that is off.
pub async fn books(store: &Store, of: &Asked) {
    let police = agency("ictp");
    let person = |roles: &[Role]| Person {
        id: id("ps"),
        agency: police.clone(),
        roles: roles.iter().copied().collect(),
        active: true,
    };
    let supervisor = person(&[Role::Supervisor]);
    for one in [supervisor.clone(), person(&[Role::Caseworker, Role::PrivacyOfficer])] {
        done(store, order(Action::SetPerson(SetPerson { by: police.clone(), person: one }))).await;
    }
    let part = Some(code("cpi-primero"));
    for (condition, part) in [(Condition::AgencyUnreachable, None), (Condition::WebhookDisabled, part)] {
        let key = IncidentKey { condition, agency: agency("cpi"), part };
        for turn in [IncidentTurn::Open, IncidentTurn::Recover] {
            done(store, order(Action::NoteIncident(NoteIncident { key: key.clone(), turn }))).await;
        }
    }
    for message in [None, Some(MessageKind::IdentityCheck), Some(MessageKind::CancelRequest)] {
        let (agency, reason) = (agency("cpi"), code("agency-asked"));
        done(store, order(Action::SetSwitch(SetSwitch { agency, message, off: true, reason }))).await;
    }
    let change = Change::VoidReferral { referral: of.referral, reason: code("sent-twice"), object: id("ob") };
    for settled in [true, false] {
        let asked = AskApproval { id: id("ap"), change: change.clone(), agency: police.clone() };
        done(store, order(Action::AskApproval(asked.clone()))).await;
        if !settled {
            continue;
        }
        let refuse = SettleApproval {
            id: asked.id,
            change: change.clone(),
            agency: police.clone(),
            person: supervisor.id,
            settlement: Settlement::Refuse,
            standing: Standing { told: Told { delivery: id("dl"), object: id("ob") }, carried: None },
        };
        let mut refused = order(Action::SettleApproval(refuse));
        refused.command.actor = supervisor.id;
        done(store, refused).await;
    }
}

#[tokio::test]
async fn what_counts_now_is_found_and_all_of_it_is_the_ledgers() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let asked = ask(&store, "cpi");
    done(&store, asked.order.clone()).await;
    assert!(store.open_registers().await.unwrap().is_empty());
    books(&store, &asked).await;
    let open = store.open_registers().await.unwrap();
    let count = |book: &str| open.iter().filter(|row| row.key().book() == book).count();
    assert_eq!((count("incident"), count("switch"), open.len()), (2, 3, 5));
    for (of, has) in [("ictp", true), ("cpi", false)] {
        assert_eq!(store.has_people(&agency(of)).await.unwrap(), has, "{of}");
    }
    let approvals = store.registers("approval", Some(agency("ictp"))).await.unwrap();
    assert_eq!(approvals.iter().filter(|row| row.open()).count(), 1);
    assert_eq!(approvals.len(), 2);
    assert!(store.registers("approval", Some(agency("cpi"))).await.unwrap().is_empty());
    let key = approvals[0].key();
    assert_eq!(store.register(&key).await.unwrap().as_ref(), Some(&approvals[0]));
    let due: Vec<_> = open.iter().chain(&approvals).filter_map(Register::due).collect();
    assert_eq!(due.len(), 3, "an open approval and two recovered incidents end by themselves");
    let next = store.next_overdue().await.unwrap().unwrap();
    assert!(next <= *due.iter().min().unwrap());
    assert!(store.lapsed_registers().await.unwrap().is_empty());
    store.raise_clock(*due.iter().max().unwrap()).unwrap();
    for key in store.lapsed_registers().await.unwrap() {
        done(&store, order(Action::Lapse(key))).await;
    }
    assert!(store.lapsed_registers().await.unwrap().is_empty());
    let vkey = store.key().vkey();
    drop(store);
    check_sound(house.place(), &vkey);
    // What was off is off in a process that starts anew.
    let store = house.open();
    let off = RegisterKey::Switch(agency("cpi"), None);
    assert!(store.register(&off).await.unwrap().is_some_and(|row| row.open()));
}

#[tokio::test]
async fn a_row_that_no_entry_made_is_found() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let asked = ask(&store, "cpi");
    done(&store, asked.order.clone()).await;
    books(&store, &asked).await;
    let vkey = store.key().vkey();
    drop(store);
    let stopped = "UPDATE registers SET open = (1 = 0) WHERE id = 'switch/cpi/all'";
    if house.sql(stopped).is_none() {
        return;
    }
    let report = super::world::audit(house.place(), &vkey, Vec::new());
    let kinds: Vec<&str> = report.findings.iter().map(|finding| finding.kind).collect();
    assert_eq!(kinds, ["state-mismatch"], "{:#?}", report.findings);
}

/// A part of what counts is not taken for the whole.
#[tokio::test]
async fn more_than_is_read_together_is_an_error() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let asked = ask(&store, "cpi");
    done(&store, asked.order.clone()).await;
    books(&store, &asked).await;
    let more = |count: u32| {
        format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
             INSERT INTO registers (id, book, agency, open, state) \
             SELECT 'switch/a' || {count} || '.' || i, book, agency, open, state FROM registers, n \
             WHERE id = 'switch/cpi/all'"
        )
    };
    if house.sql(&more(9_995)).is_none() {
        return;
    }
    assert_eq!(store.open_registers().await.unwrap().len(), 10_000);
    house.sql(&more(1)).unwrap();
    let told = store.open_registers().await.unwrap_err().to_string();
    assert!(told.contains("more than 10000 rows"), "{told}");
}
