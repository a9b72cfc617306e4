//! Reads of the ledger: entries, heads, nodes. Mounted once per engine.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::Conn;
use crate::rows::seen::SeenEntry;
use crate::rows::{EntryRow, HeadRow, NodeRow};
use crate::schema::{entries, heads, nodes, referrals};

pub fn entry(conn: &mut Conn, index: i64) -> QueryResult<Option<EntryRow>> {
    entries::table.find(index).select(EntryRow::as_select()).first(conn).optional()
}

pub fn entries_from(conn: &mut Conn, from: i64, limit: i64) -> QueryResult<Vec<EntryRow>> {
    let rows = entries::table.filter(entries::idx.ge(from)).order(entries::idx.asc());
    rows.limit(limit).select(EntryRow::as_select()).load(conn)
}

/// The same for whoever reads all of them.
pub fn entries_seen(conn: &mut Conn, from: i64, limit: i64) -> QueryResult<Vec<SeenEntry>> {
    let rows = entries::table.filter(entries::idx.ge(from)).order(entries::idx.asc());
    rows.limit(limit).select(SeenEntry::as_select()).load(conn)
}

/// Entries before an index, newest first.
pub fn entries_before(conn: &mut Conn, before: i64, limit: i64) -> QueryResult<Vec<EntryRow>> {
    let rows = entries::table.filter(entries::idx.lt(before)).order(entries::idx.desc());
    rows.limit(limit).select(EntryRow::as_select()).load(conn)
}

/// What happened to a referral. Looks at it are left out: they are many, and no step of it.
pub fn entries_of_referral(conn: &mut Conn, referral: &str, limit: i64) -> QueryResult<Vec<EntryRow>> {
    let rows = entries::table.filter(entries::referral_id.eq(referral)).filter(entries::kind.ne("read"));
    let rows = rows.order(entries::idx.asc());
    rows.limit(limit).select(EntryRow::as_select()).load(conn)
}

pub fn entries_of_case(conn: &mut Conn, case: &str, limit: i64) -> QueryResult<Vec<EntryRow>> {
    let rows = entries::table.filter(entries::case_id.eq(case)).order(entries::idx.asc());
    rows.limit(limit).select(EntryRow::as_select()).load(conn)
}

pub fn referrals_of(conn: &mut Conn, case: &str) -> QueryResult<Vec<String>> {
    referrals::table.filter(referrals::case_id.eq(case)).select(referrals::id).load(conn)
}

/// What was written into registers about a case, newest first.
pub fn registers_of_case(conn: &mut Conn, case: &str, limit: i64) -> QueryResult<Vec<EntryRow>> {
    let rows = entries::table.filter(entries::case_id.eq(case)).filter(entries::kind.eq("register.moved"));
    rows.order(entries::idx.desc()).limit(limit).select(EntryRow::as_select()).load(conn)
}

/// Entries of a case or of these referrals that may have shown something, newest first.
pub fn seen_of(
    conn: &mut Conn,
    case: &str,
    of: &[String],
    before: i64,
    limit: i64,
) -> QueryResult<Vec<EntryRow>> {
    let rows = entries::table.filter(entries::case_id.eq(case).or(entries::referral_id.eq_any(of)));
    let rows = rows.filter(entries::kind.eq_any(["read", "delivery.moved", "identity.moved"]));
    let rows = rows.filter(entries::idx.lt(before)).order(entries::idx.desc());
    rows.limit(limit).select(EntryRow::as_select()).load(conn)
}

/// Entries between two indexes that belong to a referral of this agency, or to none, newest first.
pub fn entries_of_agency(
    conn: &mut Conn,
    agency: &str,
    first: i64,
    before: i64,
    limit: i64,
) -> QueryResult<Vec<EntryRow>> {
    let of = referrals::from_agency.eq(agency).or(referrals::to_agency.eq(agency));
    let named = referrals::table.filter(referrals::id.nullable().eq(entries::referral_id)).filter(of);
    let rows = entries::table.filter(entries::idx.ge(first)).filter(entries::idx.lt(before));
    let rows = rows.filter(entries::referral_id.is_null().or(exists(named)));
    rows.order(entries::idx.desc()).limit(limit).select(EntryRow::as_select()).load(conn)
}

/// What happened to these referrals.
pub fn leaves_of_referrals(conn: &mut Conn, referrals: &[String]) -> QueryResult<Vec<Vec<u8>>> {
    let rows = entries::table.filter(entries::referral_id.eq_any(referrals));
    rows.filter(entries::kind.ne("read")).order(entries::idx.asc()).select(entries::leaf).load(conn)
}

/// Entries about the identity checks of some cases.
pub fn checks_asked(conn: &mut Conn, cases: &[String]) -> QueryResult<Vec<Vec<u8>>> {
    let rows =
        entries::table.filter(entries::case_id.eq_any(cases)).filter(entries::kind.eq("identity.moved"));
    rows.order(entries::idx.asc()).select(entries::leaf).load(conn)
}

pub fn leaf_hashes(conn: &mut Conn, from: i64, to: i64) -> QueryResult<Vec<Vec<u8>>> {
    let rows = entries::table.filter(entries::idx.ge(from)).filter(entries::idx.lt(to));
    rows.order(entries::idx.asc()).select(entries::hash).load(conn)
}

pub fn leaves(conn: &mut Conn, from: i64, to: i64) -> QueryResult<Vec<Vec<u8>>> {
    let rows = entries::table.filter(entries::idx.ge(from)).filter(entries::idx.lt(to));
    rows.order(entries::idx.asc()).select(entries::leaf).load(conn)
}

pub fn node(conn: &mut Conn, level: i32, index: i64) -> QueryResult<Option<Vec<u8>>> {
    nodes::table.find((level, index)).select(nodes::hash).first(conn).optional()
}

pub fn nodes_from(conn: &mut Conn, level: i32, from: i64, to: i64) -> QueryResult<Vec<Vec<u8>>> {
    let rows = nodes::table.filter(nodes::level.eq(level));
    let rows = rows.filter(nodes::idx.ge(from)).filter(nodes::idx.lt(to));
    rows.order(nodes::idx.asc()).select(nodes::hash).load(conn)
}

pub fn all_nodes(conn: &mut Conn) -> QueryResult<Vec<NodeRow>> {
    nodes::table.order((nodes::level.asc(), nodes::idx.asc())).select(NodeRow::as_select()).load(conn)
}

pub fn head_at(conn: &mut Conn, size: i64) -> QueryResult<Option<HeadRow>> {
    heads::table.find(size).select(HeadRow::as_select()).first(conn).optional()
}

pub fn newest_head(conn: &mut Conn) -> QueryResult<Option<HeadRow>> {
    heads::table.order(heads::size.desc()).select(HeadRow::as_select()).first(conn).optional()
}

/// The size of the first tree that is larger than this.
pub fn first_head_beyond(conn: &mut Conn, size: i64) -> QueryResult<Option<i64>> {
    let rows = heads::table.filter(heads::size.gt(size)).order(heads::size.asc());
    rows.select(heads::size).first(conn).optional()
}

/// Heads of trees of these sizes, both among them.
pub fn heads_between(conn: &mut Conn, from: i64, to: i64) -> QueryResult<Vec<HeadRow>> {
    let rows = heads::table.filter(heads::size.ge(from)).filter(heads::size.le(to));
    rows.order(heads::size.asc()).select(HeadRow::as_select()).load(conn)
}
