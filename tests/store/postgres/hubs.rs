//! Several hubs on one store: one tree, one answer for each idempotency key, one clock, no key twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use casework::TimeSource;
use store::{Committed, Place, Store};

use super::world::{House, ask, check_sound, done, id, together, with_key};

const KEYS: usize = 1_000;
const CALLERS: usize = 16;

/// A second hub on the same databases, with a folder of its own.
fn second(house: &House) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let Place::Postgres { databases, .. } = house.place().clone() else { panic!("not this engine") };
    let place = Place::Postgres { dir: folder.path().to_owned(), databases };
    let store = house.try_open(&place).unwrap();
    (folder, store)
}

/// Submits every key once, in an order of its own; what was answered for each.
async fn submit_all(store: Arc<Store>, start: usize) -> BTreeMap<String, (bool, u64, u64)> {
    let mut callers = Vec::new();
    for caller in 0..CALLERS {
        let store = Arc::clone(&store);
        callers.push(tokio::spawn(async move {
            let mut answers = BTreeMap::new();
            for number in (caller..KEYS).step_by(CALLERS) {
                let key = format!("ictp/system/{}", (number * 7 + start) % KEYS);
                let answer = store.commit(with_key(ask(&store, "cpi").order, &key, 1)).await.unwrap();
                let answer = match answer {
                    Committed::Done(done) => (true, done.index, done.batch.size),
                    Committed::Replayed { index, size } => (false, index, size),
                    other => panic!("{other:?}"),
                };
                answers.insert(key, answer);
            }
            answers
        }));
    }
    let mut all = BTreeMap::new();
    for caller in callers {
        all.extend(caller.await.unwrap());
    }
    all
}

/// 2,000 commands of two hubs, every key sent by both.
#[tokio::test(flavor = "multi_thread")]
async fn two_hubs_grow_one_tree() {
    let Some(house) = House::new() else { return };
    let one = Arc::new(house.open());
    let (_folder, two) = second(&house);
    let two = Arc::new(two);
    let (of_one, of_two) =
        tokio::join!(submit_all(Arc::clone(&one), 0), submit_all(Arc::clone(&two), KEYS / 2));
    let mut new = 0;
    for (key, (first, index, size)) in &of_one {
        let (other, same_index, same_size) = of_two[key];
        assert!(*first != other, "{key}: one of the two hubs made it, the other found it");
        assert_eq!((*index, *size), (same_index, same_size), "{key}: one entry, one receipt");
        new += usize::from(*first);
    }
    println!("of {KEYS} keys one hub was first with {new}");
    assert_eq!(of_one.len(), KEYS);
    let indices: BTreeSet<u64> = of_one.values().map(|(_, index, _)| *index).collect();
    assert_eq!(indices.len(), KEYS, "no entry answers two keys");
    let report = check_sound(house.place(), &one.key().vkey());
    assert_eq!(report.entries, 2 * u64::try_from(KEYS).unwrap(), "nothing lost, nothing doubled");
    let counted = house.sql("SELECT count(*) FROM heads").unwrap();
    assert_eq!(counted, format!("[[{}]]", report.heads), "every head was recomputed");
    // Each hub proves what the other committed, in the same bytes.
    let (_, index, size) = of_one["ictp/system/3"];
    assert_eq!(one.proof(index, size).await.unwrap(), two.proof(index, size).await.unwrap());
    // Keys are shared, and no case has another's.
    let asked = ask(&one, "cpi");
    done(&one, asked.order.clone()).await;
    assert_eq!(two.keys().get(asked.key.id()).await.unwrap().id(), asked.key.id());
    let shared = house.sql("SELECT key_id FROM case_keys GROUP BY key_id HAVING count(*) > 1").unwrap();
    assert_eq!(shared, "[]");
}

/// What one hub holds is not touched by another that starts, nor taken by it.
#[tokio::test]
async fn a_start_takes_nothing_from_a_living_hub() {
    let Some(house) = House::new() else { return };
    let one = house.open();
    let asked = ask(&one, "cpi");
    let claimed = ask(&one, "laja");
    done(&one, asked.order.clone()).await;
    done(&one, claimed.order.clone()).await;
    one.mark_relayed(vec![asked.delivery], one.clock().real()).await.unwrap();
    done(&one, super::world::claim(claimed.delivery)).await;
    let (_folder, two) = second(&house);
    assert_eq!(two.due(vec!["cpi".into(), "laja".into()]).await.unwrap(), [], "the first hub's queue has it");
    assert_eq!(two.claimed_before_start().await.unwrap(), [], "its worker lives");
    let mut keys = BTreeSet::new();
    for _ in 0..400 {
        assert!(keys.insert(one.keys().take().unwrap().id()), "a key twice");
        assert!(keys.insert(two.keys().take().unwrap().id()), "a key twice");
    }
    let label = "person|https://issuer.example|7";
    let same = tokio::join!(one.pseudonym(label.into()), two.pseudonym(label.into()));
    assert_eq!(same.0.unwrap(), same.1.unwrap());
}

/// The offset that one hub raised is the other's with its next commit.
#[tokio::test]
async fn one_case_clock() {
    let Some(mut house) = House::new() else { return };
    house.first_offset_micros = -90 * 86_400_000_000;
    let one = house.open();
    let (_folder, two) = second(&house);
    one.raise_clock(one.clock().real().plus_seconds(-86_400)).unwrap();
    let first = done(&one, ask(&one, "cpi").order).await.entries[0].at;
    let second = done(&two, ask(&two, "cpi").order).await.entries[0].at;
    assert!(second >= first && second.micros() - first.micros() < 60_000_000, "{first} {second}");
    assert!((one.now().micros() - two.now().micros()).abs() < 60_000_000);
}

/// A key already another case's is refused by the database itself.
#[tokio::test]
async fn a_key_is_one_cases_key() {
    let Some(house) = House::new() else { return };
    let store = Arc::new(house.open());
    let (first, mut second) = (ask(&store, "cpi"), ask(&store, "cpi"));
    second.order.case_key.as_mut().unwrap().key = first.key.id();
    let answers = together(&store, vec![first.order, second.order]).await;
    assert!(matches!(answers[0], Ok(Committed::Done(_))), "{answers:?}");
    assert!(matches!(answers[1], Err(store::StoreError::Database(_))), "{answers:?}");
    let fresh: casework::KeyId = id("ky");
    assert!(matches!(store.keys().get(fresh).await, Err(store::StoreError::KeyLost)));
}

/// What one hub commits another finds when it looks, and one of them alone sends for a webhook.
#[tokio::test(flavor = "multi_thread")]
async fn events_of_one_hub_are_news_at_the_other() {
    let Some(house) = House::new() else { return };
    let one = house.open();
    let (_folder, two) = second(&house);
    let mut news = two.news();
    done(&one, ask(&one, "cpi").order).await;
    assert!(!news.has_changed().unwrap(), "nobody rings across processes");
    two.look_for_news().await.unwrap();
    assert_eq!(*news.borrow_and_update(), 2);
    let seen = two.events_for("cpi".parse().unwrap(), None, 50).await.unwrap();
    assert_eq!(seen.entries.len(), 1);
    one.webhook("cpi-one").await.unwrap();
    let (of_one, of_two) = tokio::join!(one.claim_webhook("cpi-one"), two.claim_webhook("cpi-one"));
    let claimed = [of_one.unwrap(), of_two.unwrap()];
    assert_eq!(claimed.iter().flatten().count(), 1, "{claimed:?}");
}
