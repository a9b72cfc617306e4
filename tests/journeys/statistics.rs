//! What an analyst is told: counts of ten and more, small ones withheld and marked together with what would
//! give them away; and nobody else is told anything.

use serde_json::{Value, json};

use super::sandbox::sandbox;

/// The least count that is shown.
const COUNT_MIN: u64 = 10;

fn table(path: &str) -> Value {
    sandbox().get("ncrc-analyst", path).ok().json()
}

fn rows(table: &Value) -> impl Iterator<Item = &Value> {
    table["rows"].as_array().unwrap().iter().chain(table["totals"].as_array().unwrap())
}

fn is_withheld(cell: &Value) -> bool {
    cell.get("withheld").is_some()
}

#[test]
fn small_cells_are_withheld_and_marked() {
    let _turn = sandbox().beside();
    let table = table("/v1/indicators/referrals?by=service&by=sex");
    let mut withheld = 0;
    for cell in rows(&table).flat_map(|row| row["cells"].as_array().unwrap()) {
        match cell["count"].as_u64() {
            Some(count) => assert!(count >= COUNT_MIN, "a count of {count} is shown"),
            None => withheld += u64::from(is_withheld(cell)),
        }
    }
    assert!(withheld > 0, "a handful of referrals in every cell: {table}");
    assert_eq!(table["suppressed_cells"], withheld);
    assert!(!table["note"].as_str().unwrap().is_empty());
    no_cell_follows_from_a_margin(&table);
}

/// Beside a margin that is shown, none or at least two cells of its line are withheld.
fn no_cell_follows_from_a_margin(table: &Value) {
    let keys = |row: &Value| row["keys"].as_array().unwrap().clone();
    for margin in table["totals"].as_array().unwrap().iter().filter(|row| !is_withheld(&row["cells"][0])) {
        let of_line = |row: &&Value| {
            keys(margin).iter().zip(keys(row)).all(|(wanted, held)| wanted == "total" || *wanted == held)
        };
        let hidden = table["rows"]
            .as_array()
            .unwrap()
            .iter()
            .filter(of_line)
            .filter(|row| is_withheld(&row["cells"][0]));
        assert_ne!(hidden.count(), 1, "one withheld cell follows from {margin} in {table}");
    }
}

/// Zero at an agency is told apart from an agency that is not there: who is in the figures, and who is not.
#[test]
fn users_ask_33_a_table_says_which_agencies_stand_behind_it() {
    let _turn = sandbox().beside();
    let coverage = table("/v1/indicators/referrals?by=sex")["coverage"].clone();
    let named = |list: &str| -> Vec<String> {
        let agencies = coverage[list].as_array().unwrap().iter();
        agencies.map(|one| one["agency"].as_str().unwrap().to_owned()).collect()
    };
    assert!(named("answered").contains(&"laja".to_owned()), "{coverage}");
    assert!(named("not_answered").contains(&"nadra".to_owned()), "NADRA is never referred to: {coverage}");
    let long_ago = table("/v1/indicators/referrals?from=2020-01&to=2020-02")["coverage"].clone();
    assert_eq!(long_ago["answered"], json!([]));
}

/// An empty answer says what was looked through.
#[test]
fn users_ask_33_a_directory_search_says_what_it_looked_through() {
    let _turn = sandbox().beside();
    let found = sandbox().get("ictp", "/v1/directory?service=SVC-LEGAL&jurisdiction=ICT").ok().json();
    let legal = found["items"].as_array().unwrap().iter().find(|one| one["agency"] == "laja").unwrap();
    assert_eq!((&legal["connected"], &legal["confirmed"]), (&json!(true), &json!(false)));
    let nobody = sandbox().get("ictp", "/v1/directory?service=SVC-LEGAL&jurisdiction=Nowhere").ok().json();
    assert_eq!(nobody["coverage"], found["coverage"]);
    assert!(nobody["coverage"]["agencies"].as_u64().unwrap() > 30, "{nobody}");
    sandbox().get("ictp", "/v1/directory?service=SVC-NONE").problem(422, "unknown-code");
}

#[test]
fn a_median_of_few_is_withheld() {
    let _turn = sandbox().beside();
    let table = table("/v1/indicators/time-to-acceptance?by=service");
    assert_eq!(table["columns"].as_array().unwrap().len(), 2, "{}", table["columns"]);
    for row in rows(&table) {
        let cells = row["cells"].as_array().unwrap();
        let few = cells.iter().any(is_withheld);
        assert!(!few || cells.iter().all(is_withheld), "median and n are withheld together: {row}");
    }
}

#[test]
fn only_an_analyst_is_told() {
    let _turn = sandbox().beside();
    for client in ["ictp", "cpi", "operator"] {
        sandbox().get(client, "/v1/indicators/referrals").problem(403, "missing-scope");
        sandbox().get(client, "/v1/audit/entries").problem(403, "missing-scope");
    }
    sandbox().get("ncrc-analyst", "/v1/referrals").problem(403, "missing-scope");
    sandbox().get("ncrc-analyst", "/v1/indicators/no-such").problem(404, "unknown-indicator");
    let list = table("/v1/indicators");
    assert!(list.to_string().contains("time-to-acceptance"), "{list}");
    let query = "/v1/indicators/referrals?by=service&by=sex&by=month";
    let refused = sandbox().get("ncrc-analyst", query);
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert_eq!(table("/v1/indicators/referrals?by=month")["by"], json!(["month"]));
}
