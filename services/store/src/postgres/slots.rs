//! Taking free key slots where several hubs take them: each row goes to one of them, and none waits for
//! another.

use diesel::sql_types::{BigInt, Text};
use diesel::{QueryResult, RunQueryDsl, sql_query};

use super::Conn;
use crate::rows::SlotRow;

/// Leases up to `limit` free slots to this owner.
pub fn lease(conn: &mut Conn, owner: &str, until: i64, limit: i64) -> QueryResult<Vec<SlotRow>> {
    let take = sql_query(
        "UPDATE slots SET owner = $1, lease_until = $2 WHERE key_id IN \
         (SELECT key_id FROM slots WHERE owner IS NULL LIMIT $3 FOR UPDATE SKIP LOCKED) \
         RETURNING key_id, epoch, wrapped, owner, lease_until, used",
    );
    take.bind::<Text, _>(owner).bind::<BigInt, _>(until).bind::<BigInt, _>(limit).load(conn)
}
