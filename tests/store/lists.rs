//! Lists of an agency's referrals: by state, of what is overdue, page by page; and that they read what they
//! show and not what was stored, on both engines.

use casework::Referral;
use store::{ReferralFilter, Store};

use super::ENGINE;
use super::world::{House, agency, ask, done};
use crate::store::server::Engine;

/// Rows of one sender to one receiver, copies of one real referral. Every hundredth is on hold, and every
/// thousandth overdue as well; the others are closed.
const ROWS: i64 = 6_000;
const FILL: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000), \
    made(id, odd, i) AS (SELECT 'rf_00000000000000000000000000' || (100000 + i), i % 100 = 0, i FROM n) \
    INSERT INTO referrals \
    (id, case_id, request_id, from_agency, to_agency, status, closed, state, due_at, rung) \
    SELECT made.id, case_id, request_id, from_agency, to_agency, \
    CASE WHEN odd THEN 'on-hold' ELSE 'completed' END, NOT odd, replace(state, r.id, made.id), NULL, \
    CASE WHEN i % 1000 = 0 THEN 1 ELSE 0 END FROM made, referrals r WHERE r.status = 'requested'";

async fn filled() -> Option<(House, Store)> {
    let house = House::new()?;
    let store = house.open();
    done(&store, ask(&store, "cpi").order).await;
    house.sql(FILL)?;
    // SQLite's stay as a hub's own store is: without statistics.
    if matches!(ENGINE, Engine::Postgres) {
        house.sql("ANALYZE")?;
    }
    Some((house, store))
}

fn filter(statuses: &[&str], overdue: bool) -> ReferralFilter {
    let statuses = statuses.iter().map(|&status| status.to_owned()).collect();
    ReferralFilter { statuses, overdue, limit: 20, ..ReferralFilter::default() }
}

/// All pages of a list, by the last digits of the ids, the drawn one among them as 0.
async fn listed(store: &Store, of: &str, mut only: ReferralFilter) -> Vec<i64> {
    let mut found: Vec<Referral> = Vec::new();
    loop {
        let page = store.referrals_of_party(agency(of), only.clone()).await.unwrap();
        only.before = page.last().map(|last| last.id);
        let whole = page.len() == usize::try_from(only.limit).unwrap();
        found.extend(page);
        if !whole {
            break;
        }
    }
    let number =
        |id: String| id.strip_prefix("rf_00000000000000000000000000").map_or(0, |rest| rest.parse().unwrap());
    let numbers: Vec<i64> = found.iter().map(|held| number(held.id.to_string())).collect();
    numbers.iter().map(|number| (number - 100_000).max(0)).collect()
}

#[tokio::test]
async fn every_filter_shows_all_of_its_own() {
    let Some((_house, store)) = filled().await else { return };
    let every = |step: i64| (1..=ROWS / step).rev().map(|i| i * step).collect::<Vec<_>>();
    let hold = every(100);
    let drawn = |rest: &[i64]| [&[0], rest].concat();
    for of in ["ictp", "cpi"] {
        assert_eq!(listed(&store, of, filter(&["on-hold"], false)).await, hold, "{of}");
        assert_eq!(listed(&store, of, filter(&["requested"], false)).await, [0], "{of}");
        let both = listed(&store, of, filter(&["on-hold", "requested", "on-hold"], false)).await;
        assert_eq!(both, drawn(&hold), "{of}");
        assert_eq!(listed(&store, of, filter(&["cancelled"], false)).await, [0; 0], "{of}");
        assert_eq!(listed(&store, of, filter(&[], true)).await, every(1000), "{of}");
        assert_eq!(listed(&store, of, filter(&["on-hold"], true)).await, every(1000), "{of}");
        assert_eq!(listed(&store, of, filter(&[], false)).await, drawn(&every(1)), "{of}");
    }
    assert_eq!(listed(&store, "laja", filter(&["on-hold"], false)).await, [0; 0]);
}

/// What a list asks: the question, and the index it must be answered by, without a sort.
const PLANS: [(&str, &str); 5] = [
    (
        "from_agency = ?1 AND id < ?2 AND status = ?3",
        "referrals_sent_as (from_agency=? AND status=? AND id<?)",
    ),
    (
        "to_agency = ?1 AND id < ?2 AND status = ?3 AND status <> 'requested'",
        "referrals_received_as (to_agency=? AND status=? AND id<?)",
    ),
    ("to_agency = ?1 AND id < ?2 AND status = ?3 AND NOT closed", "referrals_open (to_agency=? AND id<?)"),
    (
        "from_agency = ?1 AND id < ?2 AND rung > 0 AND NOT closed",
        "referrals_sent_overdue (from_agency=? AND id<?)",
    ),
    (
        "to_agency = ?1 AND id < ?2 AND rung > 0 AND NOT closed",
        "referrals_received_overdue (to_agency=? AND id<?)",
    ),
];

/// PostgreSQL counts what it reads, so that the statements themselves are judged; SQLite tells its plan.
#[tokio::test]
async fn no_list_reads_what_it_does_not_show() {
    let Some((house, store)) = filled().await else { return };
    match ENGINE {
        Engine::Sqlite => drop(store),
        Engine::Postgres => return read_by_postgres(house, store).await,
    }
    for (conditions, index) in PLANS {
        let asked = format!(
            "EXPLAIN QUERY PLAN SELECT state FROM referrals WHERE {conditions} ORDER BY id DESC LIMIT ?4"
        );
        let told = house
            .sql(&asked.replace("?1", "'a'").replace("?2", "'b'").replace("?3", "'c'").replace("?4", "9"));
        let told = told.unwrap();
        assert!(told.contains(&format!("USING INDEX {index}")), "{conditions}: {told}");
        assert!(!told.contains("TEMP B-TREE"), "{conditions}: {told}");
    }
}

async fn read_by_postgres(house: House, store: Store) {
    const READ: &str = "SELECT \
        (SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname = 'referrals')::bigint, \
        (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'referrals')::bigint";
    let read = || serde_json::from_str::<Vec<(i64, i64)>>(&house.sql(READ).unwrap()).unwrap()[0];
    drop(store);
    let before = read();
    let store = house.open();
    drop(store);
    let opened = read();
    let store = house.open();
    let mut shown = 0;
    for of in ["ictp", "cpi"] {
        for (statuses, overdue) in
            [(&["on-hold"][..], false), (&["requested"], false), (&["cancelled"], false), (&[], true)]
        {
            shown += store.referrals_of_party(agency(of), filter(statuses, overdue)).await.unwrap().len();
        }
    }
    drop(store);
    let after = read();
    assert_eq!(after.0 - opened.0, opened.0 - before.0, "the table was read whole");
    let more = (after.1 - opened.1) - (opened.1 - before.1);
    // `requested` of a receiver is found among what is open, 61 rows here.
    let most = i64::try_from(shown).unwrap() + ROWS / 100 + 1;
    assert!(more <= most, "{more} index rows read for {shown} shown");
}
