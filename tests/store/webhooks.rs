//! Where webhooks stand: a new one begins now, one hub at a time has it, and what a hub finds out counts only
//! while nobody else has taken or restarted it.

use casework::Timestamp;

use super::world::{House, ask, done};

#[tokio::test]
async fn a_new_one_begins_with_what_comes_from_now_on() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    done(&store, ask(&store, "cpi").order).await;
    let new = store.webhook("cpi-one").await.unwrap();
    assert_eq!((new.passed, new.tries, new.disabled_since), (2, 0, None));
    done(&store, ask(&store, "cpi").order).await;
    assert_eq!(store.webhook("cpi-one").await.unwrap().passed, 2, "and keeps its place");
    assert_eq!(store.webhooks().await.unwrap().len(), 1);
}

#[tokio::test]
async fn one_hub_has_it_and_writes_down_how_far_it_came() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    store.webhook("cpi-one").await.unwrap();
    let mut mine = store.claim_webhook("cpi-one").await.unwrap().unwrap();
    assert_eq!(store.claim_webhook("cpi-one").await.unwrap(), None, "another has it");
    assert!(!store.webhook("cpi-one").await.unwrap().is_due(store.clock().real()));
    (mine.passed, mine.tries, mine.problem) = (7, 2, Some("it answered 500".to_owned()));
    assert!(store.settle_webhook(mine.clone()).await.unwrap());
    assert!(!store.settle_webhook(mine).await.unwrap(), "given back is given back");
    let mut again = store.claim_webhook("cpi-one").await.unwrap().unwrap();
    assert_eq!((again.passed, again.tries, again.problem.as_deref()), (7, 2, Some("it answered 500")));
    again.next_try = store.clock().real().plus_seconds(60);
    assert!(store.settle_webhook(again).await.unwrap());
    assert_eq!(store.claim_webhook("cpi-one").await.unwrap(), None, "not before its time");
    drop(store);
    let store = house.open();
    assert_eq!(store.webhook("cpi-one").await.unwrap().passed, 7, "after a restart too");
}

#[tokio::test]
async fn a_disabled_one_rests_until_it_is_restarted() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    done(&store, ask(&store, "cpi").order).await;
    store.webhook("cpi-one").await.unwrap();
    let mut mine = store.claim_webhook("cpi-one").await.unwrap().unwrap();
    mine.disabled_since = Some(Timestamp::from_micros(1));
    mine.problem = Some("x".repeat(1_000));
    assert!(store.settle_webhook(mine).await.unwrap());
    assert_eq!(store.claim_webhook("cpi-one").await.unwrap(), None);
    assert_eq!(store.webhook("cpi-one").await.unwrap().problem.unwrap().len(), 200, "bounded");
    assert_eq!(house.probe().unwrap().disabled_webhooks, ["cpi-one"], "seen from outside");
    let again = store.restart_webhook("cpi-one", 1).await.unwrap();
    assert_eq!((again.passed, again.tries, again.disabled_since, again.problem), (1, 0, None, None));
    let beyond = store.restart_webhook("cpi-one", u64::MAX >> 1).await.unwrap();
    assert_eq!(beyond.passed, 2, "at most what there is");
}

/// Somebody asks for a replay while a hub sends: what that hub finds out then does not undo it.
#[tokio::test]
async fn a_restart_is_not_overwritten() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    done(&store, ask(&store, "cpi").order).await;
    store.webhook("cpi-one").await.unwrap();
    let mine = store.claim_webhook("cpi-one").await.unwrap().unwrap();
    store.restart_webhook("cpi-one", 0).await.unwrap();
    assert!(!store.settle_webhook(mine).await.unwrap());
    assert_eq!(store.webhook("cpi-one").await.unwrap().passed, 0);
}
