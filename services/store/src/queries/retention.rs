//! Cases nothing of which is open, and when their time is over: a work table, and the reads that it is made
//! from. Mounted once per engine.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::Conn;
use crate::rows::RetentionRow;
use crate::schema::{cases, entries, referrals, retention};

/// What counts as something happening to a case: no look, no notice, no act of keeping or erasing it.
const ACTIVITY: &[&str] = &[
    "request.submitted",
    "referral.requested",
    "referral.drafted",
    "referral.moved",
    "delivery.moved",
    "identity.moved",
];

/// Cases that entries between two indexes are about; looks move none.
pub fn moved(conn: &mut Conn, from: i64, to: i64) -> QueryResult<Vec<String>> {
    let rows = entries::table.filter(entries::idx.ge(from)).filter(entries::idx.lt(to));
    let rows = rows.filter(entries::kind.ne("read")).filter(entries::case_id.is_not_null());
    rows.select(entries::case_id.assume_not_null()).distinct().load(conn)
}

/// Of these cases, those with a referral that is open.
pub fn open(conn: &mut Conn, of: &[String]) -> QueryResult<Vec<String>> {
    let rows = referrals::table.filter(referrals::case_id.eq_any(of)).filter(sql::<Bool>("NOT closed"));
    rows.select(referrals::case_id).distinct().load(conn)
}

pub fn cases(conn: &mut Conn, of: &[String]) -> QueryResult<Vec<String>> {
    cases::table.filter(cases::id.eq_any(of)).select(cases::state).load(conn)
}

pub fn referrals(conn: &mut Conn, of: &[String]) -> QueryResult<Vec<String>> {
    referrals::table.filter(referrals::case_id.eq_any(of)).select(referrals::state).load(conn)
}

/// The newest entry in which something happened to a case.
pub fn activity(conn: &mut Conn, case: &str) -> QueryResult<Option<Vec<u8>>> {
    let rows = entries::table.filter(entries::case_id.eq(case)).filter(entries::kind.eq_any(ACTIVITY));
    rows.order(entries::idx.desc()).select(entries::leaf).first(conn).optional()
}

pub fn rows(conn: &mut Conn, of: &[String]) -> QueryResult<Vec<RetentionRow>> {
    retention::table.filter(retention::case_id.eq_any(of)).select(RetentionRow::as_select()).load(conn)
}

pub fn forget(conn: &mut Conn, of: &[String]) -> QueryResult<usize> {
    diesel::delete(retention::table.filter(retention::case_id.eq_any(of))).execute(conn)
}

/// Another hub may have written it since: then that one's row stays, made from the same facts.
pub fn put(conn: &mut Conn, row: &RetentionRow) -> QueryResult<usize> {
    diesel::insert_into(retention::table).values(row).on_conflict_do_nothing().execute(conn)
}

/// An agency's cases whose time is over, the longest over first, after one.
pub fn due(
    conn: &mut Conn,
    agency: &str,
    now: i64,
    after: Option<(i64, &str)>,
    limit: i64,
) -> QueryResult<Vec<RetentionRow>> {
    let rows = retention::table.filter(retention::agency.eq(agency)).filter(retention::due_at.le(now));
    let mut rows = rows.into_boxed();
    if let Some((due, case)) = after {
        rows = rows.filter(retention::due_at.ge(due));
        rows = rows.filter(retention::due_at.gt(due).or(retention::case_id.gt(case.to_owned())));
    }
    let rows = rows.order((retention::due_at.asc(), retention::case_id.asc())).limit(limit);
    rows.select(RetentionRow::as_select()).load(conn)
}

/// Whether each of an agency's cases whose time is over is held, so many at most.
pub fn held(conn: &mut Conn, agency: &str, now: i64, limit: i64) -> QueryResult<Vec<bool>> {
    let rows = retention::table.filter(retention::agency.eq(agency)).filter(retention::due_at.le(now));
    rows.order(retention::due_at.asc()).limit(limit).select(retention::held).load(conn)
}

/// Those of which nobody was told, along the index `retention_untold`.
pub fn untold(conn: &mut Conn, now: i64, limit: i64) -> QueryResult<Vec<RetentionRow>> {
    let rows =
        retention::table.filter(sql::<Bool>("NOT told AND NOT held")).filter(retention::due_at.le(now));
    rows.order(retention::due_at.asc()).limit(limit).select(RetentionRow::as_select()).load(conn)
}

/// Its owner was told of it, as it is due now.
pub fn tell(conn: &mut Conn, case: &str, due: i64) -> QueryResult<usize> {
    let row = retention::table.filter(retention::case_id.eq(case)).filter(retention::due_at.eq(due));
    diesel::update(row).set(retention::told.eq(true)).execute(conn)
}
