//! The statements of a commit, but for those of many rows, which each engine has in its `bulk`. Mounted once
//! per engine; `Conn` is that engine's connection. What a commit asks and changes stands here as a statement;
//! each engine's `together` runs it: one after another on SQLite, in one go on PostgreSQL.

use diesel::dsl::auto_type;
use diesel::prelude::*;

use super::Conn;
use crate::rows::{CaseRow, DeliveryRow, IdempotencyRow, ReferralRow};
use crate::schema::{
    cases, deliveries, facts, heads, idempotency, identity_checks, outbox, referrals, registers,
};

#[auto_type]
pub fn newest_head() -> _ {
    heads::table.order(heads::size.desc()).limit(1_i64)
}

#[auto_type]
pub fn cases_of<'a>(ids: &'a [String]) -> _ {
    cases::table.filter(cases::id.eq_any(ids))
}

#[auto_type]
pub fn references_among<'a>(references: &'a [String]) -> _ {
    cases::table.filter(cases::reference.eq_any(references)).select(cases::reference)
}

#[auto_type]
pub fn referrals_of<'a>(ids: &'a [String]) -> _ {
    referrals::table.filter(referrals::id.eq_any(ids))
}

#[auto_type]
pub fn deliveries_of<'a>(ids: &'a [String]) -> _ {
    deliveries::table.filter(deliveries::id.eq_any(ids))
}

#[auto_type]
pub fn checks_of<'a>(ids: &'a [String]) -> _ {
    identity_checks::table.filter(identity_checks::id.eq_any(ids))
}

#[auto_type]
pub fn registers_of<'a>(ids: &'a [String]) -> _ {
    registers::table.filter(registers::id.eq_any(ids))
}

#[auto_type]
pub fn keys_among<'a>(keys: &'a [String]) -> _ {
    idempotency::table.filter(idempotency::key.eq_any(keys))
}

#[auto_type]
pub fn outbox_rows<'a>(ids: &'a [String]) -> _ {
    outbox::table.filter(outbox::delivery_id.eq_any(ids))
}

#[auto_type]
pub fn not_yet_accepted<'a>(fact: &'a str) -> _ {
    facts::table.filter(facts::id.eq(fact)).filter(facts::accepted_minutes.is_null())
}

#[auto_type]
pub fn not_yet_begun<'a>(fact: &'a str) -> _ {
    facts::table.filter(facts::id.eq(fact)).filter(facts::first_action_minutes.is_null())
}

#[auto_type]
pub fn not_yet_closed<'a>(fact: &'a str) -> _ {
    facts::table.filter(facts::id.eq(fact)).filter(facts::closed_minutes.is_null())
}

pub fn cases_by_id(conn: &mut Conn, ids: &[String]) -> QueryResult<Vec<CaseRow>> {
    cases_of(ids).load(conn)
}

pub fn referrals_by_id(conn: &mut Conn, ids: &[String]) -> QueryResult<Vec<ReferralRow>> {
    referrals_of(ids).load(conn)
}

pub fn deliveries_by_id(conn: &mut Conn, ids: &[String]) -> QueryResult<Vec<DeliveryRow>> {
    deliveries_of(ids).load(conn)
}

pub fn keys_used(conn: &mut Conn, keys: &[String]) -> QueryResult<Vec<IdempotencyRow>> {
    keys_among(keys).load(conn)
}
