//! What waits, counted: three short queries for gauges. Mounted once per engine.

use diesel::dsl::{count_star, min, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::Conn;
use crate::schema::{deliveries, heads, outbox};

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

/// Size and time of the newest head.
pub fn head(conn: &mut Conn) -> QueryResult<Option<(i64, i64)>> {
    heads::table.order(heads::size.desc()).select((heads::size, heads::at)).first(conn).optional()
}
