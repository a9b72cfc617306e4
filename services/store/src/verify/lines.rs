//! The outbox is work and no fact, but whom a line leads to is: a line that leads elsewhere than its delivery
//! was put there by nobody who writes entries.

use super::VerifyReport;
use super::tables::last_moved;
use crate::StoreError;
use crate::engine::{Conn, query};

/// Named at once; more than one is story enough.
const NAMED_MAX: i64 = 100;

/// Compares where lines of the outbox lead with their deliveries.
pub fn compare_lines(conn: &mut Conn, report: &mut VerifyReport) -> Result<(), StoreError> {
    let misled = query!(conn, sealed::misled(NAMED_MAX))?;
    if misled.is_empty() {
        return Ok(());
    }
    for (id, at) in last_moved(conn, misled.into_iter())? {
        let at = at.unwrap_or(report.entries);
        let detail = format!("the outbox would send delivery {id} to another agency");
        report.add_row("line-misled", at, &id, detail);
    }
    Ok(())
}
