//! Oversight: what tables say is true, and what they withhold stays withheld.

mod attack;
mod disclosure;
mod figures;
mod queries;

use casework::{Facts, Priority};
use oversight::{Cell, Query, Table};
use store::FactRow;

/// A referral to `to` for `service` with these dimensions; accepted and closed after so many minutes.
fn fact(service: &str, dimensions: &[(&str, &str)], accepted: Option<i64>, closed: Option<i64>) -> FactRow {
    FactRow {
        month: "2026-10".into(),
        service: service.parse().unwrap(),
        priority: Priority::Normal,
        to: "cpi".parse().unwrap(),
        dimensions: dimensions
            .iter()
            .map(|(name, code)| (name.to_string(), code.to_string()))
            .collect::<Facts>(),
        accepted_minutes: accepted,
        first_action_minutes: None,
        closed_minutes: closed,
        outcome: closed.map(|_| "child-safe".parse().unwrap()),
    }
}

fn query(by: &[&str]) -> Query {
    Query {
        by: by.iter().map(ToString::to_string).collect(),
        from_month: "2026-01".into(),
        to_month: "2026-12".into(),
    }
}

fn table(indicator: &str, facts: &[FactRow], by: &[&str]) -> Table {
    oversight::answer(oversight::indicator(indicator).unwrap(), facts, &query(by)).unwrap()
}

/// Facts of a table of counts: `counts[row][column]` referrals for service row and the dimension's code
/// column, of which `accepted[row][column]` were accepted.
fn facts_of(dimension: &str, counts: &[Vec<u64>], accepted: &[Vec<u64>]) -> Vec<FactRow> {
    let mut facts = Vec::new();
    for (row, line) in counts.iter().enumerate() {
        for (column, count) in line.iter().enumerate() {
            let taken = accepted.get(row).and_then(|line| line.get(column)).copied().unwrap_or(0);
            for number in 0..*count {
                let minutes = (number < taken).then_some(60 + number as i64);
                facts.push(fact(&format!("SVC-{row}"), &[(dimension, &format!("K{column}"))], minutes, None));
            }
        }
    }
    facts
}

/// The count a cell shows in its last column (`referrals` or `n`); `None` where it is withheld.
fn shown(table: &Table, keys: &[&str]) -> Option<u64> {
    let row = table.rows.iter().chain(&table.totals).find(|row| row.keys == keys);
    match row.unwrap_or_else(|| panic!("no row {keys:?}")).cells.last().unwrap() {
        Cell::Count(count) => Some(*count),
        _ => None,
    }
}
