//! The rows of committed orders, inserted once more elsewhere: nothing is missing there, and nothing is more.

use std::sync::Arc;

use store::{Bare, Committed, Rows, Span};

use super::world::{House, ask, fact, together, with_key};

/// Tables that a new referral writes to, and how many rows of each.
const WRITTEN: [(&str, usize); 12] = [
    ("entries", 2 * ORDERS),
    ("cases", ORDERS),
    ("referrals", ORDERS),
    ("deliveries", ORDERS),
    ("outbox", ORDERS),
    ("bodies", ORDERS),
    ("case_keys", ORDERS),
    ("facts", ORDERS),
    ("fact_links", ORDERS),
    ("idempotency", ORDERS),
    // Of the first 256 leaves.
    ("nodes", 1),
    ("identity_checks", 0),
];
const ORDERS: usize = 150;

/// Commits at the same time, each with a key and statistics; gives the spans in the ledger's order.
async fn commit(store: &Arc<store::Store>) -> Vec<Span> {
    let mut made = Vec::new();
    for number in 0..ORDERS {
        let mut asked = ask(store, "cpi");
        let fact = fact(store, &asked, "F");
        asked.order.facts = vec![fact.clone()];
        let key = format!("ictp/ictp/{number}");
        made.push((with_key(asked.order.clone(), &key, 1), key, fact.fact.to_string()));
    }
    let orders = made.iter().map(|(order, ..)| order.clone()).collect();
    let mut spans: Vec<Span> = Vec::new();
    for (answer, (_, key, fact)) in together(store, orders).await.into_iter().zip(made) {
        let Ok(Committed::Done(done)) = answer else { panic!("{answer:?}") };
        spans.push(Span { entries: done.index..done.index + 2, keys: vec![key], facts: vec![fact] });
    }
    spans.sort_by_key(|span| span.entries.start);
    spans
}

#[test]
fn the_same_rows_elsewhere() {
    let (Some(house), Some(other)) = (House::new(), House::new()) else { return };
    let store = Arc::new(house.open());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let spans = runtime.block_on(commit(&store));
    drop(runtime);
    let rows = Rows::read(house.place(), &spans).unwrap();
    let mut bare = Bare::open(other.place()).unwrap();
    for rows in &rows {
        bare.insert(rows).unwrap();
    }
    assert!(Rows::read(other.place(), &spans).unwrap() == rows, "what was inserted reads back otherwise");
    for (table, expected) in WRITTEN {
        let count = format!("SELECT count(*) FROM {table}");
        for house in [&house, &other] {
            let Some(told) = house.sql(&count) else { return };
            assert_eq!(told.trim(), format!("[[{expected}]]"), "{table}");
        }
    }
    let heads = "SELECT size FROM heads ORDER BY size";
    assert_eq!(house.sql(heads), other.sql(heads));
    // As many as the tables have, none counted twice.
    let written: usize = WRITTEN.iter().map(|(_, rows)| rows).sum();
    let counted: usize = rows.iter().map(Rows::count).sum();
    let heads = house.sql(heads).map_or(0, |told| told.matches(']').count() - 1);
    assert_eq!(counted, written + heads);
}
