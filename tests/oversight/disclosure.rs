//! Disclosure control against the attacker: random tables of one and two dimensions, small and awkward
//! ones, and answers laid over each other.

use proptest::prelude::*;
use store::FactRow;

use super::{attack::View, facts_of, shown, table};

/// Counts that provoke: zeros, ones, just below and above the threshold, and plenty.
fn count() -> impl Strategy<Value = u64> {
    prop_oneof![3 => Just(0_u64), 4 => 1_u64..10, 2 => 10_u64..13, 2 => 13_u64..60]
}

fn counts() -> impl Strategy<Value = Vec<Vec<u64>>> {
    (1_usize..=3, 1_usize..=3).prop_flat_map(|(rows, columns)| {
        proptest::collection::vec(proptest::collection::vec(count(), columns), rows)
    })
}

/// Rows and columns that hold nothing do not occur in a table.
fn without_empty(counts: &[Vec<u64>]) -> Vec<Vec<u64>> {
    let columns: Vec<usize> =
        (0..counts[0].len()).filter(|c| counts.iter().any(|line| line[*c] > 0)).collect();
    let lines = counts.iter().filter(|line| line.iter().any(|count| *count > 0));
    lines.map(|line| columns.iter().map(|c| line[*c]).collect()).collect()
}

/// What of `counts` is published in the tables given, taken together.
fn view(tables: &[oversight::Table], counts: &[Vec<u64>]) -> View {
    let keys = |dimension: &str, place: Option<usize>| match place {
        Some(place) if dimension == "service" => format!("SVC-{place}"),
        Some(place) => format!("K{place}"),
        None => "total".to_owned(),
    };
    let published = |row: Option<usize>, column: Option<usize>| {
        tables.iter().any(|table| {
            let place = |by: &String| if by == "service" { row } else { column };
            let lost = (row.is_some() && !table.by.contains(&"service".to_owned()))
                || (column.is_some() && table.by.iter().all(|by| by == "service"));
            let names: Vec<String> = table.by.iter().map(|by| keys(by, place(by))).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            !lost && shown(table, &names).is_some()
        })
    };
    let (rows, columns) = (0..counts.len(), 0..counts[0].len());
    View {
        counts: counts.to_vec(),
        cells: rows.clone().map(|r| columns.clone().map(|c| published(Some(r), Some(c))).collect()).collect(),
        rows: rows.map(|r| published(Some(r), None)).collect(),
        columns: columns.map(|c| published(None, Some(c))).collect(),
        total: published(None, None),
    }
}

/// True counts where published; and no small one is.
fn check_truth(table: &oversight::Table, facts: &[FactRow], sensitive: bool) {
    for row in table.rows.iter().chain(&table.totals) {
        let Some(said) = shown(table, &row.keys.iter().map(String::as_str).collect::<Vec<_>>()) else {
            continue;
        };
        let fits = |fact: &&FactRow| {
            table.by.iter().zip(&row.keys).all(|(by, key)| {
                key == "total" || *key == fact.service.to_string() || fact.dimensions.get(by) == Some(key)
            })
        };
        let counted = facts.iter().filter(fits);
        let wanted = match table.indicator {
            "time-to-acceptance" => counted.filter(|fact| fact.accepted_minutes.is_some()).count(),
            _ => counted.count(),
        };
        assert_eq!(said, wanted as u64, "{:?}", row.keys);
        assert!(said >= 10 || (said == 0 && !(sensitive && row.keys.iter().all(|key| key != "total"))));
    }
}

fn all_tables(indicator: &str, facts: &[FactRow], dimension: &str) -> Vec<oversight::Table> {
    let by: [&[&str]; 5] =
        [&[], &["service"], &[dimension], &["service", dimension], &[dimension, "service"]];
    by.iter().map(|by| table(indicator, facts, by)).collect()
}

/// Every breakdown of one indicator, laid over each other, pins nothing down.
fn check_counts(counts: &[Vec<u64>], dimension: &str) {
    let counts = without_empty(counts);
    if counts.is_empty() {
        return;
    }
    let facts = facts_of(dimension, &counts, &[]);
    let tables = all_tables("referrals", &facts, dimension);
    tables.iter().for_each(|table| check_truth(table, &facts, dimension == "legal-status"));
    let pinned = view(&tables, &counts).pinned_down(|_, _| false);
    assert!(pinned.is_empty(), "{counts:?}: {pinned:?}\n{}", tables[3].as_text());
}

