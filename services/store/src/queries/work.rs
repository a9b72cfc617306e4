//! Work tables: what the relay has handed to the queue, cursors, pseudonyms. Losing them loses no fact.
//! Mounted once per engine.

use diesel::prelude::*;

use super::Conn;
use crate::schema::{actors, cursors, deliveries, outbox};

/// Deliveries due now and not handed to the queue, or handed over too long ago to believe in.
pub fn due(
    conn: &mut Conn,
    agencies: &[String],
    now: i64,
    stale: i64,
    limit: i64,
) -> QueryResult<Vec<(String, String)>> {
    outbox::table
        .filter(outbox::to_agency.eq_any(agencies))
        .filter(outbox::ready_at.le(now))
        .filter(outbox::lease_until.is_null())
        .filter(outbox::relayed_at.is_null().or(outbox::relayed_at.lt(stale)))
        .order((outbox::emergency.desc(), outbox::ready_at.asc()))
        .select((outbox::delivery_id, outbox::to_agency))
        .limit(limit)
        .load(conn)
}

pub fn mark_relayed(conn: &mut Conn, ids: &[String], at: i64) -> QueryResult<()> {
    // A worker may have been faster: a claim, or a retry planned since the look, stays as it is.
    let rows = outbox::table.filter(outbox::delivery_id.eq_any(ids));
    let rows = rows.filter(outbox::lease_until.is_null()).filter(outbox::ready_at.le(at));
    diesel::update(rows).set(outbox::relayed_at.eq(at)).execute(conn).map(|_| ())
}

/// Nothing is in any queue of this process yet: everything is to be handed over again.
pub fn forget_relayed(conn: &mut Conn) -> QueryResult<()> {
    diesel::update(outbox::table).set(outbox::relayed_at.eq(None::<i64>)).execute(conn).map(|_| ())
}

/// Attempts whose worker must be dead: claimed, the lease over, no outcome entered.
pub fn abandoned(conn: &mut Conn, now: i64, limit: i64) -> QueryResult<Vec<String>> {
    outbox::table.filter(outbox::lease_until.le(now)).select(outbox::delivery_id).limit(limit).load(conn)
}

/// Deliveries in flight that the outbox has lost: (id, agency, claimed?).
pub fn lost(conn: &mut Conn) -> QueryResult<Vec<(String, String, String)>> {
    deliveries::table
        .left_join(outbox::table.on(outbox::delivery_id.eq(deliveries::id)))
        .filter(outbox::delivery_id.is_null())
        .filter(deliveries::status.eq_any(["queued", "waiting-for-retry", "sent"]))
        .select((deliveries::id, deliveries::to_agency, deliveries::status))
        .load(conn)
}

/// When the next row falls due, if any waits.
pub fn next_due(conn: &mut Conn, now: i64) -> QueryResult<Option<i64>> {
    outbox::table
        .filter(outbox::relayed_at.is_null())
        .filter(outbox::lease_until.is_null())
        .filter(outbox::ready_at.gt(now))
        .select(diesel::dsl::min(outbox::ready_at))
        .first(conn)
}

pub fn set_cursor(conn: &mut Conn, name: &str, value: &str) -> QueryResult<()> {
    let row = (cursors::name.eq(name), cursors::value.eq(value));
    let put = diesel::insert_into(cursors::table).values(row);
    put.on_conflict(cursors::name).do_update().set(cursors::value.eq(value)).execute(conn).map(|_| ())
}

pub fn cursor(conn: &mut Conn, name: &str) -> QueryResult<Option<String>> {
    cursors::table.find(name).select(cursors::value).first(conn).optional()
}

/// The pseudonym behind a label: the proposed one unless the label has one already.
pub fn pseudonym(conn: &mut Conn, label: &str, proposed: &str) -> QueryResult<String> {
    let row = (actors::pseudonym.eq(proposed), actors::label.eq(label));
    diesel::insert_into(actors::table).values(row).on_conflict(actors::label).do_nothing().execute(conn)?;
    actors::table.filter(actors::label.eq(label)).select(actors::pseudonym).first(conn)
}
