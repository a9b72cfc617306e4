//! The server goes away: in COMMIT, between two commands, for a while. What was answered stays; what was not
//! is told so, and a repeat under the same key never makes a second entry.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use store::{Committed, Store, StoreError};

use super::world::{House, ask, check_sound, done, with_key};
use crate::store::server::Alone;

/// Kills every session of the main database but the asking one.
const KILL: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
    WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()";

/// Repeats until there is an answer; how often it was told to.
async fn insist(store: &Store, key: &str) -> ((u64, u64), u32) {
    for told in 0.. {
        match store.commit(with_key(ask(store, "cpi").order, key, 1)).await {
            Ok(Committed::Done(done)) => return ((done.index, done.batch.size), told),
            Ok(Committed::Replayed { index, size }) => return ((index, size), told),
            Ok(other) => panic!("{other:?}"),
            Err(StoreError::OutcomeUnknown | StoreError::Unreachable(_) | StoreError::NoKey) => {
                tokio::task::yield_now().await;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    unreachable!()
}

/// The server dies exactly in COMMIT: a trigger that fires there ends its own session.
#[tokio::test]
async fn a_commit_without_an_answer_is_unknown() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    done(&store, ask(&store, "cpi").order).await;
    house.sql(
        "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS \
         'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'; \
         CREATE CONSTRAINT TRIGGER die AFTER INSERT ON heads DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION die()",
    );
    let lost = store.commit(with_key(ask(&store, "cpi").order, "k", 1)).await;
    assert!(matches!(lost, Err(StoreError::OutcomeUnknown)), "{lost:?}");
    house.sql("DROP TRIGGER die ON heads");
    let (place, _) = insist(&store, "k").await;
    assert_eq!(place, (2, 4), "and it is there once");
    assert_eq!(insist(&store, "k").await.0, place);
    assert_eq!(check_sound(house.place(), &store.key().vkey()).entries, 4);
}

/// An error that is one order's fault does not spoil its neighbours: PostgreSQL takes no NUL in a text.
#[tokio::test]
async fn a_text_it_cannot_store_fails_alone() {
    let Some(house) = House::new() else { return };
    let store = Arc::new(house.open());
    let mut orders: Vec<_> = (0..12).map(|_| ask(&store, "cpi").order).collect();
    orders[5] = with_key(orders[5].clone(), "nul\0", 1);
    for (place, answer) in super::world::together(&store, orders).await.into_iter().enumerate() {
        assert_eq!(answer.is_ok(), place != 5, "{place}: {answer:?}");
    }
    check_sound(house.place(), &store.key().vkey());
}

/// Sessions are killed again and again while callers insist.
#[tokio::test(flavor = "multi_thread")]
async fn killed_sessions_lose_and_double_nothing() {
    let Some(house) = House::new() else { return };
    let store = Arc::new(house.open());
    let over = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..8)
        .map(|caller| {
            let (store, over) = (Arc::clone(&store), Arc::clone(&over));
            tokio::spawn(async move {
                let mut answered = Vec::new();
                for number in 0.. {
                    if over.load(Ordering::Acquire) {
                        break;
                    }
                    let key = format!("ictp/{caller}/{number}");
                    let (place, told) = insist(&store, &key).await;
                    answered.push((key, place, told));
                }
                answered
            })
        })
        .collect();
    for _ in 0..12 {
        house.sql(KILL);
        let before = store.checkpoint().await.ok().flatten().map_or(0, |(size, _)| size);
        // Until it works again.
        while store.checkpoint().await.ok().flatten().map_or(0, |(size, _)| size) <= before {
            tokio::task::yield_now().await;
        }
    }
    over.store(true, Ordering::Release);
    let mut all = Vec::new();
    for caller in callers {
        all.extend(caller.await.unwrap());
    }
    let repeats: u32 = all.iter().map(|(_, _, told)| told).sum();
    println!("{} keys answered, {repeats} repeats", all.len());
    assert!(repeats > 0, "nothing was killed");
    let report = check_sound(house.place(), &store.key().vkey());
    assert_eq!(report.entries, 2 * u64::try_from(all.len()).unwrap());
    for (key, place, _) in all {
        assert_eq!(insist(&store, &key).await.0, place, "{key}");
    }
}

/// The server is killed and started again (`AMAAN_POSTGRES_CTL`); nothing else may use it meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_restart_loses_nothing_that_was_answered() {
    let Some(server) = Alone::with_server() else { return };
    let Some(house) = House::new() else { return };
    let store = Arc::new(house.open());
    let mut answered = Vec::new();
    for number in 0..20 {
        answered.push(insist(&store, &format!("k{number}")).await.0);
    }
    for how in ["stop", "kill"] {
        server.control(how);
        let begun = std::time::Instant::now();
        let down = store.commit(with_key(ask(&store, "cpi").order, "down", 1)).await;
        assert!(matches!(down, Err(StoreError::Unreachable(_) | StoreError::OutcomeUnknown)), "{down:?}");
        let again = store.commit(with_key(ask(&store, "cpi").order, "down", 1)).await;
        assert!(matches!(again, Err(StoreError::Unreachable(_))), "{again:?}");
        let read = store.checkpoint().await;
        assert!(matches!(read, Err(StoreError::Unreachable(_))), "{read:?}");
        assert!(begun.elapsed().as_secs() < 10, "it fails fast: {:?}", begun.elapsed());
        server.control("start");
        for (number, place) in answered.iter().enumerate() {
            assert_eq!(insist(&store, &format!("k{number}")).await.0, *place, "after {how}");
        }
        done(&store, ask(&store, "cpi").order).await;
    }
    check_sound(house.place(), &store.key().vkey());
}
