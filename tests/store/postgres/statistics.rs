//! What PostgreSQL's own columns tell of a statistics row, before and after the rows are mixed.

use super::world::{House, ask, done, fact};

/// Referrals whose link was written in the same transaction as one statistics row and no other.
const BY_TRANSACTION: &str = "SELECT count(*) FROM facts f JOIN fact_links l ON f.xmin = l.xmin \
    WHERE (SELECT count(*) FROM facts o WHERE o.xmin = f.xmin) = 1";

#[tokio::test]
async fn mixed_rows_tell_nothing() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    for number in 0..24 {
        let mut asked = ask(&store, "cpi");
        asked.order.facts = vec![fact(&store, &asked, &format!("S{number}"))];
        done(&store, asked.order.clone()).await;
    }
    assert_eq!(house.sql(BY_TRANSACTION).unwrap(), "[[24]]", "this is what mixing is for");
    let before = store.facts("2000-01".into(), "2999-12".into()).await.unwrap().len();
    store.mix_statistics().await.unwrap();
    assert_eq!(house.sql(BY_TRANSACTION).unwrap(), "[[0]]");
    let in_place = "SELECT id FROM facts ORDER BY ctid";
    assert_eq!(house.sql(in_place), house.sql("SELECT id FROM facts ORDER BY id"));
    assert_eq!(store.facts("2000-01".into(), "2999-12".into()).await.unwrap().len(), before);
}
