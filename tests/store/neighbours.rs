//! A bad order in a batch is refused or fails alone; its neighbours never notice.

use std::sync::Arc;

use casework::{Action, CaseId, MessageKind, ReadEntry, Refusal};
use store::{Committed, Lane, Order, StoreError};

use crate::store::server::Engine;

use super::world::{House, agency, ask, check_sound, code, command, done, step, together, with_key};

/// A look whose subject bursts its leaf: an error while the batch is being written, not a refusal.
fn bursting() -> Order {
    let subject = Some("s".repeat(2_000));
    let read = ReadEntry {
        reduced: [].into(),
        what: code("audit"),
        subject,
        agency: agency("ncrc"),
        categories: [].into(),
        glass: None,
    };
    Order::plain(command(Action::Read(read)), Lane::Intake)
}

/// Ten good orders, a bad one in their midst; in one line, so that they meet in one batch.
async fn check(
    bad: impl FnOnce(&store::Store) -> Order,
    expect: impl FnOnce(&Result<Committed, StoreError>),
) {
    let Some(house) = House::new() else { return };
    let store = Arc::new(house.open());
    let known = ask(&store, "cpi");
    done(&store, known.order.clone()).await;
    let mut orders: Vec<Order> = (0..11).map(|_| ask(&store, "cpi").order).collect();
    orders.insert(6, bad(&store));
    let mut answers = together(&store, orders).await;
    expect(&answers.remove(6));
    for answer in answers {
        assert!(matches!(answer, Ok(Committed::Done(_))), "a neighbour was harmed: {answer:?}");
    }
    done(&store, ask(&store, "cpi").order).await;
    assert_eq!(check_sound(house.place(), &store.key().vkey()).entries % 2, 0);
}

#[tokio::test]
async fn a_refusal() {
    let bad = |store: &store::Store| step(&ask(store, "cpi"), MessageKind::Accept, None);
    check(bad, |answer| assert!(matches!(answer, Ok(Committed::Refused(Refusal::NotFound))), "{answer:?}"))
        .await;
}

#[tokio::test]
async fn a_leaf_too_large() {
    check(
        |_| bursting(),
        |answer| {
            let Err(StoreError::Unreadable(what)) = answer else { panic!("{answer:?}") };
            assert!(what.contains("at most 1024") && !what.contains("sss"), "{what}");
        },
    )
    .await;
}

/// An object id that already has a body: the database refuses it.
#[tokio::test]
async fn a_body_twice() {
    let bad = |store: &store::Store| {
        let mut order = ask(store, "cpi").order;
        let other = ask(store, "cpi");
        order.body = other.order.body.clone();
        // The very next order of the same batch brings the same body.
        order
    };
    // Alone, such a body is fine; so take the same object twice in one batch by hand.
    let Some(house) = House::new() else { return };
    let store = Arc::new(house.open());
    let first = bad(&store);
    let mut second = ask(&store, "cpi").order;
    second.body.clone_from(&first.body);
    let orders =
        vec![ask(&store, "cpi").order, first, ask(&store, "cpi").order, second, ask(&store, "cpi").order];
    let answers = together(&store, orders).await;
    let failed: Vec<usize> =
        (0..5).filter(|place| !matches!(answers[*place], Ok(Committed::Done(_)))).collect();
    assert_eq!(failed, [3], "{answers:?}");
    let Err(StoreError::Database(error)) = &answers[3] else { panic!("{:?}", answers[3]) };
    let said = match super::ENGINE {
        Engine::Sqlite => "UNIQUE constraint failed: bodies.object_id",
        Engine::Postgres => "duplicate key value violates unique constraint \"bodies_pkey\"",
    };
    assert_eq!(error.to_string(), said, "and no value in the text");
    check_sound(house.place(), &store.key().vkey());
}

/// Two new cases with one spoken reference: the second is told to draw another id, in one batch or in two.
#[tokio::test]
async fn a_spoken_reference_twice() {
    fn rename(order: &mut Order, case: CaseId) {
        let Action::Submit(submit) = &mut order.command.action else { panic!("a submit") };
        submit.case = case;
        order.body.as_mut().unwrap().case = case;
        order.case_key.as_mut().unwrap().case = case;
    }
    let Some(house) = House::new() else { return };
    let store = Arc::new(house.open());
    let same: [CaseId; 3] =
        ["1", "2", "3"].map(|first| format!("cs_{first}{:031x}", 0x12_3456_789a_u64).parse().unwrap());
    let mut orders: Vec<Order> = (0..6).map(|_| ask(&store, "cpi").order).collect();
    rename(&mut orders[2], same[0]);
    rename(&mut orders[4], same[1]);
    let answers = together(&store, orders).await;
    for (place, answer) in answers.iter().enumerate() {
        match place {
            4 => assert!(matches!(answer, Ok(Committed::Refused(Refusal::IdTaken))), "{answer:?}"),
            _ => assert!(matches!(answer, Ok(Committed::Done(_))), "{place}: {answer:?}"),
        }
    }
    let mut third = ask(&store, "cpi").order;
    rename(&mut third, same[2]);
    let answer = store.commit(third).await.unwrap();
    assert!(matches!(answer, Committed::Refused(Refusal::IdTaken)), "{answer:?}");
    let reference = casework::CaseReference::of(same[0]);
    assert_eq!(store.case_by_reference(reference).await.unwrap().unwrap().id, same[0]);
    check_sound(house.place(), &store.key().vkey());
}

/// Everything bad at once.
#[tokio::test]
async fn many_bad_among_many_good() {
    let Some(house) = House::new() else { return };
    let store = Arc::new(house.open());
    let known = ask(&store, "cpi");
    done(&store, with_key(known.order.clone(), "k", 1)).await;
    let orders: Vec<Order> = (0..120)
        .map(|number| match number % 6 {
            1 => bursting(),
            3 => with_key(ask(&store, "cpi").order, "k", 2),
            5 => step(&known, MessageKind::Feedback, None),
            _ => ask(&store, "cpi").order,
        })
        .collect();
    for (number, answer) in together(&store, orders).await.into_iter().enumerate() {
        match (number % 6, answer) {
            (1, Err(StoreError::Unreadable(_))) | (3, Ok(Committed::KeyReused)) => {}
            (5, Ok(Committed::Refused(Refusal::InvalidTransition { .. }))) => {}
            (0 | 2 | 4, Ok(Committed::Done(_))) => {}
            (_, other) => panic!("{number}: {other:?}"),
        }
    }
    assert_eq!(check_sound(house.place(), &store.key().vkey()).entries, 2 * 61);
}
