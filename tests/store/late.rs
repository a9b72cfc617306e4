//! Claims and outcomes that come out of turn: a claim prepared for another attempt, word that arrives late,
//! and a database that is older than its newest checkpoint.

use casework::{Action, BeginEpoch, DeliveryStep, Refusal};
use ledger::Checkpoint;
use store::{Committed, Order, Store, StoreError};

use super::world::{HUB, House, ask, audit, by_hub, check_sound, claim, claim_number, done, outcome};

async fn refused(store: &Store, order: Order) -> bool {
    matches!(store.commit(order).await.unwrap(), Committed::Refused(Refusal::DeliveryMoved))
}

/// Two workers hold one delivery: the one that read an older state may not call under a wrong number.
#[tokio::test]
async fn a_claim_names_its_attempt() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let asked = ask(&store, "cpi");
    done(&store, asked.order.clone()).await;
    assert!(refused(&store, claim_number(asked.delivery, 2)).await, "not its turn");
    done(&store, claim(asked.delivery)).await;
    done(&store, outcome(asked.delivery, 1, DeliveryStep::Retry)).await;
    assert!(refused(&store, claim(asked.delivery)).await, "prepared before the first attempt failed");
    done(&store, claim_number(asked.delivery, 2)).await;
}

/// The agency has it after all: good news counts after the lease ended and out of a dead letter, but not
/// twice; bad news of an attempt that is over does not count.
#[tokio::test]
async fn good_news_counts_late() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    for rests in [DeliveryStep::Retry, DeliveryStep::Undeliverable] {
        let asked = ask(&store, "cpi");
        done(&store, asked.order.clone()).await;
        assert!(
            refused(&store, outcome(asked.delivery, 1, DeliveryStep::Delivered)).await,
            "before any attempt"
        );
        done(&store, claim(asked.delivery)).await;
        done(&store, outcome(asked.delivery, 1, rests)).await;
        assert!(refused(&store, outcome(asked.delivery, 1, DeliveryStep::Undeliverable)).await);
        done(&store, outcome(asked.delivery, 1, DeliveryStep::Delivered)).await;
        assert!(refused(&store, outcome(asked.delivery, 1, DeliveryStep::Delivered)).await, "twice");
        let held = store.delivery(asked.delivery).await.unwrap().unwrap();
        assert_eq!((held.status.as_str(), held.owner, held.clocks.len()), ("delivered", None, 0));
    }
    assert_eq!(store.dead_letters(None, None, 200).await.unwrap().len(), 0);
    check_sound(house.place(), &store.key().vkey());
}

/// As a restored backup would leave it, with the newest checkpoint still beside it: signing on would fork
/// the ledger.
#[tokio::test]
async fn an_older_database_is_not_signed_on() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    done(&store, ask(&store, "cpi").order).await;
    drop(store);
    let store = house.open();
    done(&store, ask(&store, "cpi").order).await;
    drop(store);
    let cut = ["DELETE FROM heads WHERE size > 2", "DELETE FROM entries WHERE idx > 1"];
    if cut.map(|cut| house.sql(cut)).iter().any(Option::is_none) {
        return;
    }
    let seen = house.probe().unwrap();
    assert!(seen.suspect.is_some_and(|why| why.contains("fewer entries")), "seen from outside too");
    let store = house.open();
    let Err(error) = store.commit(ask(&store, "cpi").order).await else { panic!("signed on") };
    assert!(matches!(&error, StoreError::LedgerSuspect(why) if why.contains("fewer entries")), "{error}");
    let (first, lost) = (store.key().vkey(), store.lost().unwrap());
    let note = std::fs::read_to_string(house.dir().join("checkpoint.latest")).unwrap();

    // It goes on under another origin, and says what was lost.
    let next = store.next_epoch(&lost, "0a1b2c3d").await.unwrap().unwrap();
    assert_eq!((next.number, next.kept, next.origin.as_str()), (2, 2, "hub.example/ledger/2-0a1b2c3d"));
    store.set_checkpoint_aside(&next.origin);
    done(&store, by_hub(Action::BeginEpoch(next.clone()))).await;
    assert_eq!((store.lost(), store.key().origin()), (None, next.origin.as_str()));
    assert!(store.next_epoch(&lost, "ffffffff").await.unwrap().is_none(), "one is enough");
    done(&store, ask(&store, "cpi").order).await;
    drop(store);
    let store = house.open();
    assert_eq!((store.lost(), store.key().origin()), (None, next.origin.as_str()));
    let aside = std::fs::read_to_string(house.dir().join("checkpoint.before-2-0a1b2c3d")).unwrap();
    assert_eq!(aside, note, "the evidence is kept");
    let report = audit(house.place(), &first, vec![note]);
    // What was cut leaves its states behind, which a restored backup would not.
    let others: Vec<_> = report.findings.iter().filter(|one| one.kind != "state-unknown").collect();
    assert_eq!((others, report.lost.len(), report.epochs), (Vec::new(), 1, 1));
}

