//! The ledger as one agency's events: which entries speak of its referrals, and what is needed to tell them.
//! Mounted once per engine.
//!
//! Several short questions instead of one join: asked at once, either engine may begin with all referrals an
//! agency ever had. These go along the ledger's own order and by id.

use diesel::prelude::*;

use super::Conn;
use crate::rows::ReferralRow;
use crate::schema::{deliveries, entries, referrals};

/// Index and referral of entries from an index up to before another; looks are no steps of a referral. A
/// notice is of no referral.
pub fn steps_between(conn: &mut Conn, from: i64, to: i64) -> QueryResult<Vec<(i64, Option<String>)>> {
    let rows = entries::table.filter(entries::idx.ge(from)).filter(entries::idx.lt(to));
    let notice = entries::kind.eq("notice.given");
    let rows = rows.filter(entries::referral_id.is_not_null().or(notice)).filter(entries::kind.ne("read"));
    rows.order(entries::idx.asc()).select((entries::idx, entries::referral_id)).load(conn)
}

/// Those of these referrals that the agency is a party to.
pub fn of_party(conn: &mut Conn, ids: &[String], agency: &str) -> QueryResult<Vec<ReferralRow>> {
    let party = referrals::from_agency.eq(agency).or(referrals::to_agency.eq(agency));
    let rows = referrals::table.filter(referrals::id.eq_any(ids)).filter(party);
    rows.select(ReferralRow::as_select()).load(conn)
}

pub fn leaves(conn: &mut Conn, indexes: &[i64]) -> QueryResult<Vec<(i64, Vec<u8>)>> {
    let rows = entries::table.filter(entries::idx.eq_any(indexes)).order(entries::idx.asc());
    rows.select((entries::idx, entries::leaf)).load(conn)
}

/// The entries by which these referrals came into being.
pub fn beginnings(conn: &mut Conn, referrals: &[String]) -> QueryResult<Vec<Vec<u8>>> {
    let rows = entries::table.filter(entries::referral_id.eq_any(referrals));
    let begin = ["referral.requested", "referral.drafted"];
    rows.filter(entries::kind.eq_any(begin)).select(entries::leaf).load(conn)
}

/// Entries of one kind of a referral.
pub fn of_kind(conn: &mut Conn, referral: &str, kind: &str) -> QueryResult<Vec<(i64, Vec<u8>)>> {
    let rows = entries::table.filter(entries::referral_id.eq(referral));
    let rows = rows.filter(entries::kind.eq(kind)).order(entries::idx.asc());
    rows.select((entries::idx, entries::leaf)).load(conn)
}

pub fn deliveries_by_id(conn: &mut Conn, ids: &[String]) -> QueryResult<Vec<String>> {
    deliveries::table.filter(deliveries::id.eq_any(ids)).select(deliveries::state).load(conn)
}
