//! The stored inner nodes must be the tree's: proofs are made of them.

use std::collections::BTreeMap;

use ledger::Hash;

use super::VerifyReport;
use crate::StoreError;
use crate::engine::{Conn, query};

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
