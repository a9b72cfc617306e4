//! The statements of a commit, but for those of many rows, which each engine has in its `bulk`. Mounted once
//! per engine; `Conn` is that engine's connection.

use diesel::prelude::*;

use super::Conn;
use crate::rows::{CaseRow, CheckRow, DeliveryRow, HeadRow, IdempotencyRow, ReferralRow};
use crate::schema::{cases, deliveries, facts, heads, idempotency, identity_checks, outbox, referrals};

pub fn head(conn: &mut Conn) -> QueryResult<Option<HeadRow>> {
    heads::table.order(heads::size.desc()).select(HeadRow::as_select()).first(conn).optional()
}

pub fn cases_by_id(conn: &mut Conn, ids: &[String]) -> QueryResult<Vec<CaseRow>> {
    cases::table.filter(cases::id.eq_any(ids)).select(CaseRow::as_select()).load(conn)
}

pub fn references_taken(conn: &mut Conn, references: &[String]) -> QueryResult<Vec<String>> {
    cases::table.filter(cases::reference.eq_any(references)).select(cases::reference).load(conn)
}

pub fn referrals_by_id(conn: &mut Conn, ids: &[String]) -> QueryResult<Vec<ReferralRow>> {
    referrals::table.filter(referrals::id.eq_any(ids)).select(ReferralRow::as_select()).load(conn)
}

pub fn deliveries_by_id(conn: &mut Conn, ids: &[String]) -> QueryResult<Vec<DeliveryRow>> {
    deliveries::table.filter(deliveries::id.eq_any(ids)).select(DeliveryRow::as_select()).load(conn)
}

pub fn checks_by_id(conn: &mut Conn, ids: &[String]) -> QueryResult<Vec<CheckRow>> {
    identity_checks::table.filter(identity_checks::id.eq_any(ids)).select(CheckRow::as_select()).load(conn)
}

pub fn keys_used(conn: &mut Conn, keys: &[String]) -> QueryResult<Vec<IdempotencyRow>> {
    idempotency::table.filter(idempotency::key.eq_any(keys)).select(IdempotencyRow::as_select()).load(conn)
}

pub fn drop_outbox(conn: &mut Conn, ids: &[String]) -> QueryResult<()> {
    diesel::delete(outbox::table.filter(outbox::delivery_id.eq_any(ids))).execute(conn).map(|_| ())
}

pub fn set_accepted(conn: &mut Conn, fact: &str, minutes: i64) -> QueryResult<()> {
    let row = facts::table.filter(facts::id.eq(fact)).filter(facts::accepted_minutes.is_null());
    diesel::update(row).set(facts::accepted_minutes.eq(minutes)).execute(conn).map(|_| ())
}

pub fn set_first_action(conn: &mut Conn, fact: &str, minutes: i64) -> QueryResult<()> {
    let row = facts::table.filter(facts::id.eq(fact)).filter(facts::first_action_minutes.is_null());
    diesel::update(row).set(facts::first_action_minutes.eq(minutes)).execute(conn).map(|_| ())
}

pub fn set_closed(conn: &mut Conn, fact: &str, minutes: i64, outcome: &str) -> QueryResult<()> {
    let row = facts::table.filter(facts::id.eq(fact)).filter(facts::closed_minutes.is_null());
    let change = (facts::closed_minutes.eq(minutes), facts::outcome.eq(outcome));
    diesel::update(row).set(change).execute(conn).map(|_| ())
}
