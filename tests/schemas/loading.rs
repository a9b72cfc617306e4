//! Loading from a folder: the repository's own gives what is embedded; a spoilt copy is refused with the
//! file, the place and what to do.

use std::{fs, path::Path};

use schemas::{Directory, Schemas};

use super::{SCHEMAS, folder, names};

fn copy(to: &Path) {
    for part in ["codelists", "messages"] {
        fs::create_dir_all(to.join(part)).unwrap();
    }
    for name in names(&folder().join("codelists")) {
        fs::copy(folder().join("codelists").join(&name), to.join("codelists").join(&name)).unwrap();
    }
    for name in names(&folder().join("messages")) {
        let schema = Path::new("messages").join(&name).join("v1.schema.json");
        fs::create_dir_all(to.join("messages").join(&name)).unwrap();
        fs::copy(folder().join(&schema), to.join(&schema)).unwrap();
    }
}

/// Replaces `from` by `to` in one file of a copy; the error text must contain `expect`.
fn check(file: &str, from: &str, to: &str, expect: &str) {
    let place = tempfile::tempdir().unwrap();
    copy(place.path());
    let path = place.path().join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
    let schemas = Schemas::from_dir(place.path()).err().map(|error| error.to_string());
    let directory = Directory::from_dir(place.path()).err().map(|error| error.to_string());
    let told = [schemas, directory].into_iter().flatten().collect::<Vec<_>>().join("\n");
    assert!(told.contains(expect) && told.contains(file.rsplit('/').next().unwrap()), "{file}: {told:?}");
}

#[test]
fn the_folder_is_what_is_embedded() {
    let from_folder = Schemas::from_dir(&folder()).unwrap();
    assert!(from_folder.list().eq(SCHEMAS.list()));
    for (kind, version) in SCHEMAS.list() {
        assert_eq!(from_folder.document(kind, version), SCHEMAS.document(kind, version));
    }
    Directory::from_dir(&folder()).unwrap();
}

#[test]
fn an_enum_that_left_its_list() {
    let file = "messages/referral.hold/v1.schema.json";
    check(file, "\"awaiting-court\", ", "", "add [\"awaiting-court\"]");
    check(file, "\"awaiting-court\"", "\"waiting\"", "remove [\"waiting\"]");
    check(file, "hold_reasons.csv", "held.csv", "is no list of codelists/");
}

#[test]
fn a_schema_that_does_not_compile() {
    let file = "messages/referral.hold/v1.schema.json";
    check(file, "\"format\": \"date\"", "\"format\": \"dat\"", "not a usable schema");
    check(file, "messages/referral.hold/v1\"", "messages/referral.hold/v2\"", "must be `https://");
    check(file, "{", "", "not JSON");
    check(file, "\"const\": \"referral.hold/v1\"", "\"const\": \"referral.held/v1\"", "must be the folder");
}

#[test]
fn a_schema_that_asks_the_network() {
    let file = "messages/referral.accept/v1.schema.json";
    check(file, "#/$defs/officer", "https://elsewhere.example/officer", "not a usable schema");
}

#[test]
fn lists_that_make_no_sense() {
    check("codelists/mandates.csv", "2024-10-17,2025-04-01", "2024-10-17,2025-05-01", "two agencies hold");
    check("codelists/mandates.csv", "FIA-CCW,2007", "NOBODY,2007", "no agency of agencies.csv");
    check("codelists/mandates.csv", "2024-05-03,", "2024-5-3x,", "expected a day");
    check("codelists/referral_clocks.csv", "PT1H", "1 hour", "expected a duration");
    check("codelists/referral_clocks.csv", "receive,", "recieve,", "no clock of that name");
    check("codelists/referral_clocks.csv", "sender,proposed,yes", "sender,proposed,later", "has no row");
    check("codelists/delivery_lives.csv", "any,", "referral.request,", "is missing");
    check("codelists/delivery_lives.csv", "any,", "referral.lost,", "neither `any` nor a message");
    check("codelists/delivery_lives.csv", "P14D", "PT0M", "expected a duration");
    check("codelists/services.csv", "LAJA", "LAWYERS", "names an agency");
    check("codelists/agencies.csv", "CPI,Child", "LAJA,Child", "stands twice");
    check("codelists/sdc_rules.json", "\"min_cell\"", "\"cell\"", "min_cell");
    check("codelists/holidays.csv", "date,name,source", "date,name,source\nEid,Eid,none", "expected a day");
}

/// The line, the column, and what belongs there.
#[test]
fn schedules_that_make_no_sense() {
    let check = |from: &str, to: &str, expect: &str| {
        check("codelists/retention_schedule.csv", from, to, expect);
    };
    check(",P10Y,", ",ten years,", "line 7, column `keep`: expected a time such as P10Y");
    check(",P25Y,", ",P250Y,", "line 8, column `keep`");
    check("purpose:justice", "purpose:justise", "line 7, column `applies`: `justise` is no code of");
    check("not-served,closed", "unserved,closed", "line 10, column `applies`: expected purpose:CODE");
    check("no-referral,last-activity", "no-referral,child-turns-18", "the hub cannot run this");
    check(",proposed,yes", ",sure,yes", "column `confidence`: expected HIGH");
    check("any,closed,P5Y", "service:SVC-EDU,closed,P5Y", "would be kept for ever");
    check("case-care,", "case-justice,", "line 8, column `record`: `case-justice` stands twice");
}

#[test]
fn a_folder_that_is_not_there() {
    let told = Schemas::from_dir(Path::new("/nowhere/at/all")).err().unwrap().to_string();
    assert!(told.contains("/nowhere/at/all/messages") && told.contains("check that the folder exists"));
}

#[test]
fn an_unclassified_property_is_found_and_not_disclosed() {
    let place = tempfile::tempdir().unwrap();
    copy(place.path());
    let path = place.path().join("messages/referral.close/v1.schema.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"x-data-category\": \"narrative\",", "")).unwrap();
    let schemas = Schemas::from_dir(place.path()).unwrap();
    let found = schemas.misclassified();
    assert_eq!((found.len(), found[0].pointer.as_str()), (1, "/note"));
    let all = casework::Category::ALL.iter().copied().collect();
    let body = serde_json::json!({"reason": "other", "note": "Test Child 7"});
    let left = schemas.minimise(casework::MessageKind::Close, 1, &body, &all);
    assert_eq!(
        (left.value.into_json(), left.unclassified),
        (serde_json::json!({"reason": "other"}), vec!["/note".to_owned()])
    );
}
