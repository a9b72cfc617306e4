//! What lies beside the ledger and is only ever compared with it: keys of sealed bodies, lines of the outbox.
//! Mounted once per engine.

use diesel::prelude::*;

use super::Conn;
use crate::schema::{bodies, deliveries, outbox, slots};

/// Keys under which bodies of these cases are sealed, each once; with the case.
pub fn keys_of_bodies(conn: &mut Conn, cases: &[String]) -> QueryResult<Vec<(String, String)>> {
    let rows = bodies::table.filter(bodies::case_id.eq_any(cases)).select((bodies::case_id, bodies::key_id));
    rows.distinct().load(conn)
}

/// Slots of the key database: key, epoch, wrapped key.
pub fn slots_of(conn: &mut Conn, ids: &[String]) -> QueryResult<Vec<(String, i32, Vec<u8>)>> {
    let rows = slots::table.filter(slots::key_id.eq_any(ids));
    rows.select((slots::key_id, slots::epoch, slots::wrapped)).load(conn)
}

/// Deliveries whose line of the outbox leads to somebody else.
pub fn misled(conn: &mut Conn, limit: i64) -> QueryResult<Vec<String>> {
    let both = outbox::table.inner_join(deliveries::table.on(deliveries::id.eq(outbox::delivery_id)));
    let rows = both.filter(outbox::to_agency.ne(deliveries::to_agency)).order(outbox::delivery_id.asc());
    rows.limit(limit).select(outbox::delivery_id).load(conn)
}
