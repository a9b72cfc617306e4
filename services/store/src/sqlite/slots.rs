//! Taking free key slots where one process takes them.

use diesel::prelude::*;

use super::Conn;
use crate::rows::SlotRow;
use crate::schema::slots;

/// Leases up to `limit` free slots to this owner.
pub fn lease(conn: &mut Conn, owner: &str, until: i64, limit: i64) -> QueryResult<Vec<SlotRow>> {
    conn.immediate_transaction(|conn| {
        let free = slots::table.filter(slots::owner.is_null()).limit(limit);
        let found: Vec<SlotRow> = free.select(SlotRow::as_select()).load(conn)?;
        let ids: Vec<&String> = found.iter().map(|slot| &slot.key_id).collect();
        let taken = (slots::owner.eq(owner), slots::lease_until.eq(until));
        diesel::update(slots::table.filter(slots::key_id.eq_any(ids))).set(taken).execute(conn)?;
        Ok(found)
    })
}
