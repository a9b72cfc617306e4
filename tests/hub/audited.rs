//! The hub audits itself: what somebody edited beneath it is found, told with its place, and closes
//! disclosure while referrals are taken; bodies are opened by whoever has the root key. On both engines.

use casework::{Caller, EntryRange, Role, Settlement};
use hub::{Auditor, HubError};
use policies::Policies;
use seal::RootKey;
use store::{BodiesReport, VerifyBodies, verify_bodies};

use super::approvals::{person, referral, world};
use super::breaker::for_nccia;
use super::policies::operator;
use super::world::{World, key, system};
use crate::store::server::Fresh;

fn worlds() -> Vec<World> {
    [Some(world(None)), Fresh::make().map(|fresh| world(Some(fresh)))].into_iter().flatten().collect()
}

async fn found(world: &World, auditor: &mut Auditor) -> Vec<(&'static str, u64, u64)> {
    let audited = world.hub.audit_itself(auditor).await.unwrap();
    audited.findings.iter().map(|finding| (finding.kind, finding.first, finding.last)).collect()
}

#[tokio::test]
async fn what_is_edited_beneath_it_closes_disclosure_and_intake_goes_on() {
    for world in worlds() {
        let mut auditor = Auditor::default();
        let id = referral(&world, "before").await;
        assert_eq!(found(&world, &mut auditor).await, []);
        assert_eq!(found(&world, &mut auditor).await, [], "again and again");
        world.hub.show_referral(&system("ictp"), id).await.unwrap();

        // A status without an entry. The entry that made the referral is named.
        let made = world.hub.store.history(id).await.unwrap()[0].index;
        let flip = format!("UPDATE referrals SET status = 'completed' WHERE id = '{id}'");
        if world.sql(&flip).is_none() {
            return;
        }
        assert_eq!(found(&world, &mut auditor).await, [("state-mismatch", made, made)]);
        let shown = world.hub.show_referral(&system("ictp"), id).await;
        assert!(matches!(shown, Err(HubError::LedgerSuspect(_))), "{shown:?}");
        let told = world.hub.list_suspicions(&operator()).await.unwrap();
        assert_eq!(told[0].reason.as_str(), "state-mismatch");
        assert_eq!(told[0].entries, Some(EntryRange { first: made, last: made }));
        let sent = world.hub.submit_referral(&system("ictp"), &for_nccia(), &key("meanwhile")).await;
        sent.unwrap();
        assert_eq!(found(&world, &mut auditor).await.len(), 1, "told once, and found again");
        assert_eq!(world.hub.list_suspicions(&operator()).await.unwrap().len(), 1);
    }
}

async fn lifted(world: &World, second: &Caller, reason: &str, name: &str) {
    let asked = world.hub.ask_reopening(&operator(), reason.parse().unwrap(), &key(name)).await.unwrap();
    world
        .hub
        .settle_approval(second, asked.id, Settlement::Approve, &key(&format!("{name}-yes")))
        .await
        .unwrap();
    world.hub.may_disclose().await.unwrap();
}

/// What two people lifted is that one row, not whatever is forged after it.
#[tokio::test]
async fn another_forged_row_is_another_finding() {
    for world in worlds() {
        let mut auditor = Auditor::default();
        let second = person(&world, "hub", "operator-2", Role::Operator).await;
        for name in ["one", "two"] {
            let forged = format!(
                "INSERT INTO identity_checks (id, case_id, status, state) \
                 VALUES ('{name}', '-', 'answered', '{{}}')"
            );
            if world.sql(&forged).is_none() {
                return;
            }
            assert!(!found(&world, &mut auditor).await.is_empty());
            assert_eq!(world.hub.may_disclose().await.unwrap_err().slug(), "ledger-suspect", "{name}");
            lifted(&world, &second, "state-unknown", name).await;
            // After a start too: it is known, and stays so.
            for mut auditor in [auditor, Auditor::default()] {
                found(&world, &mut auditor).await;
                world.hub.may_disclose().await.unwrap();
            }
            auditor = Auditor::default();
        }
    }
}

