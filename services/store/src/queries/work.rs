//! Work tables: what the relay has handed to the queue, cursors, pseudonyms. Losing them loses no fact.
//! Mounted once per engine.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::Conn;
use crate::schema::{actors, cursors, deliveries, outbox, referrals};

/// Delivery, agency, trace.
pub type DueRow = (String, String, Option<String>);

/// Deliveries to an agency that are due now and not handed to the queue. In the order of the index
/// `outbox_waiting`, so that a long line costs no more than its first rows.
pub fn waiting(conn: &mut Conn, agency: &str, now: i64, limit: i64) -> QueryResult<Vec<DueRow>> {
    outbox::table
        .filter(outbox::to_agency.eq(agency))
        .filter(outbox::ready_at.le(now))
        .filter(outbox::lease_until.is_null())
        .filter(outbox::relayed_at.is_null())
        .order((outbox::emergency.desc(), outbox::ready_at.asc()))
        .select((outbox::delivery_id, outbox::to_agency, outbox::trace))
        .limit(limit)
        .load(conn)
}

/// Those that were handed over too long ago to believe in: before `unsure` where nobody confirmed it, before
/// `stale` where the queue did.
pub fn doubted(
    conn: &mut Conn,
    agency: &str,
    unsure: i64,
    stale: i64,
    limit: i64,
) -> QueryResult<Vec<DueRow>> {
    outbox::table
        .filter(outbox::to_agency.eq(agency))
        .filter(outbox::lease_until.is_null())
        .filter(outbox::relayed_at.lt(unsure))
        .filter(outbox::confirmed.eq(false).or(outbox::relayed_at.lt(stale)))
        .order(outbox::relayed_at.asc())
        .select((outbox::delivery_id, outbox::to_agency, outbox::trace))
        .limit(limit)
        .load(conn)
}

/// Deliveries due now to any of these agencies, which nobody hands to a queue.
pub fn waiting_for_any(
    conn: &mut Conn,
    agencies: &[String],
    now: i64,
    limit: i64,
) -> QueryResult<Vec<DueRow>> {
    outbox::table
        .filter(outbox::to_agency.eq_any(agencies))
        .filter(outbox::ready_at.le(now))
        .filter(outbox::lease_until.is_null())
        .filter(outbox::relayed_at.is_null())
        .select((outbox::delivery_id, outbox::to_agency, outbox::trace))
        .limit(limit)
        .load(conn)
}

/// States of the attempts whose worker must be dead: claimed, the lease over, no outcome entered; to any
/// agency but these.
pub fn abandoned(conn: &mut Conn, now: i64, except: &[String], limit: i64) -> QueryResult<Vec<String>> {
    outbox::table
        .inner_join(deliveries::table.on(deliveries::id.eq(outbox::delivery_id)))
        .filter(outbox::lease_until.le(now))
        .filter(outbox::to_agency.ne_all(except))
        .select(deliveries::state)
        .limit(limit)
        .load(conn)
}

/// Deliveries in flight that the outbox has lost: (id, agency, claimed?). As the index `deliveries_in_flight`
/// has it, so that a start does not read every delivery there ever was.
pub fn lost(conn: &mut Conn) -> QueryResult<Vec<(String, String, String)>> {
    deliveries::table
        .left_join(outbox::table.on(outbox::delivery_id.eq(deliveries::id)))
        .filter(outbox::delivery_id.is_null())
        .filter(sql::<Bool>("deliveries.status IN ('queued', 'waiting-for-retry', 'sent')"))
        .select((deliveries::id, deliveries::to_agency, deliveries::status))
        .load(conn)
}

/// What the hand-over of a delivery needs to know: its state, its referral's, when it is due at the earliest,
/// and whether it is claimed.
pub type HandingRow = (String, Option<String>, Option<i64>, Option<i64>);

/// One delivery as its hand-over needs it, by one statement.
pub fn handing(conn: &mut Conn, delivery: &str) -> QueryResult<Option<HandingRow>> {
    deliveries::table
        .left_join(referrals::table.on(referrals::id.eq(deliveries::referral_id)))
        .left_join(outbox::table.on(outbox::delivery_id.eq(deliveries::id)))
        .filter(deliveries::id.eq(delivery))
        .select((
            deliveries::state,
            referrals::state.nullable(),
            outbox::ready_at.nullable(),
            outbox::lease_until.nullable(),
        ))
        .first(conn)
        .optional()
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
