//! Case keys: slots taken from memory, taken up again after a crash, never given to two cases, and gone for
//! good once their slot is destroyed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use casework::KeyId;
use seal::Place;
use store::StoreError;

use super::world::{HUB, House, ask, done, id};
use crate::journeys::sandbox::within;

/// By key: has it an owner, and is it used?
fn slots(house: &House) -> Option<BTreeMap<String, (bool, bool)>> {
    let said = house.keys_sql("SELECT key_id, owner IS NOT NULL, used FROM slots")?;
    let rows: Vec<(String, i64, i64)> = serde_json::from_str(&said).unwrap();
    Some(rows.into_iter().map(|(key, owned, used)| (key, (owned == 1, used == 1))).collect())
}

/// What a dead hub held is over at once on SQLite; on PostgreSQL when its leases end.
fn end_leases(house: &House) {
    if super::ENGINE.is_shared() {
        house.keys_sql("UPDATE slots SET lease_until = 1 WHERE NOT used");
    }
}

#[tokio::test]
async fn unused_leases_are_taken_up_again() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let mut used = BTreeSet::new();
    for _ in 0..3 {
        let asked = ask(&store, "cpi");
        used.insert(asked.key.id().to_string());
        done(&store, asked.order).await;
    }
    // Taken, but its order never came: as when the hub dies.
    let orphan = store.keys().take().unwrap().id().to_string();
    drop(store);
    let Some(before) = slots(&house) else { return };
    assert!(before.values().all(|slot| *slot == (true, false)), "made and leased in one go");
    end_leases(&house);
    let store = house.open();
    let after = slots(&house).unwrap();
    let marked: BTreeSet<String> =
        after.iter().filter(|(_, (_, used))| *used).map(|(key, _)| key.clone()).collect();
    assert_eq!(marked, used, "known to be used from now on");
    // Every other one is given out once more, and none of the used ones.
    let mut given = BTreeSet::new();
    for _ in 0..before.len() - used.len() {
        assert!(given.insert(store.keys().take().unwrap().id().to_string()), "a key for two cases");
    }
    assert!(given.contains(&orphan) && given.is_disjoint(&used));
    assert!(given.is_superset(&before.into_keys().filter(|key| !used.contains(key)).collect()));
}

/// More keys in use than SQLite takes parameters in a statement (32,766).
#[tokio::test]
async fn very_many_cases_do_not_keep_a_store_from_opening() {
    let Some(house) = House::new() else { return };
    drop(house.open());
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000) ";
    let key = |what: &str| match super::ENGINE {
        crate::store::server::Engine::Sqlite => format!("printf('{what}_%032x', i)"),
        crate::store::server::Engine::Postgres => format!("'{what}_' || lpad(to_hex(i), 32, '0')"),
    };
    let slot = format!(
        "{many} INSERT INTO slots (key_id, epoch, wrapped, owner, lease_until, used) \
         SELECT {}, 1, '', 'dead', 1, FALSE FROM n",
        key("ky")
    );
    if house.keys_sql(&slot).is_none() {
        return;
    }
    let used = format!(
        "{many} INSERT INTO case_keys (case_id, key_id) SELECT {}, {} FROM n WHERE i % 2 = 0",
        key("cs"),
        key("ky")
    );
    house.sql(&used).unwrap();
    let _store = house.open();
    // Some at the start, the rest beside it.
    within(Duration::from_secs(90), "all slots to be looked up", || {
        let left = house.keys_sql("SELECT count(*), 0 FROM slots WHERE NOT used AND lease_until = 1");
        let left: Vec<(i64, i64)> = serde_json::from_str(&left.unwrap()).unwrap();
        (left == [(0, 0)]).then_some(())
    });
    let count = house
        .keys_sql("SELECT used, count(*) FROM slots WHERE key_id LIKE 'ky_0000%' GROUP BY used ORDER BY used")
        .unwrap();
    let counts: Vec<(i64, i64)> = serde_json::from_str(&count).unwrap();
    assert_eq!(counts, [(0, 20_000), (1, 20_000)]);
}

/// A destroyed slot is the end of everything sealed under it; counts and proofs stay.
#[tokio::test]
async fn a_destroyed_key_is_lost() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let asked = ask(&store, "cpi");
    let kept = done(&store, asked.order.clone()).await;
    let key: KeyId = asked.key.id();
    drop(store);
    let erase = format!("DELETE FROM slots WHERE key_id = '{key}'");
    if house.keys_sql(&erase).is_none() {
        return;
    }
    let store = house.open();
    assert!(matches!(store.keys().get(key).await, Err(StoreError::KeyLost)));
    assert!(matches!(store.keys().get(id("ky")).await, Err(StoreError::KeyLost)), "as one that never was");
    assert!(store.body(asked.object).await.unwrap().is_some(), "the ciphertext may stay");
    assert_eq!(store.proof(kept.index, kept.batch.size).await.unwrap().unwrap(), kept.proof().unwrap());
    super::world::check_sound(house.place(), &store.key().vkey());
}

/// Keys come back from the database as they were, through root and epoch.
#[tokio::test]
async fn a_key_opens_after_opening_again() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let asked = ask(&store, "cpi");
    done(&store, asked.order.clone()).await;
    drop(store);
    let store = house.open();
    let body = store.body(asked.object).await.unwrap().unwrap();
    let place = Place { hub: HUB, case: asked.case, object: asked.object, schema: &body.schema };
    let plain = store.keys().get(body.key).await.unwrap().open(&place, &body.sealed).unwrap();
    assert!(plain.expose().ends_with(&asked.message));
}

/// Another root key opens nothing, and says no more than that.
#[tokio::test]
async fn another_root_key_opens_nothing() {
    let Some(house) = House::new() else { return };
    drop(house.open());
    let Some(stranger) = House::new() else { return };
    let refused = stranger.try_open(house.place()).map(|_| ());
    assert!(matches!(refused, Err(StoreError::KeyLost)), "{refused:?}");
}
