//! What the four indicators say of a known set of facts, as a reader sees it.

use casework::Priority;
use oversight::Cell;
use store::FactRow;

use super::{fact, table};

/// Ninety days of invented referrals: three services, two sexes and one referral with sex not asked.
fn facts() -> Vec<FactRow> {
    let mut facts = Vec::new();
    for (service, sex, count, every) in [
        ("SVC-SHELTER", "F", 61, 1),
        ("SVC-SHELTER", "M", 44, 2),
        ("SVC-LEGAL", "F", 35, 1),
        ("SVC-LEGAL", "M", 7, 1),
        ("SVC-CYBER", "F", 30, 3),
        ("SVC-CYBER", "M", 12, 1),
    ] {
        for number in 0..count {
            let accepted = (number % every == 0).then_some(30 + number * 7);
            let closed = (number % 2 == 0).then_some(2000 + number);
            let mut fact = fact(service, &[("sex", sex)], accepted, closed);
            fact.month = format!("2026-{:02}", 8 + number % 3);
            facts.push(fact);
        }
    }
    facts.push(fact("SVC-SHELTER", &[], None, None));
    facts
}

#[test]
fn tables_as_text() {
    let mut text = String::new();
    for indicator in oversight::indicators() {
        let all = [&[][..], &["service"], &["service", "sex"], &["sex", "service"], &["to", "clock"]];
        for by in all.into_iter().filter(|by| by.iter().all(|by| indicator.by().contains(by))) {
            text.push_str(&table(indicator.id(), &facts(), by).as_text());
            text.push_str("\n----\n\n");
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_table_as_json() {
    insta::assert_json_snapshot!(table("time-to-acceptance", &facts(), &["service"]));
}

#[test]
fn medians_and_percents_are_true() {
    let facts: Vec<FactRow> =
        (0..40).map(|n| fact("SVC-LEGAL", &[], (n < 30).then_some(n * 10), None)).collect();
    let cells = |indicator| table(indicator, &facts, &[]).totals[0].cells.clone();
    assert_eq!(cells("time-to-acceptance"), [Cell::Minutes(145.0), Cell::Count(30)]);
    assert_eq!(cells("acceptance-rate"), [Cell::Percent(75.0), Cell::Count(40)]);
    assert_eq!(cells("closed-loop"), [Cell::Percent(0.0), Cell::Count(40)]);
    assert_eq!(cells("referrals"), [Cell::Count(40)]);
}

#[test]
fn no_facts_make_an_empty_table() {
    for indicator in oversight::indicators() {
        let all = [&[][..], &["service"], &["service", "sex"], &["clock", "rung"]];
        for by in all.into_iter().filter(|by| by.iter().all(|by| indicator.by().contains(by))) {
            let table = table(indicator.id(), &[], by);
            assert!(table.rows.is_empty());
            assert_eq!(table.totals.len(), 1);
            assert_eq!(table.totals[0].cells.last(), Some(&Cell::Count(0)));
            assert_eq!(table.suppressed_cells, 0);
            assert!(!table.as_text().is_empty());
        }
    }
}

#[test]
fn only_the_months_asked_for_count() {
    let mut query = super::query(&[]);
    query.from_month = "2026-09".into();
    query.to_month = "2026-09".into();
    let indicator = oversight::indicator("referrals").unwrap();
    let table = oversight::answer(indicator, &facts(), &query).unwrap();
    let wanted = facts().iter().filter(|fact| fact.month == "2026-09").count();
    assert_eq!(table.totals[0].cells, [Cell::Count(wanted as u64)]);
}

#[test]
fn every_dimension_can_be_asked_for() {
    let mut facts = facts();
    facts[0].priority = Priority::Emergency;
    for dimension in oversight::indicator("referrals").unwrap().by() {
        let table = table("referrals", &facts, &[dimension]);
        assert_eq!(table.by, [dimension.to_string()]);
        assert!(!table.rows.is_empty());
    }
}

/// A few breaches of one clock at one agency would point at a child: withheld, as any small count is.
#[test]
fn breaches_of_clocks_are_protected_like_all_else() {
    let breach = |clock: &str, rung: &str| fact("none", &[("clock", clock), ("rung", rung)], None, None);
    let facts: Vec<FactRow> = (0..30)
        .map(|_| breach("receive", "1"))
        .chain((0..3).map(|_| breach("decide", "1")))
        .chain((0..25).map(|_| breach("receive", "2")))
        .collect();
    let table = table("clock-breaches", &facts, &["clock", "rung"]);
    assert_eq!(table.columns, ["breaches"]);
    assert!(table.suppressed_cells > 0, "{}", table.as_text());
    let shown = |keys: [&str; 2]| table.rows.iter().find(|row| row.keys == keys).unwrap().cells[0];
    assert!(shown(["decide", "1"]).is_withheld(), "{}", table.as_text());
    let refused =
        oversight::answer(oversight::indicator("clock-breaches").unwrap(), &facts, &super::query(&["sex"]));
    assert!(refused.unwrap_err().to_string().contains("to, month, clock, rung"));
}
