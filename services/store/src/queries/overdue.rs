//! Clocks that are overdue, along the indexes of what wakes next. Mounted once per engine.

use diesel::dsl::{count_star, min};
use diesel::prelude::*;

use super::Conn;
use crate::rows::AWAITS_CEASE;
use crate::schema::{deliveries, referrals};

/// States of referrals with a clock that woke by then, the longest overdue first.
pub fn referrals(conn: &mut Conn, now: i64, limit: i64) -> QueryResult<Vec<String>> {
    referrals::table
        .filter(referrals::due_at.is_not_null())
        .filter(referrals::due_at.le(now))
        .order(referrals::due_at.asc())
        .select(referrals::state)
        .limit(limit)
        .load(conn)
}

/// The same of deliveries.
pub fn deliveries(conn: &mut Conn, now: i64, limit: i64) -> QueryResult<Vec<String>> {
    deliveries::table
        .filter(deliveries::due_at.is_not_null())
        .filter(deliveries::due_at.le(now))
        .order(deliveries::due_at.asc())
        .select(deliveries::state)
        .limit(limit)
        .load(conn)
}

/// How many referrals wait for their receiver to say that it has ceased, by receiver.
pub fn awaiting_cease(conn: &mut Conn) -> QueryResult<Vec<(String, i64)>> {
    referrals::table
        .filter(referrals::awaiting.eq(AWAITS_CEASE))
        .group_by(referrals::to_agency)
        .select((referrals::to_agency, count_star()))
        .load(conn)
}

/// When the next clock wakes, of referrals and of deliveries.
pub fn next(conn: &mut Conn) -> QueryResult<(Option<i64>, Option<i64>)> {
    let of_referrals =
        referrals::table.filter(referrals::due_at.is_not_null()).select(min(referrals::due_at));
    let of_letters =
        deliveries::table.filter(deliveries::due_at.is_not_null()).select(min(deliveries::due_at));
    Ok((of_referrals.first(conn)?, of_letters.first(conn)?))
}
