//! Statements of the writer are prepared while the tables are empty, where reading a table whole looks cheap;
//! they must use an index all the same, or the hub slows down as it fills.

use std::collections::BTreeMap;

use store::Store;

use super::world::{House, ask, fact, live};

/// How often each table was read whole; sessions that ended have told the server.
fn whole(house: &House) -> BTreeMap<String, i64> {
    let said = house.sql("SELECT relname, seq_scan FROM pg_stat_user_tables").unwrap();
    let rows: Vec<(String, i64)> = serde_json::from_str(&said).unwrap();
    rows.into_iter().collect()
}

fn between(before: &BTreeMap<String, i64>, after: &BTreeMap<String, i64>) -> BTreeMap<String, i64> {
    after.iter().map(|(table, count)| (table.clone(), count - before.get(table).unwrap_or(&0))).collect()
}

async fn work(store: &Store) {
    for _ in 0..10 {
        let mut asked = ask(store, "cpi");
        asked.order.facts = vec![fact(store, &asked, "F")];
        live(store, asked).await;
    }
}

#[tokio::test]
async fn the_writer_reads_no_table_whole() {
    let Some(house) = House::new() else { return };
    drop(house.open());
    let first = whole(&house);
    drop(house.open());
    let second = whole(&house);
    let store = house.open();
    work(&store).await;
    drop(store);
    let third = whole(&house);
    assert_eq!(between(&second, &third), between(&first, &second), "beyond what opening does");
}