/// The same for medians and rates, whose counts are those of accepted referrals.
fn check_accepted(counts: &[Vec<u64>], shares: &[Vec<u64>]) {
    let accepted: Vec<Vec<u64>> = counts
        .iter()
        .zip(shares)
        .map(|(line, shares)| line.iter().zip(shares).map(|(count, share)| count * share / 10).collect())
        .collect();
    let facts = facts_of("sex", counts, &accepted);
    let medians = all_tables("time-to-acceptance", &facts, "sex");
    medians.iter().for_each(|table| check_truth(table, &facts, false));
    check_hits(&medians, counts, &accepted);
    let rates = all_tables("acceptance-rate", &facts, "sex");
    for (rate, median) in rates.iter().zip(&medians) {
        check_truth(rate, &facts, false);
        for row in rate.rows.iter().chain(&rate.totals) {
            let keys: Vec<&str> = row.keys.iter().map(String::as_str).collect();
            let known = shown(rate, &keys);
            assert!(known.is_none_or(|n| n >= 30 || n == 0), "a percent over {known:?}");
            assert!(known.is_none() || shown(median, &keys).is_some(), "a rate where its count is withheld");
        }
    }
    check_hits(&rates, counts, &accepted);
}

/// A small count of accepted referrals cannot be computed. That there are none may be known; and one of
/// ten or more, withheld for others' sake, may follow where whole margins are zero: alone it could be shown.
fn check_hits(tables: &[oversight::Table], counts: &[Vec<u64>], accepted: &[Vec<u64>]) {
    let harmless = |r: usize, c: usize| accepted[r][c] == 0 || accepted[r][c] >= 10;
    let mut pinned = view(tables, accepted).pinned_down(harmless);
    pinned.retain(|place| place.starts_with("cell"));
    assert!(pinned.is_empty(), "{counts:?} {accepted:?}: {pinned:?}\n{}", tables[3].as_text());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_withheld_count_can_be_computed(counts in counts()) {
        check_counts(&counts, "sex");
    }

    #[test]
    fn nor_one_of_a_sensitive_table(counts in counts()) {
        check_counts(&counts, "legal-status");
    }

    #[test]
    fn nor_an_accepted_count(
        counts in proptest::collection::vec(proptest::collection::vec(1_u64..60, 2), 2..=3),
        shares in proptest::collection::vec(proptest::collection::vec(0_u64..=10, 2), 3),
    ) {
        check_accepted(&counts, &shares);
    }
}

/// Tables that defeat simple rules.
#[test]
fn awkward_tables() {
    let tables: [&[&[u64]]; 12] = [
        &[&[9, 9]], // together 18: both would be 9 if the marks said "small"
        &[&[1, 1, 1], &[1, 1, 1], &[1, 1, 2]],
        &[&[5, 20], &[20, 0]], // a zero stands where the complement is needed
        &[&[5, 20, 0], &[0, 5, 20], &[20, 0, 5]],
        &[&[3, 40, 50], &[60, 70, 80]],
        &[&[3, 40], &[50, 4]],
        &[&[9, 0, 0], &[0, 9, 0], &[0, 0, 9]],
        &[&[40], &[3]],
        &[&[3]],
        &[&[12]],
        &[&[100, 9], &[1, 100], &[10, 10]],
        &[&[0, 30, 0], &[30, 0, 1], &[0, 1, 30]],
    ];
    for counts in tables {
        let counts: Vec<Vec<u64>> = counts.iter().map(|line| line.to_vec()).collect();
        check_counts(&counts, "sex");
        check_counts(&counts, "legal-status");
    }
}

/// A margin is withheld in every breakdown or in none, whichever way round it is asked.
#[test]
fn breakdowns_agree_about_their_margins() {
    let facts = facts_of("sex", &[vec![3, 40], vec![50, 60], vec![2, 5]], &[]);
    let tables = all_tables("referrals", &facts, "sex");
    for service in ["SVC-0", "SVC-1", "SVC-2"] {
        let in_one = shown(&tables[1], &[service]);
        assert_eq!(in_one, shown(&tables[3], &[service, "total"]));
        assert_eq!(in_one, shown(&tables[4], &["total", service]));
        for sex in ["K0", "K1"] {
            assert_eq!(shown(&tables[3], &[service, sex]), shown(&tables[4], &[sex, service]));
        }
    }
}

/// The largest table allowed is protected in reasonable time.
#[test]
fn a_large_sparse_table() {
    let counts: Vec<Vec<u64>> =
        (0..40).map(|r| (0..10).map(|c| (r * 7 + c * 3) % 23 / 2).collect()).collect();
    let facts = facts_of("district", &counts, &[]);
    let started = std::time::Instant::now();
    check_truth(&table("referrals", &facts, &["service", "district"]), &facts, false);
    assert!(started.elapsed().as_secs() < 20, "took {:?}", started.elapsed());
}
