//! What waits, counted: three short queries for gauges. Mounted once per engine.

use diesel::dsl::{count_star, min, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::Conn;
use crate::schema::{deliveries, heads, outbox, referrals};

/// Recipient, emergency?, how many, the smallest id.
type Line = (String, bool, i64, Option<String>);

/// What is in flight. Ids of deliveries are UUIDv7, so the smallest is the oldest.
pub fn waiting(conn: &mut Conn) -> QueryResult<Vec<Line>> {
    outbox::table
        .group_by((outbox::to_agency, outbox::emergency))
        .select((outbox::to_agency, outbox::emergency, count_star(), min(outbox::delivery_id)))
        .load(conn)
}

/// Recipient, status, how many wait for a person. Word for word the condition of the index
/// `deliveries_for_people`: with values bound, SQLite would read every delivery there ever was.
pub fn for_people(conn: &mut Conn) -> QueryResult<Vec<(String, String, i64)>> {
    deliveries::table
        .filter(sql::<Bool>("status IN ('undeliverable', 'held', 'expired')"))
        .group_by((deliveries::to_agency, deliveries::status))
        .select((deliveries::to_agency, deliveries::status, count_star()))
        .load(conn)
}

/// The oldest referral of each receiver that it has neither accepted nor rejected. As the index
/// `referrals_open` has it.
pub fn oldest_unanswered(conn: &mut Conn) -> QueryResult<Vec<String>> {
    let open = referrals::table.filter(sql::<Bool>("NOT closed"));
    let open = open.filter(referrals::status.eq_any(["requested", "received"]));
    let rows: Vec<(String, Option<String>)> =
        open.group_by(referrals::to_agency).select((referrals::to_agency, min(referrals::id))).load(conn)?;
    let oldest: Vec<String> = rows.into_iter().filter_map(|(_, id)| id).collect();
    referrals::table.filter(referrals::id.eq_any(oldest)).select(referrals::state).load(conn)
}

/// Size and time of the newest head.
pub fn head(conn: &mut Conn) -> QueryResult<Option<(i64, i64)>> {
    heads::table.order(heads::size.desc()).select((heads::size, heads::at)).first(conn).optional()
}
