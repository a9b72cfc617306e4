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
