//! What lies beside the ledger and is only ever compared with it: keys of sealed bodies, lines of the outbox.
//! Mounted once per engine.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::Conn;
use crate::schema::{bodies, deliveries, fact_links, outbox, slots};

/// Keys under which bodies of these cases are sealed, each once; with the case.
pub fn keys_of_bodies(conn: &mut Conn, cases: &[String]) -> QueryResult<Vec<(String, String)>> {
    let rows = bodies::table.filter(bodies::case_id.eq_any(cases)).select((bodies::case_id, bodies::key_id));
    rows.distinct().load(conn)
}

/// Keys under which a case's links to statistics are sealed.
pub fn keys_of_links(conn: &mut Conn, case: &str) -> QueryResult<Vec<String>> {
    let rows = fact_links::table.filter(fact_links::case_id.eq(case)).select(fact_links::key_id);
    rows.distinct().load(conn)
}

/// Of these bodies, with which case and under which key each lies.
pub fn keys_of_objects(conn: &mut Conn, objects: &[String]) -> QueryResult<Vec<(String, String)>> {
    let rows = bodies::table.filter(bodies::object_id.eq_any(objects));
    rows.select((bodies::case_id, bodies::key_id)).load(conn)
}

/// Is a body or a link of another case sealed under one of these keys?
pub fn is_shared(conn: &mut Conn, case: &str, keys: &[String]) -> QueryResult<bool> {
    let others = bodies::table.filter(bodies::key_id.eq_any(keys)).filter(bodies::case_id.ne(case));
    if diesel::select(exists(others)).get_result(conn)? {
        return Ok(true);
    }
    let others = fact_links::table.filter(fact_links::key_id.eq_any(keys));
    diesel::select(exists(others.filter(fact_links::case_id.ne(case)))).get_result(conn)
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