/// Once it was mended, the same again is news.
#[tokio::test]
async fn a_fault_that_was_mended_and_comes_again_closes_again() {
    for world in worlds() {
        let mut auditor = Auditor::default();
        let second = person(&world, "hub", "operator-2", Role::Operator).await;
        let id = referral(&world, "before").await;
        let was = world.hub.store.referral(id).await.unwrap().unwrap().status.as_str();
        let flip = |to: &str| world.sql(&format!("UPDATE referrals SET status = '{to}' WHERE id = '{id}'"));
        for name in ["one", "two"] {
            if flip("completed").is_none() {
                return;
            }
            assert_eq!(found(&world, &mut auditor).await.len(), 1);
            assert_eq!(world.hub.may_disclose().await.unwrap_err().slug(), "ledger-suspect", "{name}");
            lifted(&world, &second, "state-mismatch", name).await;
            found(&world, &mut auditor).await;
            world.hub.may_disclose().await.unwrap();
            flip(was);
            assert_eq!(found(&world, &mut auditor).await, []);
            assert_eq!(found(&world, &mut auditor).await, [], "that it is gone is an entry like any other");
        }
    }
}

/// Whoever writes everything anew makes a store that agrees with itself. What the hub remembers does not.
#[tokio::test]
async fn what_it_remembers_tells_a_history_that_was_recomputed() {
    for world in worlds() {
        let mut auditor = Auditor::default();
        referral(&world, "one").await;
        assert_eq!(found(&world, &mut auditor).await, []);
        let (size, _) = world.hub.store.checkpoint().await.unwrap().unwrap();
        // As if the newest entries had never been: no entry, no head, no state of theirs, no file.
        for table in ["cases", "referrals", "deliveries", "registers", "outbox"] {
            if world.sql(&format!("DELETE FROM {table}")).is_none() {
                return;
            }
        }
        world.sql("DELETE FROM entries");
        world.sql("DELETE FROM heads");
        std::fs::remove_file(world.dir().join("checkpoint.latest")).unwrap();
        let cut = ("tail-cut", 0, size - 1);
        assert!(found(&world, &mut auditor).await.contains(&cut));
        // Nothing is signed a second time under that origin.
        let origin = world.hub.store.key().origin().to_owned();
        assert!(origin.starts_with("test.example/2-"), "{origin}");
        let told = world.hub.list_suspicions(&operator()).await.unwrap();
        assert!(told.iter().any(|held| held.seen.as_ref().is_some_and(|seen| seen.size == size)));
    }
}

fn bodies(world: &World, root: RootKey) -> BodiesReport {
    let (place, hub) = (world.place(), world.hub.name.clone());
    verify_bodies(&VerifyBodies { place, root, hub, sample: None, committed: hub::committed }).unwrap()
}

fn kinds(report: &BodiesReport) -> Vec<&'static str> {
    report.findings.iter().map(|finding| finding.kind).collect()
}

#[tokio::test]
async fn bodies_are_what_their_entries_commit_to() {
    for databases in [Some(None), Fresh::make().map(Some)].into_iter().flatten() {
        let root = RootKey::generate();
        let world = World::with_root(databases, Policies::embedded().unwrap(), 0, root.clone());
        for name in ["one", "two", "three"] {
            referral(&world, name).await;
        }
        let report = bodies(&world, root.clone());
        assert_eq!((report.committed, report.opened, report.erased), (3, 3, 0), "{report:?}");
        assert_eq!(kinds(&report), [""; 0]);
        assert_eq!(kinds(&bodies(&world, RootKey::generate())), ["key-altered"; 3], "another root key");
        // One case's ciphertext in every case's place.
        let swap = "UPDATE bodies SET sealed = (SELECT first.sealed FROM bodies AS first \
                    ORDER BY first.sealed LIMIT 1)";
        if world.sql(swap).is_none() {
            return;
        }
        assert_eq!(kinds(&bodies(&world, root)), ["body-altered"; 2]);
    }
}
