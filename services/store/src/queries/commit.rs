//! The statements of a commit. Mounted once per engine; `Conn` is that engine's connection.

use diesel::prelude::*;
use diesel::upsert::excluded;

use super::Conn;
use crate::rows::{
    BodyRow, CaseKeyRow, CaseRow, CheckRow, DeliveryRow, EntryRow, FactLinkRow, FactStored, HeadRow,
    IdempotencyRow, NodeRow, OutboxRow, ReferralRow,
};
use crate::schema::{
    bodies, case_keys, cases, deliveries, entries, fact_links, facts, heads, idempotency, identity_checks,
    nodes, outbox, referrals,
};

/// SQLite takes at most 32,766 parameters in a statement; rows of up to 10 columns go in 512 at a time.
const ROWS_PER_STATEMENT: usize = 512;

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

// A macro, because Diesel's batch insert is a different type for each table and row.
macro_rules! insert_all {
    ($name:ident, $table:ident, $row:ty) => {
        pub fn $name(conn: &mut Conn, rows: &[$row]) -> QueryResult<()> {
            for some in rows.chunks(ROWS_PER_STATEMENT) {
                diesel::insert_into($table::table).values(some).execute(conn)?;
            }
            Ok(())
        }
    };
}
insert_all!(insert_entries, entries, EntryRow);
insert_all!(insert_nodes, nodes, NodeRow);
insert_all!(insert_bodies, bodies, BodyRow);
insert_all!(insert_case_keys, case_keys, CaseKeyRow);
insert_all!(insert_facts, facts, FactStored);
insert_all!(insert_fact_links, fact_links, FactLinkRow);
insert_all!(insert_keys, idempotency, IdempotencyRow);

pub fn insert_head(conn: &mut Conn, row: &HeadRow) -> QueryResult<()> {
    diesel::insert_into(heads::table).values(row).execute(conn).map(|_| ())
}

pub fn put_cases(conn: &mut Conn, rows: &[CaseRow]) -> QueryResult<()> {
    for some in rows.chunks(ROWS_PER_STATEMENT) {
        diesel::insert_into(cases::table)
            .values(some)
            .on_conflict(cases::id)
            .do_update()
            .set(cases::state.eq(excluded(cases::state)))
            .execute(conn)?;
    }
    Ok(())
}

pub fn put_referrals(conn: &mut Conn, rows: &[ReferralRow]) -> QueryResult<()> {
    for some in rows.chunks(ROWS_PER_STATEMENT) {
        diesel::insert_into(referrals::table)
            .values(some)
            .on_conflict(referrals::id)
            .do_update()
            .set((
                referrals::status.eq(excluded(referrals::status)),
                referrals::closed.eq(excluded(referrals::closed)),
                referrals::state.eq(excluded(referrals::state)),
            ))
            .execute(conn)?;
    }
    Ok(())
}

pub fn put_deliveries(conn: &mut Conn, rows: &[DeliveryRow]) -> QueryResult<()> {
    for some in rows.chunks(ROWS_PER_STATEMENT) {
        diesel::insert_into(deliveries::table)
            .values(some)
            .on_conflict(deliveries::id)
            .do_update()
            .set((
                deliveries::status.eq(excluded(deliveries::status)),
                deliveries::state.eq(excluded(deliveries::state)),
            ))
            .execute(conn)?;
    }
    Ok(())
}

pub fn put_checks(conn: &mut Conn, rows: &[CheckRow]) -> QueryResult<()> {
    for some in rows.chunks(ROWS_PER_STATEMENT) {
        diesel::insert_into(identity_checks::table)
            .values(some)
            .on_conflict(identity_checks::id)
            .do_update()
            .set((
                identity_checks::status.eq(excluded(identity_checks::status)),
                identity_checks::state.eq(excluded(identity_checks::state)),
            ))
            .execute(conn)?;
    }
    Ok(())
}

pub fn put_outbox(conn: &mut Conn, rows: &[OutboxRow]) -> QueryResult<()> {
    for some in rows.chunks(ROWS_PER_STATEMENT) {
        diesel::insert_into(outbox::table)
            .values(some)
            .on_conflict(outbox::delivery_id)
            .do_update()
            .set((
                outbox::ready_at.eq(excluded(outbox::ready_at)),
                outbox::relayed_at.eq(excluded(outbox::relayed_at)),
                outbox::lease_until.eq(excluded(outbox::lease_until)),
            ))
            .execute(conn)?;
    }
    Ok(())
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
