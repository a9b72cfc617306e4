//! What `probe.rs` asks: counts and times, no fact of any case. Mounted once per engine.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::Conn;
use crate::schema::{deliveries, outbox, webhooks};

/// Deliveries that rest with a person.
pub fn dead_letters(conn: &mut Conn) -> QueryResult<i64> {
    // As the index `deliveries_for_people` has it.
    let people = sql::<Bool>("status IN ('undeliverable', 'held', 'expired')");
    let resting = deliveries::table.filter(people);
    resting.count().get_result(conn)
}

/// Since when the oldest delivery has been due that nobody has taken up.
pub fn oldest_due(conn: &mut Conn, now: i64) -> QueryResult<Option<i64>> {
    let due = outbox::table.filter(outbox::ready_at.le(now)).filter(outbox::lease_until.is_null());
    due.select(diesel::dsl::min(outbox::ready_at)).first(conn)
}

pub fn disabled_webhooks(conn: &mut Conn) -> QueryResult<Vec<String>> {
    let rows = webhooks::table.filter(webhooks::disabled_since.is_not_null());
    rows.order(webhooks::name.asc()).select(webhooks::name).load(conn)
}
