//! Case keys: slots taken from memory, taken up again after a crash, never given to two cases, and gone for
//! good once their slot is destroyed.

use std::collections::BTreeSet;

use casework::KeyId;
use seal::Place;
use store::StoreError;

use super::world::{HUB, House, ask, done, id, sql};

fn slots(house: &House) -> Option<Vec<(String, i64)>> {
    let said = sql(&house.dir().join("keys.db"), "SELECT key_id, leased FROM slots ORDER BY key_id")?;
    Some(serde_json::from_str(&said).unwrap())
}

#[tokio::test]
async fn unused_leases_are_taken_up_again() {
    let house = House::new();
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
    assert!(before.iter().all(|(_, leased)| *leased == 1), "made and leased in one go");
    let store = house.open();
    let freed: BTreeSet<String> =
        slots(&house).unwrap().into_iter().filter(|slot| slot.1 == 0).map(|slot| slot.0).collect();
    assert_eq!(freed.len(), before.len() - 3, "all but the used ones");
    assert!(freed.contains(&orphan) && freed.is_disjoint(&used));
    // Every one of them is given out once more, and none of the used ones.
    let mut given = BTreeSet::new();
    for _ in 0..freed.len() {
        assert!(given.insert(store.keys().take().unwrap().id().to_string()), "a key for two cases");
    }
    assert_eq!(given, freed);
    assert!(!used.contains(&store.keys().take().unwrap().id().to_string()), "a new slot is made after that");
}

/// More keys in use than SQLite takes parameters in a statement (32,766).
#[tokio::test]
async fn very_many_cases_do_not_keep_a_store_from_opening() {
    let house = House::new();
    drop(house.open());
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000) ";
    let slot = format!("INSERT INTO slots {many} SELECT printf('ky_%032x', i), 1, x'00', 1 FROM n");
    if sql(&house.dir().join("keys.db"), &slot).is_none() {
        return;
    }
    let used = format!(
        "INSERT INTO case_keys {many} \
         SELECT printf('cs_%032x', i), printf('ky_%032x', i) FROM n WHERE i % 2 = 0"
    );
    sql(&house.dir().join("amaan.db"), &used).unwrap();
    drop(house.open());
    let count =
        sql(&house.dir().join("keys.db"), "SELECT leased, count(*) FROM slots GROUP BY leased").unwrap();
    let counts: Vec<(i64, i64)> = serde_json::from_str(&count).unwrap();
    assert_eq!(counts, [(0, 20_000), (1, 20_000)]);
}

/// A destroyed slot is the end of everything sealed under it; counts and proofs stay.
#[tokio::test]
async fn a_destroyed_key_is_lost() {
    let house = House::new();
    let store = house.open();
    let asked = ask(&store, "cpi");
    let kept = done(&store, asked.order.clone()).await;
    let key: KeyId = asked.key.id();
    drop(store);
    let erase = format!("DELETE FROM slots WHERE key_id = '{key}'");
    if sql(&house.dir().join("keys.db"), &erase).is_none() {
        return;
    }
    let store = house.open();
    assert!(matches!(store.keys().get(key), Err(StoreError::KeyLost)));
    assert!(matches!(store.keys().get(id("ky")), Err(StoreError::KeyLost)), "as one that never was");
    assert!(store.body(asked.object).await.unwrap().is_some(), "the ciphertext may stay");
    assert_eq!(store.proof(kept.index, kept.batch.size).await.unwrap().unwrap(), kept.proof().unwrap());
    super::world::check_sound(house.dir(), &store.key().vkey());
}

/// Keys come back from the database as they were, through root and epoch.
#[tokio::test]
async fn a_key_opens_after_opening_again() {
    let house = House::new();
    let store = house.open();
    let asked = ask(&store, "cpi");
    done(&store, asked.order.clone()).await;
    drop(store);
    let store = house.open();
    let body = store.body(asked.object).await.unwrap().unwrap();
    let place = Place { hub: HUB, case: asked.case, object: asked.object, schema: &body.schema };
    let plain = store.keys().get(body.key).unwrap().open(&place, &body.sealed).unwrap();
    assert!(plain.expose().ends_with(&asked.message));
}

/// Another root key opens nothing, and says no more than that.
#[tokio::test]
async fn another_root_key_opens_nothing() {
    let house = House::new();
    drop(house.open());
    let stranger = House::new();
    let refused = stranger.try_open(house.dir()).map(|_| ());
    assert!(matches!(refused, Err(StoreError::KeyLost)), "{refused:?}");
}
