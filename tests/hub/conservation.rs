//! The hub keeps its two promises, and says so where it does not: in the ledger, in a metric, to its
//! operator.

use std::sync::{Mutex, MutexGuard, PoisonError};

use casework::{Action, Attempt, Counted, DeliveryId, DeliveryStep, Event, Outcome, Via};
use policies::Policies;
use store::{Committed, Lane, Order};

use super::breaker::for_nccia;
use super::world::{World, key, system};
use crate::configuration::place::Place;
use crate::store::server::Fresh;

/// The gauges are the process's: one test after the other.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// On files, and on a server where there is one.
fn worlds() -> Vec<World> {
    let on = |fresh| World::on(fresh, Policies::embedded().unwrap(), 0);
    std::iter::once(None).chain(Fresh::make().map(Some)).map(on).collect()
}

/// One referral that was delivered and one that waits; the delivery that arrived, the referral that waits.
async fn lived(world: &World) -> (DeliveryId, String) {
    let sent = world.hub.submit_referral(&system("ictp"), &for_nccia(), &key("one")).await.unwrap();
    let delivery = world.hub.store.deliveries_of(sent.referrals[0].id).await.unwrap()[0].id;
    let attempt = Attempt {
        reduced: [].into(),
        delivery,
        referral: None,
        attempt: 1,
        shown: [].into(),
        withheld: [].into(),
        mapped: None,
    };
    let step = DeliveryStep::Delivered;
    let outcome = Outcome { delivery, attempt: 1, step, reason: None, evidence: None };
    for action in [Action::Attempt(attempt), Action::Outcome(outcome)] {
        let (actor, via) = (world.hub.itself, Via::Hub);
        let command = casework::Command { actor, via, permit: None, commitment: None, action };
        let done = world.hub.store.commit(Order::plain(command, Lane::Outcomes)).await.unwrap();
        assert!(matches!(done, Committed::Done(_)), "{done:?}");
    }
    let waits = world.hub.submit_referral(&system("ictp"), &for_nccia(), &key("two")).await.unwrap();
    (delivery, waits.referrals[0].id.to_string())
}

/// The newest count in the ledger.
async fn entered(world: &World) -> Counted {
    let newest = world.hub.store.entries_before(None, 5).await.unwrap();
    let count = |entry: &store::AuditEntry| match &entry.entry.event {
        Event::Counted(counted) => Some(counted.clone()),
        _ => None,
    };
    newest.iter().find_map(count).unwrap()
}

fn shows(line: &str) -> bool {
    amaan_http::measure::recorder().render().lines().any(|shown| shown == line)
}

/// What `amaan doctor` says of a store on files; what it would look at on a server.
fn doctor(world: &World) -> String {
    match world.place() {
        store::Place::Sqlite { dir } => {
            let text = format!("[hub]\nname = \"amaan.example.org\"\ndata = \"{}\"\n", dir.display());
            Place::furnished(&text).run(&["doctor", "--config", "amaan.toml"], &[]).out
        }
        place => {
            let found = store::probe(&place, Vec::new()).unwrap().unwrap().recount.unwrap();
            found.violations.iter().map(|one| format!("{} {}\n", one.id, one.what)).collect()
        }
    }
}

/// Breaks something behind the hub's back, and looks where it has to show.
async fn found(world: World, invariant: &str, statement: impl Fn(&DeliveryId, &str) -> String) {
    let (delivery, referral) = lived(&world).await;
    _ = amaan_http::measure::recorder();
    assert!(world.hub.count_conservation().await.unwrap().holds());
    assert!(shows("amaan_conservation_ok 1") && !doctor(&world).contains("breaks a promise"));
    if world.sql(&statement(&delivery, &referral)).is_none() {
        return;
    }
    let counted = world.hub.count_conservation().await.unwrap();
    let broken = if invariant == "nothing-lost" { delivery.to_string() } else { referral };
    assert_eq!((counted.holds(), counted.first.as_deref()), (false, Some(broken.as_str())));
    assert_eq!(entered(&world).await, counted, "the ledger says so");
    assert!(shows("amaan_conservation_ok 0"));
    assert!(shows(&format!("amaan_invariant_violations{{invariant=\"{invariant}\"}} 1")));
    let said = doctor(&world);
    assert!(said.contains(&broken), "{said}");
    let seen = world.hub.show_conservation(&operator()).await.unwrap();
    assert_eq!((seen.holds, seen.violations[0].id.as_str()), (Some(false), broken.as_str()));
}

fn operator() -> casework::Caller {
    casework::Caller { roles: vec!["operator".into()], ..system("hub") }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::await_holding_lock, reason = "one test after the other")]
async fn a_planted_violation_of_principle_1_is_found_by_doctor_metric_and_entry() {
    let _turn = alone();
    for world in worlds() {
        let lost = |delivery: &DeliveryId, _: &str| format!("DELETE FROM deliveries WHERE id = '{delivery}'");
        found(world, "nothing-lost", lost).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::await_holding_lock, reason = "one test after the other")]
async fn a_planted_violation_of_principle_2_is_found_by_doctor_metric_and_entry() {
    let _turn = alone();
    for world in worlds() {
        let owner = "replace(state, '\"owner\":\"ictp\",', '')";
        let unowned =
            |_: &DeliveryId, id: &str| format!("UPDATE referrals SET state = {owner} WHERE id = '{id}'");
        found(world, "nobody-unowned", unowned).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::await_holding_lock, reason = "one test after the other")]
async fn users_ask_05_created_is_where_deliveries_rest_recomputed_from_the_ledger() {
    let _turn = alone();
    for world in worlds() {
        assert_eq!(world.hub.show_conservation(&operator()).await.unwrap().holds, None, "nobody counted yet");
        lived(&world).await;
        let counted = world.hub.count_if_due().await.unwrap().unwrap();
        assert_eq!(world.hub.count_if_due().await.unwrap(), None, "once a day");
        let rest = counted.delivered + counted.refused + counted.undeliverable;
        let rest = rest + counted.expired + counted.withdrawn + counted.in_flight;
        assert_eq!((counted.created, counted.delivered, counted.open), (rest, 1, 2));
        let seen = world.hub.show_conservation(&operator()).await.unwrap();
        let nccia = &seen.agencies[&"nccia".parse().unwrap()];
        assert_eq!((nccia.ledger.created, &nccia.ledger), (2, &nccia.tables));
        let own = world.hub.show_conservation(&system("cpi")).await.unwrap();
        assert!(own.agencies.is_empty() && own.holds == Some(true), "another agency's line is not shown");
    }
}
