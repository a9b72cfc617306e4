//! Code lists against the code that lives by them, and what they must and must not hold.

use std::{collections::BTreeSet, fs};

use casework::{Category, ClockKind, Code, MessageKind, Priority, Timestamp};
use serde_json::Value;

use super::{DIRECTORY, SCHEMAS, folder, names};

/// A selector's codes are exactly these, in order.
fn check(selector: &str, expect: &[&str]) {
    let rows = DIRECTORY.codes(selector).unwrap_or_else(|| panic!("no list {selector}"));
    let codes: Vec<&str> = rows.iter().map(|row| row.code.as_str()).collect();
    assert_eq!(codes, expect, "{selector}");
}

#[test]
fn categories_are_the_closed_list() {
    let words: Vec<&str> = Category::ALL.iter().map(|category| category.as_str()).collect();
    check("data_categories.csv", &words);
}

#[test]
fn clocks_are_the_clocks_that_run() {
    let listed = DIRECTORY.codes("referral_clocks.csv?run_by_hub=yes").unwrap();
    let listed: BTreeSet<String> = listed.into_iter().map(|row| row.code).collect();
    assert_eq!(listed, ClockKind::ALL.iter().map(|kind| kind.as_str().to_owned()).collect());
    check("referral_clocks.csv?run_by_hub=later", &[]);
}

#[test]
fn priorities_are_the_listed_ones() {
    let all = [Priority::Emergency, Priority::Urgent, Priority::Normal];
    check("priority.csv", &all.map(Priority::as_str));
}

#[test]
fn selectors() {
    check("disaggregation.json#SEX", &["M", "F", "X"]);
    check("disaggregation.json#SEX+NK", &["M", "F", "X", "NK"]);
    check("outcomes.csv?result=failed", &["child-lost", "withdrew", "died", "moved", "unable"]);
    check("missing_reasons.csv", &["not-asked", "refused", "unknown", "not-shared"]);
    for none in
        ["nothing.csv", "priority.csv#nothing", "priority.csv?nothing=1", "disaggregation.json#RELIGION"]
    {
        assert!(DIRECTORY.codes(none).is_none(), "{none}");
    }
}

#[test]
fn rules_carry_the_listed_durations() {
    let rules = DIRECTORY.rules();
    let start = Timestamp::from_micros(0);
    let minutes = |kind, priority| rules.due(kind, priority, start).unwrap().minutes_since(start);
    assert_eq!(minutes(ClockKind::Receive, Priority::Emergency), 60);
    assert_eq!(minutes(ClockKind::FirstAction, Priority::Emergency), 24 * 60);
    assert_eq!(minutes(ClockKind::Update, Priority::Emergency), 3 * 24 * 60);
    assert_eq!(rules.clocks[&ClockKind::FirstAction].normal_micros, 14 * 86_400_000_000);
    let failed: Vec<String> = rules.failed_outcomes.iter().map(Code::to_string).collect();
    assert_eq!(failed, ["child-lost", "died", "moved", "unable", "withdrew"]);
}

#[test]
fn every_enum_names_its_list() {
    fn look(node: &Value, at: &str) {
        let plain = at.ends_with("/result") && node["enum"] == serde_json::json!(["completed", "failed"]);
        assert!(node.get("enum").is_none() || node.get("x-codelist").is_some() || plain, "{at}");
        for (name, member) in node.as_object().into_iter().flatten() {
            look(member, &format!("{at}/{name}"));
        }
    }
    for kind in MessageKind::ALL {
        look(SCHEMAS.document(*kind, 1).unwrap(), kind.schema_name());
    }
}

#[test]
fn helplines_are_unpublished_until_verified() {
    let shown: Vec<&str> = DIRECTORY
        .helplines()
        .iter()
        .filter(|line| line.may_be_published())
        .map(|line| line.number.as_str())
        .collect();
    assert_eq!(shown, ["15"]);
}

#[test]
fn agencies_are_lower_case_and_found_when_misspelt() {
    for code in ["ictp", "cpi", "laja", "nccia", "fia-ccw", "nadra", "zarra", "pta", "ncrc", "hub"] {
        assert!(DIRECTORY.agency(&code.parse().unwrap()).is_some(), "{code}");
    }
    let near = DIRECTORY.nearest_agencies("NCIA");
    assert!(near.contains(&"nccia".parse().unwrap()), "{near:?}");
    assert!(DIRECTORY.nearest_agencies("nothing-like-it").is_empty());
    assert_eq!(DIRECTORY.agencies().count(), DIRECTORY.codes("agencies.csv").unwrap().len());
    assert_eq!(DIRECTORY.reasons().len(), 25);
}

#[test]
fn disclosure_thresholds() {
    let rules = DIRECTORY.disclosure_rules();
    assert_eq!((rules.cell_min, rules.cell_min_internal, rules.percent_min_denominator), (10, 5, 30));
}

#[test]
fn every_list_says_where_it_is_from_and_stands_in_the_readme() {
    let place = folder().join("codelists");
    let readme = fs::read_to_string(place.join("README.md")).unwrap();
    for name in names(&place).iter().filter(|name| *name != "README.md") {
        assert!(readme.contains(name.as_str()), "README.md does not mention {name}");
        let text = fs::read_to_string(place.join(name)).unwrap();
        let sourced = text.starts_with('#') || text.contains("source") || text.contains("_note");
        assert!(sourced, "{name} does not say where it is from");
    }
}
