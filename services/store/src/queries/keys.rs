//! The statements of the key database. Mounted once per engine.

use diesel::prelude::*;

use super::Conn;
use crate::schema::{epochs, slots};

pub fn newest_epoch(conn: &mut Conn) -> QueryResult<Option<(i32, Vec<u8>)>> {
    epochs::table.order(epochs::epoch.desc()).first(conn).optional()
}

pub fn epoch(conn: &mut Conn, number: i32) -> QueryResult<Option<Vec<u8>>> {
    epochs::table.find(number).select(epochs::wrapped).first(conn).optional()
}

pub fn insert_epoch(conn: &mut Conn, number: i32, wrapped: &[u8]) -> QueryResult<()> {
    let row = (epochs::epoch.eq(number), epochs::wrapped.eq(wrapped));
    diesel::insert_into(epochs::table).values(row).execute(conn).map(|_| ())
}

/// New slots, leased to this hub at once.
pub fn insert_leased(conn: &mut Conn, number: i32, made: &[(String, Vec<u8>)]) -> QueryResult<()> {
    let row = |(id, wrapped): &(String, Vec<u8>)| {
        let columns = (slots::key_id.eq(id.clone()), slots::epoch.eq(number));
        (columns.0, columns.1, slots::wrapped.eq(wrapped.clone()), slots::leased.eq(true))
    };
    let rows: Vec<_> = made.iter().map(row).collect();
    diesel::insert_into(slots::table).values(&rows).execute(conn).map(|_| ())
}

/// Slots that a dead hub had leased and no case uses; the caller says which are used.
pub fn leased(conn: &mut Conn) -> QueryResult<Vec<String>> {
    slots::table.filter(slots::leased.eq(true)).select(slots::key_id).load(conn)
}

pub fn free(conn: &mut Conn, ids: &[String]) -> QueryResult<()> {
    let rows = slots::table.filter(slots::key_id.eq_any(ids));
    diesel::update(rows).set(slots::leased.eq(false)).execute(conn).map(|_| ())
}

/// Leases up to `limit` free slots.
pub fn lease(conn: &mut Conn, limit: i64) -> QueryResult<Vec<(String, i32, Vec<u8>)>> {
    let columns = (slots::key_id, slots::epoch, slots::wrapped);
    let found: Vec<(String, i32, Vec<u8>)> =
        slots::table.filter(slots::leased.eq(false)).select(columns).limit(limit).load(conn)?;
    let ids: Vec<&String> = found.iter().map(|(id, _, _)| id).collect();
    diesel::update(slots::table.filter(slots::key_id.eq_any(ids)))
        .set(slots::leased.eq(true))
        .execute(conn)?;
    Ok(found)
}

pub fn slot(conn: &mut Conn, id: &str) -> QueryResult<Option<(i32, Vec<u8>)>> {
    slots::table.find(id).select((slots::epoch, slots::wrapped)).first(conn).optional()
}