/// Somebody sets it back beneath a hub that runs: nothing is signed a second time at a size it signed before.
#[tokio::test]
async fn a_database_set_back_beneath_it_is_not_signed_on() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    done(&store, ask(&store, "cpi").order).await;
    done(&store, ask(&store, "cpi").order).await;
    let cut = ["DELETE FROM heads WHERE size > 2", "DELETE FROM entries WHERE idx > 1"];
    if cut.map(|cut| house.sql(cut)).iter().any(Option::is_none) {
        return;
    }
    for _ in 0..2 {
        let Err(error) = store.commit(ask(&store, "cpi").order).await else { panic!("signed on") };
        assert!(matches!(&error, StoreError::LedgerSuspect(why) if why.contains("2 of them")), "{error}");
    }
    let lost = store.lost().unwrap();
    assert_eq!((lost.reason, lost.seen.size), (store::SEEN_MORE, 4));
    let next = store.next_epoch(&lost, "0a1b2c3d").await.unwrap().unwrap();
    done(&store, by_hub(Action::BeginEpoch(next.clone()))).await;
    assert_eq!((store.lost(), store.key().origin()), (None, next.origin.as_str()));
    done(&store, ask(&store, "cpi").order).await;
}

/// The same with another root at the same size: neither a commit nor a checkpoint signs it.
#[tokio::test]
async fn another_root_beneath_it_is_not_signed() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    done(&store, ask(&store, "cpi").order).await;
    let other = "(SELECT hash FROM entries WHERE idx = 0)";
    if house.sql(&format!("UPDATE heads SET root = {other}, peaks = {other} WHERE size = 2")).is_none() {
        return;
    }
    let error = store.checkpoint().await.unwrap_err();
    assert!(matches!(&error, StoreError::LedgerSuspect(why) if why.contains("another history")), "{error}");
    let Err(error) = store.commit(ask(&store, "cpi").order).await else { panic!("signed on") };
    assert!(matches!(&error, StoreError::LedgerSuspect(why) if why.contains("another history")), "{error}");
    assert_eq!(store.lost().unwrap().reason, store::SEEN_OTHER);
}

/// What an epoch lost is what it says, as the hub's key signed it: neither a row of somebody else nor an old
/// witness's word beyond it is passed over.
#[tokio::test]
async fn an_epoch_is_vouched_for() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let first = store.key().vkey();
    done(&store, ask(&store, "cpi").order).await;
    let seen = |size, root| Checkpoint { origin: HUB.to_owned(), size, root };
    let lost = store.compare_with(seen(9, [7; 32]), "witness.example/w1").await.unwrap().unwrap();
    let next = store.next_epoch(&lost, "0a1b2c3d").await.unwrap().unwrap();
    // Somebody without the key: no row, and one of another epoch.
    for vouch in [String::new(), next.vouch.replace('A', "B"), "x\n\n".to_owned()] {
        let forged = store.commit(by_hub(Action::BeginEpoch(BeginEpoch { vouch, ..next.clone() }))).await;
        assert!(matches!(forged, Err(StoreError::LedgerSuspect(_))));
    }
    done(&store, by_hub(Action::BeginEpoch(next.clone()))).await;
    let kept = audit(house.place(), &first, Vec::new());
    assert_eq!((kept.findings, kept.epochs), (Vec::new(), 1));
    let stranger = House::new().unwrap();
    let other = audit(house.place(), &stranger.open().key().vkey(), Vec::new());
    assert!(other.findings.iter().any(|one| (one.kind, one.first) == ("epoch-unsigned", next.kept)));

    // Under the earlier origin: what is said to be lost is known, more is not, nor another history before it.
    let asked = |size, root| store.compare_with(seen(size, root), "witness.example/w1");
    for known in [9, 3] {
        assert_eq!(asked(known, [7; 32]).await.unwrap(), None);
    }
    assert_eq!(asked(10, [7; 32]).await.unwrap().unwrap().reason, store::SEEN_MORE);
    assert_eq!(asked(2, [7; 32]).await.unwrap().unwrap().reason, store::SEEN_OTHER);
    drop(store);
    if house.sql("UPDATE registers SET state = replace(state, '0a1b2c3d', 'ffffffff')").is_none() {
        return;
    }
    let Err(error) = house.try_open(house.place()) else { panic!("opened on a forged epoch") };
    assert!(matches!(&error, StoreError::LedgerSuspect(why) if why.contains("no note key")), "{error}");
}

/// A look from outside: beside a running store, and at none.
#[tokio::test]
async fn a_look_from_outside_counts_and_touches_nothing() {
    let Some(house) = House::new() else { return };
    assert!(house.probe().is_none(), "nothing is there, and nothing is made");
    assert_eq!(std::fs::read_dir(house.dir()).unwrap().count(), 0);
    let store = house.open();
    let asked = ask(&store, "cpi");
    done(&store, asked.order).await;
    let seen = house.probe().unwrap();
    assert!(
        seen.entries > 0 && seen.pending.is_empty() && seen.unknown.is_empty() && !seen.applied.is_empty()
    );
    assert_eq!((seen.suspect, seen.dead_letters), (None, 0));
    assert!(
        seen.oldest_due_seconds.is_some()
            && ["SQLite 3.", "PostgreSQL "].iter().any(|name| seen.engine.starts_with(name)),
        "{}",
        seen.engine
    );
    done(&store, claim(asked.delivery)).await;
    done(&store, outcome(asked.delivery, 1, DeliveryStep::Undeliverable)).await;
    assert_eq!(house.probe().unwrap().dead_letters, 1);
}

/// Another ledger key would sign the old heads anew: other bytes for the same receipt.
#[tokio::test]
async fn another_ledger_key_is_refused() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    done(&store, ask(&store, "cpi").order).await;
    drop(store);
    let error = House::new().unwrap().try_open(house.place()).unwrap_err();
    assert!(
        matches!(&error, StoreError::LedgerSuspect(why) if why.contains("another ledger key")),
        "{error}"
    );
}
