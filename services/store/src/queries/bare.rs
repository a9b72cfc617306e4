//! Rows as the writer wrote them, read back whole: what `bare.rs` inserts once more elsewhere. Mounted once
//! per engine.

use diesel::prelude::*;

use super::Conn;
use crate::rows::{BodyRow, CaseKeyRow, DeliveryRow, FactLinkRow, FactStored, HeadRow, NodeRow, OutboxRow};
use crate::schema::{bodies, case_keys, deliveries, fact_links, facts, heads, nodes, outbox};

pub fn bodies_of(conn: &mut Conn, cases: &[String]) -> QueryResult<Vec<BodyRow>> {
    let rows = bodies::table.filter(bodies::case_id.eq_any(cases)).order(bodies::case_id);
    rows.select(BodyRow::as_select()).load(conn)
}

pub fn case_keys_of(conn: &mut Conn, cases: &[String]) -> QueryResult<Vec<CaseKeyRow>> {
    let rows = case_keys::table.filter(case_keys::case_id.eq_any(cases)).order(case_keys::case_id);
    rows.select(CaseKeyRow::as_select()).load(conn)
}

pub fn deliveries_of(conn: &mut Conn, referrals: &[String]) -> QueryResult<Vec<DeliveryRow>> {
    let rows = deliveries::table.filter(deliveries::referral_id.eq_any(referrals)).order(deliveries::id);
    rows.select(DeliveryRow::as_select()).load(conn)
}

pub fn outbox_of(conn: &mut Conn, deliveries: &[String]) -> QueryResult<Vec<OutboxRow>> {
    let rows = outbox::table.filter(outbox::delivery_id.eq_any(deliveries)).order(outbox::delivery_id);
    rows.select(OutboxRow::as_select()).load(conn)
}

pub fn facts_by_id(conn: &mut Conn, ids: &[String]) -> QueryResult<Vec<FactStored>> {
    facts::table.filter(facts::id.eq_any(ids)).select(FactStored::as_select()).load(conn)
}

pub fn fact_links_of(conn: &mut Conn, referrals: &[String]) -> QueryResult<Vec<FactLinkRow>> {
    let rows = fact_links::table.filter(fact_links::referral_id.eq_any(referrals));
    rows.order(fact_links::referral_id).select(FactLinkRow::as_select()).load(conn)
}

/// Heads of trees larger than `from` and not larger than `to`.
pub fn heads_between(conn: &mut Conn, from: i64, to: i64) -> QueryResult<Vec<HeadRow>> {
    let rows = heads::table.filter(heads::size.gt(from)).filter(heads::size.le(to));
    rows.order(heads::size).select(HeadRow::as_select()).load(conn)
}

/// Nodes of one level, from an index up to before another.
pub fn nodes_between(conn: &mut Conn, level: i32, from: i64, to: i64) -> QueryResult<Vec<NodeRow>> {
    let rows = nodes::table.filter(nodes::level.eq(level));
    let rows = rows.filter(nodes::idx.ge(from)).filter(nodes::idx.lt(to));
    rows.order(nodes::idx).select(NodeRow::as_select()).load(conn)
}
