//! The same key again: in one batch, in the next, after the hub was opened anew, with the same body and with
//! another. The receipt is the same bytes each time.

use std::sync::Arc;

use store::{Committed, Store};

use super::world::{House, ask, check_sound, done, together, with_key};

/// What an answer says of the first entry and the tree its receipt speaks of.
fn place(answer: &Committed) -> Option<(u64, u64)> {
    match answer {
        Committed::Done(done) => Some((done.index, done.batch.size)),
        Committed::Replayed { index, size } => Some((*index, *size)),
        Committed::KeyReused | Committed::Refused(_) => None,
    }
}

async fn receipt(store: &Store, (index, size): (u64, u64)) -> store::ReceiptProof {
    store.proof(index, size).await.unwrap().unwrap()
}

/// `tokio::test` has one thread here: all tasks stand in line before the writer's first answer is taken, so
/// the second to last batch holds many of them.
#[tokio::test]
async fn in_one_batch_in_the_next_and_after_opening_again() {
    let Some(house) = House::new() else { return };
    let store = Arc::new(house.open());
    // A first order for the writer to be busy with.
    let mut orders = vec![ask(&store, "laja").order];
    for caller in 0..10 {
        let asked = ask(&store, "cpi");
        // Three times the same, as a caller whose answers got lost; ids are drawn anew each time.
        for _ in 0..3 {
            let mut again = ask(&store, "cpi").order;
            if caller == 0 {
                again = asked.order.clone();
            }
            orders.push(with_key(again, &format!("ictp/system/{caller}"), 1));
        }
    }
    let answers = together(&store, orders).await;
    let mut first = Vec::new();
    for same in answers[1..].chunks(3) {
        let [a, b, c] = same else { panic!("three each") };
        let places = [a, b, c].map(|answer| place(answer.as_ref().unwrap()).unwrap());
        assert!(places.iter().all(|place| *place == places[0]), "one entry for one key: {places:?}");
        let news = same.iter().filter(|answer| matches!(answer, Ok(Committed::Done(_)))).count();
        assert_eq!(news, 1, "one of the three made it");
        let Some(Ok(Committed::Done(done))) =
            same.iter().find(|answer| matches!(answer, Ok(Committed::Done(_))))
        else {
            panic!("none made it")
        };
        let rendered = done.proof().unwrap();
        assert_eq!(rendered, receipt(&store, places[0]).await, "beside the writer and from the database");
        first.push((places[0], rendered));
    }
    // A later batch, and another tree size.
    done(&store, ask(&store, "cpi").order).await;
    check_again(&store, &first).await;
    store.close();
    drop(store);
    let store = house.open();
    check_again(&store, &first).await;
    check_sound(house.place(), &store.key().vkey());
}

async fn check_again(store: &Store, first: &[((u64, u64), store::ReceiptProof)]) {
    for (caller, (place_then, receipt_then)) in first.iter().enumerate() {
        let key = format!("ictp/system/{caller}");
        let again = store.commit(with_key(ask(store, "cpi").order, &key, 1)).await.unwrap();
        let Committed::Replayed { index, size } = again else { panic!("{again:?}") };
        assert_eq!((index, size), *place_then);
        assert_eq!(&receipt(store, (index, size)).await, receipt_then, "byte for byte");
        let other = store.commit(with_key(ask(store, "cpi").order, &key, 2)).await.unwrap();
        assert!(matches!(other, Committed::KeyReused), "{other:?}");
    }
}

/// Two bodies under one key in one batch: whoever is first has it.
#[tokio::test]
async fn two_bodies_under_one_key_in_one_batch() {
    let Some(house) = House::new() else { return };
    let store = Arc::new(house.open());
    let orders = vec![
        ask(&store, "laja").order,
        with_key(ask(&store, "cpi").order, "ictp/system/x", 1),
        with_key(ask(&store, "cpi").order, "ictp/system/x", 2),
    ];
    let answers = together(&store, orders).await;
    assert!(matches!(answers[1], Ok(Committed::Done(_))), "{:?}", answers[1]);
    assert!(matches!(answers[2], Ok(Committed::KeyReused)), "{:?}", answers[2]);
}

/// A refusal does not use the key up: the caller may correct itself.
#[tokio::test]
async fn a_refused_order_leaves_its_key() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let asked = ask(&store, "cpi");
    let wrong = super::world::step(&asked, casework::MessageKind::Accept, None);
    let refused = store.commit(with_key(wrong, "cpi/system/1", 1)).await.unwrap();
    assert!(matches!(refused, Committed::Refused(casework::Refusal::NotFound)), "{refused:?}");
    let taken = store.commit(with_key(asked.order, "cpi/system/1", 2)).await.unwrap();
    assert!(matches!(taken, Committed::Done(_)), "{taken:?}");
}
