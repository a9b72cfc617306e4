//! What is shown less exactly than it was sent: coarser where the schema says how, a word in its place, and
//! removed where it says nothing.

use casework::{Category, MessageKind, Way, Ways};
use chrono::NaiveDate;
use schemas::Reading;
use serde_json::{Value, json};

use super::{SCHEMAS, example};

fn cut(body: &Value, ways: &[(Category, Way)]) -> schemas::Minimised {
    let ways: Ways = ways.iter().copied().collect();
    let on = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
    let word = |kind: &str, value: &str| format!("<{kind}: {value}>");
    SCHEMAS.cut(MessageKind::Request, 1, body, &ways, &Reading { on, word: &word })
}

#[track_caller]
fn check(body: &Value, ways: &[(Category, Way)], expect: &Value) {
    assert_eq!(cut(body, ways).value.json(), expect);
}

const COARSE_AGE: &[(Category, Way)] = &[(Category::AgeSex, Way::Generalise)];

#[track_caller]
fn band(age: &Value, expect: Option<&str>) {
    let shown = cut(&json!({ "child": { "age": age } }), COARSE_AGE);
    assert_eq!(shown.value.json().pointer("/child/age/band").and_then(Value::as_str), expect, "{age}");
    let told = shown.value.json().to_string();
    assert!(!told.contains("birth_date") && !told.contains("years"), "{told}");
}

#[test]
fn a_date_of_birth_becomes_the_band_of_the_age_on_the_day() {
    band(&json!({ "birth_date": "2016-11-22" }), Some("Y10T14"));
    band(&json!({ "birth_date": "2016-11-23" }), Some("Y5T9"));
    band(&json!({ "birth_date": "2026-11-22" }), Some("Y0T4"));
    band(&json!({ "years": 17, "basis": "EST" }), Some("Y15T17"));
    // Of several possible ages the lowest.
    band(&json!({ "birth_date": "2016" }), Some("Y5T9"));
    band(&json!({ "birth_date": "2016-11" }), Some("Y5T9"));
    band(&json!({ "birth_date": "2016-10" }), Some("Y10T14"));
    band(&json!({ "birth_date": "2026" }), Some("Y0T4"));
    // Where both are said, the date counts.
    band(&json!({ "years": 15, "birth_date": "2016-11-22" }), Some("Y10T14"));
    // No band, so nothing: a grown person, a day to come, no date at all.
    band(&json!({ "birth_date": "2001-01-01" }), None);
    band(&json!({ "birth_date": "2027-01-01" }), None);
    band(&json!({ "birth_date": "9999-12" }), None);
    band(&json!({ "birth_date": "soon" }), None);
}

#[test]
fn coarser_is_what_the_schema_says_and_nothing_else() {
    let body = example("referral.request", "everything.json");
    let age = json!({ "child": { "age": { "band": "Y5T9", "basis": "EST" }, "sex": "F" },
        "siblings": [{ "band": "Y5T9", "sex": "M" }] });
    check(&body, COARSE_AGE, &age);
    let coarse = |category| [(category, Way::Generalise)];
    check(&body, &coarse(Category::Address), &json!({ "child": { "address": { "district": "PK401" } } }));
    let incident =
        json!({ "district": "PK401", "setting": "online", "online": true, "occurred_on": "2026-11" });
    check(&body, &coarse(Category::Incident), &json!({ "incident": incident }));
    let day = json!({
        "incident": { "occurred_on": "2026-11-19" }, "consent": { "given_at": "2026-11-19T10:00:00+05:00" },
    });
    check(&day, &coarse(Category::Incident), &json!({ "incident": { "occurred_on": "2026-11" } }));
    check(&day, &coarse(Category::Consent), &json!({ "consent": { "given_on": "2026-11-19" } }));
    check(&body, &coarse(Category::Legal), &json!({ "legal": { "fir": { "year": 2026 } } }));
    for without in [
        Category::Name,
        Category::Contact,
        Category::IdNumber,
        Category::Photo,
        Category::Narrative,
        Category::Evidence,
        Category::Statistics,
    ] {
        check(&body, &coarse(without), &json!({}));
    }
}

#[test]
fn a_word_stands_for_one_value_however_it_is_written() {
    let words = &[(Category::IdNumber, Way::Pseudonymise), (Category::Name, Way::Pseudonymise)];
    let body =
        |number: &str, name: &str| json!({ "child": { "national_id": number, "name": { "full": name } } });
    let shown = json!({ "child": {
        "national_id_pseudonym": "<id-number: 0000000000017>",
        "name": { "pseudonym": "<name: test child 7>" },
    } });
    check(&body("0000000000017", "Test Child 7"), words, &shown);
    check(&body("00000-0000001-7", "  test  CHILD 7 "), words, &shown);
    // What has no word goes.
    check(&json!({ "child": { "name": { "known_as": "Seven" } } }), words, &json!({}));
}

#[test]
fn what_is_reduced_is_told_by_place_and_category() {
    let body = example("referral.request", "everything.json");
    let ways = [
        (Category::AgeSex, Way::Generalise),
        (Category::Address, Way::Generalise),
        (Category::IdNumber, Way::Pseudonymise),
        (Category::Family, Way::Pseudonymise),
    ];
    let shown = cut(&body, &ways);
    let told: Vec<String> =
        shown.reductions.iter().map(|one| format!("{} -> {}", one.from, one.to)).collect();
    assert_eq!(
        told,
        [
            "/child/age/birth_date -> /child/age/band",
            "/child/national_id -> /child/national_id_pseudonym",
            "/child/refugee_id -> /child/refugee_id_pseudonym",
            "/siblings/0/years -> /siblings/0/band",
        ]
    );
    assert_eq!(shown.reduced, [Category::AgeSex, Category::Address, Category::IdNumber].into());
    assert!(shown.removed.contains(&("/child/address/line".to_owned(), Category::Address)));
    assert!(shown.removed.contains(&("/child/age/years".to_owned(), Category::AgeSex)), "the date says it");
    // Of the family nothing is left, so it is withheld; of the address something is.
    assert!(shown.withheld.contains(&Category::Family) && shown.withheld.is_disjoint(&shown.reduced));
}

/// Nobody can send what stands for something reduced: the schema does not know the name.
#[test]
fn nobody_sends_a_band_or_a_word() {
    let mut body = example("referral.request", "found-girl.json");
    body["child"]["age"]["band"] = json!("Y5T9");
    assert!(SCHEMAS.check(None, body.to_string().as_bytes()).is_err());
    let mut body = example("referral.request", "found-girl.json");
    body["child"]["national_id_pseudonym"] = json!("pn_00000000000000000000000000000007");
    assert!(SCHEMAS.check(None, body.to_string().as_bytes()).is_err());
}
