//! Another epoch of key-wrapping keys: begun beside a hub that runs, carried on by whoever is there, readable
//! all the while; the earlier epoch key goes once nothing needs it, and not before.

use seal::Place as Sealed;
use seal::RootKey;
use store::{Store, begin_epoch, epochs};

use super::world::{Asked, HUB, House, ask, done};

async fn reads(store: &Store, asked: &Asked) {
    let body = store.body(asked.object).await.unwrap().unwrap();
    let place = Sealed { hub: HUB, case: asked.case, object: asked.object, schema: &body.schema };
    let plain = store.keys().get(body.key).await.unwrap().open(&place, &body.sealed).unwrap();
    assert!(plain.expose().ends_with(&asked.message));
}

async fn some(store: &Store, how_many: usize) -> Vec<Asked> {
    let mut all = Vec::new();
    for _ in 0..how_many {
        let asked = ask(store, "cpi");
        done(store, asked.order.clone()).await;
        all.push(asked);
    }
    all
}

async fn finish(store: &Store) {
    while store.keys().turn().await.unwrap() {}
}

#[tokio::test]
async fn another_epoch_is_begun_carried_on_and_the_earlier_key_goes() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let mut all = some(&store, 3).await;
    assert!(!store.keys().turn().await.unwrap(), "one epoch: nothing to do");
    assert_eq!(begin_epoch(house.place(), &house.root()).unwrap(), 2);
    assert!(store.keys().turn().await.unwrap(), "some are wrapped anew");
    all.extend(some(&store, 3).await);
    // The hub dies in the middle of it: another one reads both, and goes on.
    let numbers = |of: Vec<(i32, i64)>| of.into_iter().map(|(epoch, _)| epoch).collect::<Vec<_>>();
    drop(store);
    let store = house.open();
    for asked in &all {
        reads(&store, asked).await;
    }
    assert_eq!(numbers(epochs(house.place()).unwrap()), [1, 2]);
    finish(&store).await;
    assert_eq!(numbers(epochs(house.place()).unwrap()), [2], "no slot names the first any more");
    drop(store);
    let store = house.open();
    for asked in &all {
        reads(&store, asked).await;
    }
    some(&store, 300).await;
    assert_eq!(numbers(epochs(house.place()).unwrap()), [2]);
}

#[tokio::test]
async fn an_epoch_key_stays_while_anything_needs_it() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let kept = some(&store, 1).await.remove(0);
    // A slot that does not open now may open with a better copy: its epoch key is not thrown away.
    let odd = "INSERT INTO slots (key_id, epoch, wrapped, owner, lease_until, used) \
               VALUES ('ky_00000000000070008000000000000001', 1, '', 'nobody', 1, TRUE)";
    if house.keys_sql(odd).is_none() {
        return;
    }
    begin_epoch(house.place(), &house.root()).unwrap();
    finish(&store).await;
    let left = epochs(house.place()).unwrap();
    assert_eq!(left[0], (1, 1), "{left:?}");
    reads(&store, &kept).await;
    // Nor does the database let go of it, or take a slot of one that is not there.
    assert!(begin_epoch(house.place(), &RootKey::generate()).is_err(), "another root key begins nothing");
    store.keys().destroy(vec!["ky_00000000000070008000000000000001".parse().unwrap()]).await.unwrap();
    finish(&store).await;
    assert_eq!(epochs(house.place()).unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_destroyed_meanwhile_does_not_come_back() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let (erased, kept) = (some(&store, 1).await.remove(0), some(&store, 1).await.remove(0));
    begin_epoch(house.place(), &house.root()).unwrap();
    store.keys().turn().await.unwrap();
    store.keys().destroy(vec![erased.key.id()]).await.unwrap();
    finish(&store).await;
    assert!(matches!(store.keys().get(erased.key.id()).await, Err(store::StoreError::KeyLost)));
    reads(&store, &kept).await;
}
