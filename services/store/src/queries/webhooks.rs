//! How far each webhook has come: a work table. Mounted once per engine.

use diesel::prelude::*;

use super::Conn;
use crate::schema::webhooks;
use crate::webhooks::WebhookRow;

pub fn all(conn: &mut Conn) -> QueryResult<Vec<WebhookRow>> {
    webhooks::table.order(webhooks::name.asc()).select(WebhookRow::as_select()).load(conn)
}

pub fn one(conn: &mut Conn, name: &str) -> QueryResult<Option<WebhookRow>> {
    webhooks::table.find(name).select(WebhookRow::as_select()).first(conn).optional()
}

/// Begins it after so many entries, unless it has begun.
pub fn begin(conn: &mut Conn, name: &str, passed: i64) -> QueryResult<()> {
    let row = (
        webhooks::name.eq(name),
        webhooks::passed.eq(passed),
        webhooks::tries.eq(0),
        webhooks::next_try.eq(0),
        webhooks::lease_until.eq(0),
    );
    diesel::insert_into(webhooks::table).values(row).on_conflict_do_nothing().execute(conn).map(|_| ())
}

/// Takes the lease where it is free and something may be sent now. By one statement, so that one hub has it.
pub fn claim(conn: &mut Conn, name: &str, now: i64, until: i64) -> QueryResult<bool> {
    let row = webhooks::table
        .filter(webhooks::name.eq(name))
        .filter(webhooks::disabled_since.is_null())
        .filter(webhooks::next_try.le(now))
        .filter(webhooks::lease_until.le(now));
    diesel::update(row).set(webhooks::lease_until.eq(until)).execute(conn).map(|rows| rows > 0)
}

/// Writes down how far it came, and gives the lease back; nothing where it is no longer held.
pub fn settle(conn: &mut Conn, row: &WebhookRow, lease: i64) -> QueryResult<bool> {
    let held = webhooks::table.filter(webhooks::name.eq(&row.name)).filter(webhooks::lease_until.eq(lease));
    let set = (
        webhooks::passed.eq(row.passed),
        webhooks::tries.eq(row.tries),
        webhooks::next_try.eq(row.next_try),
        webhooks::lease_until.eq(0),
        webhooks::disabled_since.eq(row.disabled_since),
        webhooks::problem.eq(&row.problem),
    );
    diesel::update(held).set(set).execute(conn).map(|rows| rows > 0)
}

/// Enables it and begins anew after so many entries. Whoever holds the lease loses it, so that what it finds
/// does not overwrite this.
pub fn restart(conn: &mut Conn, name: &str, passed: i64) -> QueryResult<()> {
    let set = (
        webhooks::passed.eq(passed),
        webhooks::tries.eq(0),
        webhooks::next_try.eq(0),
        webhooks::lease_until.eq(0),
        webhooks::disabled_since.eq(None::<i64>),
        webhooks::problem.eq(None::<String>),
    );
    diesel::update(webhooks::table.find(name)).set(set).execute(conn).map(|_| ())
}
