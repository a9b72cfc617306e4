//! Budgets in the store: they are still used up after a restart, two hubs never take the same rest, a child
//! counts once, and old windows are forgotten.

use std::sync::Arc;

use store::{Budget, Store, Window};

use super::world::House;

const DAY: i64 = 86_400_000_000;

fn budget(whose: &str, since: i64, most: u32) -> Budget {
    Budget { window: Window { whose: whose.into(), act: "reads-per-day".into(), since }, most }
}

/// So many were there of those asked for, one at a time.
async fn taken(store: &Store, whose: &str, most: u32, asked: u32) -> u32 {
    let mut taken = 0;
    for _ in 0..asked {
        taken += u32::from(store.spend(vec![budget(whose, DAY, most)], 1).await.unwrap().is_none());
    }
    taken
}

#[tokio::test]
async fn what_is_used_up_stays_so_over_a_restart() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    assert_eq!(taken(&store, "ictp", 3, 2).await, 2);
    let both = vec![budget("cpi", DAY, 9), budget("ictp", DAY, 3)];
    assert_eq!(store.spend(both, 2).await.unwrap(), Some(1), "all or none");
    assert_eq!(taken(&store, "cpi", 9, 20).await, 9, "nothing was taken of the other");
    for child in ["a", "b", "a"] {
        assert_eq!(store.spend_for(vec![budget("nccia", DAY, 2)], child.to_owned()).await.unwrap(), None);
    }
    store.close();
    drop(store);
    let store = house.open();
    assert_eq!(taken(&store, "ictp", 3, 5).await, 1);
    let child = |child: &str| store.spend_for(vec![budget("nccia", DAY, 2)], child.to_owned());
    assert_eq!(child("b").await.unwrap(), None, "a child that is known counts no more");
    assert_eq!(child("c").await.unwrap(), Some(0));
    // Another window is another budget; and the old one begins anew once it is forgotten.
    assert_eq!(store.spend(vec![budget("ictp", 2 * DAY, 3)], 3).await.unwrap(), None);
    store.forget_budgets(2 * DAY).await.unwrap();
    assert_eq!(taken(&store, "ictp", 3, 5).await, 3);
    assert_eq!(store.spend(vec![budget("ictp", 2 * DAY, 3)], 1).await.unwrap(), Some(0));
}

/// Two stores on one database where the engine has several; two tasks on one where it has not.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_the_same_rest_twice() {
    let Some(house) = House::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let one = Arc::new(house.open());
    let two = match house.place().clone() {
        store::Place::Sqlite { .. } => Arc::clone(&one),
        store::Place::Postgres { databases, .. } => {
            let place = store::Place::Postgres { dir: folder.path().to_owned(), databases };
            Arc::new(house.try_open(&place).unwrap())
        }
    };
    let take = |store: &Arc<Store>| {
        let store = Arc::clone(store);
        tokio::spawn(async move { taken(&store, "ictp", 50, 40).await })
    };
    let tasks = [take(&one), take(&two)];
    let mut sum = 0;
    for task in tasks {
        sum += task.await.unwrap();
    }
    assert_eq!(sum, 50);
}
