//! What witnesses said of old heads is thinned out: all of a week is kept, then one an hour and witness.

use casework::TimeSource;

use super::world::{House, ask, done};

const DAY: i64 = 86_400_000_000;

#[tokio::test]
async fn of_old_heads_one_an_hour_is_kept() {
    let Some(mut house) = House::new() else { return };
    house.first_offset_micros = -30 * DAY;
    let store = house.open();
    let mut sizes = Vec::new();
    for _ in 0..4 {
        done(&store, ask(&store, "cpi").order).await;
        sizes.push(store.checkpoint().await.unwrap().unwrap().0);
    }
    let (first, last) = (sizes[0], sizes[3]);
    for size in &sizes {
        store.keep_cosignature(*size, "one", "line").await.unwrap();
    }
    store.keep_cosignature(first, "two", "line").await.unwrap();
    assert!(!store.thin_cosignatures().await.unwrap(), "nothing is old");
    assert_eq!(store.cosigned_with(0).await.unwrap().unwrap().size, first);
    store.raise_clock(store.now().plus_micros(8 * DAY)).unwrap();
    assert!(!store.thin_cosignatures().await.unwrap());
    // An hour may end between two of them, so a second one may be left.
    let kept = house.sql("SELECT count(*) FROM cosignatures WHERE witness = 'one'");
    assert!(kept.is_none_or(|kept| kept.contains('1') || kept.contains('2')));
    assert_eq!(store.cosigned_by("one").await.unwrap(), Some(last), "the newest stays");
    assert_eq!(store.cosigned_by("two").await.unwrap(), Some(first), "each witness for itself");
    assert_eq!(store.cosigned_with(last - 1).await.unwrap().unwrap().size, last);
    assert!(!store.thin_cosignatures().await.unwrap(), "again, from where it stopped");
}
