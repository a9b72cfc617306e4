//! The statements of the key database. Mounted once per engine.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::{Conn, bulk};
use crate::rows::SlotRow;
use crate::schema::{epochs, slots};

pub fn newest_epoch(conn: &mut Conn) -> QueryResult<Option<(i32, Vec<u8>)>> {
    epochs::table.order(epochs::epoch.desc()).first(conn).optional()
}

pub fn epoch(conn: &mut Conn, number: i32) -> QueryResult<Option<Vec<u8>>> {
    epochs::table.find(number).select(epochs::wrapped).first(conn).optional()
}

/// Another hub may have been faster: then its key stays.
pub fn insert_epoch(conn: &mut Conn, number: i32, wrapped: &[u8]) -> QueryResult<()> {
    let row = (epochs::epoch.eq(number), epochs::wrapped.eq(wrapped));
    diesel::insert_into(epochs::table).values(row).on_conflict_do_nothing().execute(conn).map(|_| ())
}

/// New slots.
pub fn insert(conn: &mut Conn, made: &[SlotRow]) -> QueryResult<()> {
    bulk::insert_slots(conn, made)
}

/// Some slots whose lease ended before this moment and that are not known to be used.
pub fn ended(conn: &mut Conn, before: i64, limit: i64) -> QueryResult<Vec<String>> {
    // As the index `slots_leased` has it.
    let rows = slots::table.filter(slots::owner.is_not_null()).filter(sql::<Bool>("NOT used"));
    rows.filter(slots::lease_until.lt(before)).limit(limit).select(slots::key_id).load(conn)
}

pub fn mark_used(conn: &mut Conn, ids: &[String]) -> QueryResult<()> {
    let rows = slots::table.filter(slots::key_id.eq_any(ids));
    diesel::update(rows).set(slots::used.eq(true)).execute(conn).map(|_| ())
}

/// Frees those whose lease is still over: another hub may have freed and taken them meanwhile.
pub fn free(conn: &mut Conn, ids: &[String], before: i64) -> QueryResult<()> {
    let rows = slots::table.filter(slots::key_id.eq_any(ids)).filter(slots::used.eq(false));
    let nobody = (slots::owner.eq(None::<String>), slots::lease_until.eq(None::<i64>));
    diesel::update(rows.filter(slots::lease_until.lt(before))).set(nobody).execute(conn).map(|_| ())
}

/// Renews what this owner still holds unused; how many those are.
pub fn renew(conn: &mut Conn, owner: &str, ids: &[String], until: i64) -> QueryResult<usize> {
    let rows = slots::table.filter(slots::key_id.eq_any(ids)).filter(slots::owner.eq(owner));
    diesel::update(rows).set(slots::lease_until.eq(until)).execute(conn)
}

pub fn slot(conn: &mut Conn, id: &str) -> QueryResult<Option<(i32, Vec<u8>)>> {
    slots::table.find(id).select((slots::epoch, slots::wrapped)).first(conn).optional()
}
