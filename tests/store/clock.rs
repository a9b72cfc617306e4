//! Case time: real time plus an offset that is kept and never lowered, and entries that never go backwards.

use casework::TimeSource;
use store::StoreError;

use super::world::{House, ask, done};

const DAY: i64 = 86_400_000_000;

fn offset_days(store: &store::Store) -> i64 {
    let micros = store.now().micros() - store.clock().real().micros();
    // The two clocks are read one after the other.
    (micros + 1_000_000).div_euclid(DAY)
}

#[tokio::test]
async fn the_offset_is_kept_and_never_lowered() {
    let Some(mut house) = House::new() else { return };
    house.first_offset_micros = -90 * DAY;
    let store = house.open();
    assert_eq!(offset_days(&store), -90);
    let back = |days: i64| store.clock().real().plus_micros(-days * DAY);
    store.raise_clock(back(60)).unwrap();
    assert_eq!(offset_days(&store), -60);
    store.raise_clock(back(70)).unwrap();
    assert_eq!(offset_days(&store), -60, "not lowered");
    drop(store);
    // Nothing was committed yet, and the offset is kept all the same.
    let store = house.open();
    assert_eq!(offset_days(&store), -60);
    done(&store, ask(&store, "cpi").order).await;
    drop(store);
    house.first_offset_micros = 0;
    let store = house.open();
    assert_eq!(offset_days(&store), -60, "a store that has one keeps its own");
    store.raise_clock(store.clock().real().plus_micros(5 * DAY)).unwrap();
    assert_eq!(offset_days(&store), 0, "never into the future");
}

/// Work tables may be lost: then the newest entry's time is what case time cannot fall behind.
#[tokio::test]
async fn entries_never_go_backwards() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let first = done(&store, ask(&store, "cpi").order).await;
    drop(store);
    let slow = format!("UPDATE cursors SET value = '{}' WHERE name = 'case-clock-offset'", -30 * DAY);
    if house.sql(&slow).is_none() {
        return;
    }
    let store = house.open();
    assert_eq!(offset_days(&store), -30, "the machine's clock was set back, so to speak");
    let second = done(&store, ask(&store, "cpi").order).await;
    assert!(
        second.entries[0].at >= first.entries[0].at,
        "{} < {}",
        second.entries[0].at,
        first.entries[0].at
    );
    super::world::check_sound(house.place(), &store.key().vkey());
}

#[tokio::test]
async fn an_unreadable_offset_is_not_guessed() {
    let Some(house) = House::new() else { return };
    drop(house.open());
    let broken = "UPDATE cursors SET value = 'soon' WHERE name = 'case-clock-offset'";
    if house.sql(broken).is_none() {
        return;
    }
    let refused = house.try_open(house.place()).map(|_| ());
    assert!(matches!(refused, Err(StoreError::Unreadable(_))), "{refused:?}");
}

#[tokio::test]
async fn a_second_writer_is_refused() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let second = house.try_open(house.place()).map(|_| ());
    if super::ENGINE.is_shared() {
        // Another hub may write, but from a folder of its own.
        assert!(
            matches!(&second, Err(StoreError::Open(why)) if why.contains("one of its own")),
            "{second:?}"
        );
    } else {
        assert!(matches!(second, Err(StoreError::SecondWriter)), "{second:?}");
    }
    let said = StoreError::SecondWriter.to_string();
    assert!(said.contains("another hub") && said.contains("stop it"), "{said}");
    // Verifying needs no lock.
    done(&store, ask(&store, "cpi").order).await;
    super::world::check_sound(house.place(), &store.key().vkey());
    drop(store);
    drop(house.open());
}

/// A process that is just being started holds a copy of every open file until it runs its own program; a
/// store that was closed meanwhile is closed all the same.
#[tokio::test]
async fn a_closed_store_opens_again_while_processes_start() {
    let Some(house) = House::new() else { return };
    let busy = std::sync::atomic::AtomicBool::new(true);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while busy.load(std::sync::atomic::Ordering::Relaxed) {
                    _ = std::process::Command::new("true").status();
                }
            });
        }
        let opened = (0..30).try_for_each(|_| house.try_open(house.place()).map(drop));
        busy.store(false, std::sync::atomic::Ordering::Relaxed);
        opened.unwrap();
    });
}
