//! Queries that are not answered, with the text a reader gets; and the thresholds against the code list.

use oversight::{Query, QueryRefusal, answer, indicator, rules};

use super::{fact, query};

fn check(by: &[&str], from: &str, to: &str, expect: QueryRefusal) {
    let query = Query { from_month: from.into(), to_month: to.into(), ..query(by) };
    let refusal = answer(indicator("referrals").unwrap(), &[], &query).unwrap_err();
    assert_eq!(refusal, expect);
    let text = refusal.to_string();
    assert!(!text.contains("religion") && !text.ends_with('.'), "{text}");
}

#[test]
fn refusals() {
    check(&["service", "sex", "to"], "2026-01", "2026-02", QueryRefusal::TooManyDimensions);
    check(&["religion"], "2026-01", "2026-02", QueryRefusal::UnknownDimension);
    check(&["sex", "sex"], "2026-01", "2026-02", QueryRefusal::RepeatedDimension);
    for month in ["2026", "2026-13", "2026-1", "26-01", "2026-01-01", "+026-01", ""] {
        check(&[], month, "2026-02", QueryRefusal::BadMonth);
    }
    check(&[], "2026-03", "2026-02", QueryRefusal::PeriodReversed);
    check(&[], "2020-01", "2026-02", QueryRefusal::PeriodTooLong);
}

#[test]
fn a_table_too_large_to_read_is_refused() {
    let facts: Vec<_> = (0..40)
        .flat_map(|a| {
            (0..40).map(move |b| fact(&format!("SVC-{a}"), &[("district", &format!("D{b}"))], None, None))
        })
        .collect();
    let refusal =
        answer(indicator("referrals").unwrap(), &facts, &query(&["service", "district"])).unwrap_err();
    assert_eq!(refusal, QueryRefusal::TooLarge);
}

#[test]
fn an_unknown_indicator_is_none() {
    assert!(indicator("referral").is_none());
    let names: std::collections::BTreeSet<_> = oversight::indicators().iter().map(|one| one.id()).collect();
    assert_eq!(names.len(), oversight::indicators().len());
}

#[test]
fn thresholds_are_those_of_the_code_list() {
    let list = include_str!("../../schemas/codelists/sdc_rules.json");
    let list: serde_json::Value = serde_json::from_str(list).unwrap();
    let rule = |name: &str| list["proposed_defaults"][name].clone();
    assert_eq!(rule("min_cell"), rules::MIN_CELL);
    assert_eq!(rule("percent_min_denominator"), rules::PERCENT_MIN_DENOMINATOR);
    let sensitive = rule("sensitive_dims").to_string().to_lowercase().replace('_', "-");
    assert!(rules::SENSITIVE.iter().all(|dimension| sensitive.contains(dimension)));
}
