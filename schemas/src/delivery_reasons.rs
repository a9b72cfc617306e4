//! `codelists/delivery_reasons.csv`: why a delivery stands where it stands, who mends it, and where that is
//! described. Every reason has a row; the refusals that are an agency's own share one.

use casework::Code;
use serde::Serialize;

use crate::codelist::Lists;

const LIST: &str = "delivery_reasons.csv";
/// The row of all refusals of an agency's own.
const REFUSED: &str = "refused";

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeliveryReason {
    /// As it stands in the ledger, or `refused` for a refusal of an agency's own.
    pub code: String,
    /// For a person.
    pub label: String,
    /// The same in Urdu; not reviewed.
    pub label_ur: String,
    /// `sender`, `receiver`, `integrator` (who keeps the adapter), `operator` (of the hub).
    pub mends: String,
    /// The page that says how, in the hub's repository.
    pub runbook: String,
}

/// The reason with this code.
pub fn find(lists: &Lists, code: &Code) -> Option<DeliveryReason> {
    let own = |word: &str| word.starts_with("refused-");
    let wanted = if own(code.as_str()) { REFUSED } else { code.as_str() };
    all(lists).into_iter().find(|row| row.code == wanted)
}

/// All of them.
pub fn all(lists: &Lists) -> Vec<DeliveryReason> {
    let Ok(table) = lists.table(LIST) else { return Vec::new() };
    let read = |row: &dyn Fn(&str) -> String| DeliveryReason {
        code: row("code"),
        label: row("label"),
        label_ur: row("label_ur"),
        mends: row("mends"),
        runbook: format!("ops/runbooks/{}", row("runbook")),
    };
    table.rows().map(|row| read(&row)).collect()
}
