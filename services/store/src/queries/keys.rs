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

/// Some slots of others whose lease ended before this moment and that are not known to be used, the newest
/// first.
pub fn ended(conn: &mut Conn, owner: &str, before: i64, limit: i64) -> QueryResult<Vec<String>> {
    // As the index `slots_leased` has it.
    let rows = slots::table.filter(slots::owner.is_not_null()).filter(sql::<Bool>("NOT used"));
    let rows = rows.filter(slots::owner.ne(owner)).filter(slots::lease_until.lt(before));
    rows.order(slots::lease_until.desc()).limit(limit).select(slots::key_id).load(conn)
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

/// Destroys slots: what they held is written over, then they go. How many there were.
pub fn destroy(conn: &mut Conn, ids: &[String]) -> QueryResult<usize> {
    let rows = slots::table.filter(slots::key_id.eq_any(ids));
    diesel::update(rows).set(slots::wrapped.eq(Vec::<u8>::new())).execute(conn)?;
    diesel::delete(slots::table.filter(slots::key_id.eq_any(ids))).execute(conn)
}

/// Which of these are there.
pub fn present(conn: &mut Conn, ids: &[String]) -> QueryResult<Vec<String>> {
    slots::table.filter(slots::key_id.eq_any(ids)).select(slots::key_id).load(conn)
}

/// Some slots that an earlier epoch key wraps.
pub fn of_earlier(conn: &mut Conn, newest: i32, limit: i64) -> QueryResult<Vec<(String, i32, Vec<u8>)>> {
    let rows = slots::table.filter(slots::epoch.lt(newest)).order(slots::epoch.asc()).limit(limit);
    rows.select((slots::key_id, slots::epoch, slots::wrapped)).load(conn)
}

/// Where it is still of that epoch.
pub fn rewrap(conn: &mut Conn, id: &str, from: i32, to: i32, wrapped: &[u8]) -> QueryResult<usize> {
    let row = slots::table.filter(slots::key_id.eq(id)).filter(slots::epoch.eq(from));
    diesel::update(row).set((slots::epoch.eq(to), slots::wrapped.eq(wrapped))).execute(conn)
}

pub fn earlier_epochs(conn: &mut Conn, newest: i32) -> QueryResult<Vec<i32>> {
    epochs::table.filter(epochs::epoch.lt(newest)).order(epochs::epoch.asc()).select(epochs::epoch).load(conn)
}

pub fn count_of(conn: &mut Conn, epoch: i32) -> QueryResult<i64> {
    slots::table.filter(slots::epoch.eq(epoch)).count().get_result(conn)
}

/// Only where no slot names it.
pub fn destroy_epoch(conn: &mut Conn, number: i32) -> QueryResult<usize> {
    let unnamed = sql::<Bool>("NOT EXISTS (SELECT 1 FROM slots WHERE slots.epoch = epochs.epoch)");
    let row = epochs::table.filter(epochs::epoch.eq(number)).filter(unnamed);
    diesel::delete(row).execute(conn)
}

pub fn count(conn: &mut Conn) -> QueryResult<i64> {
    slots::table.count().get_result(conn)
}

pub fn slot(conn: &mut Conn, id: &str) -> QueryResult<Option<(i32, Vec<u8>)>> {
    slots::table.find(id).select((slots::epoch, slots::wrapped)).first(conn).optional()
}
