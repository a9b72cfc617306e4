//! The tables beside the ledger must be exactly what the ledger gives: every column of every state row, and
//! the stored inner nodes. A wrong row is named by the last entry that moved it.

use std::collections::BTreeMap;

use casework::{State, Touched};
use ledger::Hash;

use super::VerifyReport;
use crate::StoreError;
use crate::engine::{Conn, query};
use crate::rows::{CaseRow, CheckRow, DeliveryRow, ReferralRow};

/// Which entry moved a thing last, by the thing's id.
#[derive(Default)]
pub struct LastMoved(BTreeMap<String, u64>);

impl LastMoved {
    pub fn note(&mut self, moved: &Touched, index: u64) {
        let ids = (moved.cases.iter().map(ToString::to_string))
            .chain(moved.referrals.iter().map(ToString::to_string))
            .chain(moved.deliveries.iter().map(ToString::to_string))
            .chain(moved.checks.iter().map(ToString::to_string));
        for id in ids {
            self.0.insert(id, index);
        }
    }
}

/// A row of a state table.
trait StateRow: PartialEq {
    const WHAT: &'static str;
    fn id(&self) -> &str;
}

// A macro, because the four rows differ in nothing but their names.
macro_rules! state_row {
    ($($row:ty = $what:literal),* $(,)?) => {$(
        impl StateRow for $row {
            const WHAT: &'static str = $what;
            fn id(&self) -> &str {
                &self.id
            }
        }
    )*};
}
state_row! {
    CaseRow = "case", ReferralRow = "referral", DeliveryRow = "delivery", CheckRow = "identity check",
}

/// Compares all four state tables with the state that the entries give.
pub fn compare_states(
    conn: &mut Conn,
    state: &State,
    moved: &LastMoved,
    report: &mut VerifyReport,
) -> Result<(), StoreError> {
    compare::<CaseRow>(query!(conn, read::all_cases())?, rows(&state.cases)?, moved, report);
    compare::<ReferralRow>(query!(conn, read::all_referrals())?, rows(&state.referrals)?, moved, report);
    compare::<DeliveryRow>(query!(conn, read::all_deliveries())?, rows(&state.deliveries)?, moved, report);
    compare::<CheckRow>(query!(conn, read::all_checks())?, rows(&state.checks)?, moved, report);
    Ok(())
}

fn rows<'a, I, T, R>(held: &'a BTreeMap<I, T>) -> Result<BTreeMap<String, R>, StoreError>
where
    R: StateRow + TryFrom<&'a T, Error = StoreError>,
{
    held.values().map(|thing| R::try_from(thing).map(|row| (row.id().to_owned(), row))).collect()
}

fn compare<R: StateRow>(
    stored: Vec<R>,
    mut expected: BTreeMap<String, R>,
    moved: &LastMoved,
    report: &mut VerifyReport,
) {
    let what = R::WHAT;
    for row in stored {
        let id = row.id();
        let at = moved.0.get(id).copied().unwrap_or(report.entries);
        match expected.remove(id) {
            Some(given) if given == row => {}
            Some(_) => {
                report.add("state-mismatch", at, at, format!("{what} {id} is not what this entry made it"))
            }
            None => {
                report.add("state-unknown", at, at, format!("a {what} in its table that stands in no entry"))
            }
        }
    }
    for id in expected.into_keys() {
        let at = moved.0.get(&id).copied().unwrap_or(report.entries);
        report.add("state-missing", at, at, format!("{what} {id} is missing from its table"));
    }
}

/// Compares the stored inner nodes with those of the tree.
pub fn compare_nodes(
    conn: &mut Conn,
    mut expected: BTreeMap<(i32, i64), Hash>,
    report: &mut VerifyReport,
) -> Result<(), StoreError> {
    for row in query!(conn, trail::all_nodes())? {
        let place = (row.level, row.idx);
        if expected.remove(&place).is_none_or(|hash| hash.as_slice() != row.hash.as_slice()) {
            wrong_node(
                place,
                "a stored inner node is not the tree's; proofs of these entries would fail",
                report,
            );
        }
    }
    for place in expected.into_keys() {
        wrong_node(place, "a stored inner node is missing; proofs of these entries are slow", report);
    }
    Ok(())
}

/// A node of level 8 at 3 covers the entries from 3 * 256 to 4 * 256 - 1.
fn wrong_node((level, index): (i32, i64), detail: &str, report: &mut VerifyReport) {
    let covers = u32::try_from(level).ok().and_then(|level| 1_u64.checked_shl(level));
    let covers = covers.unwrap_or(1);
    let first = u64::try_from(index).unwrap_or_default().saturating_mul(covers);
    report.add("node-mismatch", first, first.saturating_add(covers.saturating_sub(1)), detail);
}
