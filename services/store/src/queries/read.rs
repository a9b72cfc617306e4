//! Reads of state, bodies and statistics. Mounted once per engine.

use std::collections::BTreeSet;

use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::Conn;
use crate::ReferralFilter;
use crate::rows::seen::{SeenCase, SeenCheck, SeenDelivery, SeenReferral, SeenRegister};
use crate::rows::{AWAITS_CEASE, BodyRow, DeliveryRow, FactLinkRow, FactStored, ReferralRow};
use crate::schema::{
    bodies, case_keys, cases, deliveries, fact_links, facts, identity_checks, outbox, referrals, registers,
};

pub fn case_state(conn: &mut Conn, id: &str) -> QueryResult<Option<String>> {
    cases::table.find(id).select(cases::state).first(conn).optional()
}

/// The case's state, if it may name this agency; whether it is a party, its reader finds out. What is
/// another's is found as little as what is nobody's: the same statement, the same rows, nothing to read.
pub fn case_state_naming(conn: &mut Conn, id: &str, agency: &str) -> QueryResult<Option<String>> {
    let named = cases::table.find(id).filter(cases::state.like(format!("%\"{agency}\"%")));
    named.select(cases::state).first(conn).optional()
}

pub fn case_by_reference(conn: &mut Conn, reference: &str) -> QueryResult<Option<String>> {
    cases::table.filter(cases::reference.eq(reference)).select(cases::state).first(conn).optional()
}

pub fn referral_state(conn: &mut Conn, id: &str) -> QueryResult<Option<String>> {
    referrals::table.find(id).select(referrals::state).first(conn).optional()
}

/// The same where the agency sent or received it; what is another's is found as little as what is nobody's.
pub fn referral_state_of_party(conn: &mut Conn, id: &str, agency: &str) -> QueryResult<Option<String>> {
    let party = referrals::from_agency.eq(agency).or(referrals::to_agency.eq(agency));
    referrals::table.find(id).filter(party).select(referrals::state).first(conn).optional()
}

pub fn referrals_of_case(conn: &mut Conn, case: &str) -> QueryResult<Vec<String>> {
    let rows = referrals::table.filter(referrals::case_id.eq(case)).order(referrals::id.asc());
    rows.select(referrals::state).load(conn)
}

pub fn referrals_of_request(conn: &mut Conn, request: &str, from: &str) -> QueryResult<Vec<String>> {
    let rows = referrals::table.filter(referrals::request_id.eq(request));
    let rows = rows.filter(referrals::from_agency.eq(from)).order(referrals::id.asc());
    rows.select(referrals::state).load(conn)
}

/// Open referrals to an agency: what its system may still answer. Drafts are not: it knows of none.
/// Word for word the condition of the index `referrals_open`: with a value bound, SQLite would read every
/// referral there ever was.
pub fn open_referrals_to(conn: &mut Conn, agency: &str, limit: i64) -> QueryResult<Vec<String>> {
    let rows = referrals::table.filter(referrals::to_agency.eq(agency)).filter(sql::<Bool>("NOT closed"));
    let rows = rows.filter(referrals::status.ne("draft"));
    rows.order(referrals::id.asc()).limit(limit).select(referrals::state).load(conn)
}

/// A party's referrals, newest first, before an id. Those it sent and those it received are two questions,
/// each answered along its index; as one question with "or" both engines would sort, or walk through,
/// everything there is (measured on SQLite with 100,000 referrals: 280 ms instead of 0.2 ms). For the same
/// reason each state is a question of its own.
pub fn referrals_of_party(
    conn: &mut Conn,
    agency: &str,
    before: Option<&str>,
    only: &ReferralFilter,
    limit: i64,
) -> QueryResult<Vec<ReferralRow>> {
    let states: BTreeSet<Option<&str>> = match only.statuses.as_slice() {
        [] => [None].into(),
        some => some.iter().map(|status| Some(status.as_str())).collect(),
    };
    let mut rows = Vec::new();
    for (sent, state) in states.iter().flat_map(|state| [(true, *state), (false, *state)]) {
        let some = match sent {
            true => referrals::table.filter(referrals::from_agency.eq(agency)).into_boxed(),
            false => referrals::table.filter(referrals::to_agency.eq(agency)).into_boxed(),
        };
        let some = narrowed(some, sent, state, before, only);
        let some = some.order(referrals::id.desc()).limit(limit).select(ReferralRow::as_select());
        rows.extend(some.load(conn)?);
    }
    rows.sort_unstable_by(|one: &ReferralRow, other| other.id.cmp(&one.id));
    rows.dedup_by(|one, other| one.id == other.id);
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(rows)
}

type Referrals<'a> = referrals::BoxedQuery<'a, <Conn as diesel::Connection>::Backend>;

/// The rest of such a question. Partial indexes want their conditions word for word: `referrals_received_as`,
/// `referrals_open`, `referrals_sent_overdue`, `referrals_received_overdue`.
fn narrowed<'a>(
    mut some: Referrals<'a>,
    sent: bool,
    state: Option<&'a str>,
    before: Option<&'a str>,
    only: &ReferralFilter,
) -> Referrals<'a> {
    if let Some(before) = before {
        some = some.filter(referrals::id.lt(before));
    }
    if let Some(state) = state {
        some = some.filter(referrals::status.eq(state));
        some = match (sent, state == "requested") {
            (true, _) => some,
            (false, true) => some.filter(sql::<Bool>("NOT closed")),
            (false, false) => some.filter(sql::<Bool>("status <> 'requested'")),
        };
    }
    if only.overdue {
        some = some.filter(sql::<Bool>("rung > 0 AND NOT closed"));
    }
    if only.awaiting_cease {
        some = some.filter(referrals::awaiting.eq(AWAITS_CEASE));
    }
    some
}

/// All that is open. As the index `referrals_open` has it.
pub fn open_referrals(conn: &mut Conn) -> QueryResult<Vec<ReferralRow>> {
    referrals::table.filter(sql::<Bool>("NOT closed")).select(ReferralRow::as_select()).load(conn)
}

/// All that is on its way or waits for a person. As the indexes `deliveries_in_flight` and
/// `deliveries_for_people` have it.
pub fn open_deliveries(conn: &mut Conn) -> QueryResult<Vec<DeliveryRow>> {
    let moving = sql::<Bool>("status IN ('queued', 'waiting-for-retry', 'sent')");
    let mut rows = deliveries::table.filter(moving).select(DeliveryRow::as_select()).load(conn)?;
    let people = sql::<Bool>("status IN ('undeliverable', 'held', 'expired')");
    rows.extend(deliveries::table.filter(people).select(DeliveryRow::as_select()).load(conn)?);
    Ok(rows)
}

pub fn delivery_state(conn: &mut Conn, id: &str) -> QueryResult<Option<String>> {
    deliveries::table.find(id).select(deliveries::state).first(conn).optional()
}

pub fn deliveries_of_referral(conn: &mut Conn, referral: &str) -> QueryResult<Vec<String>> {
    let rows = deliveries::table.filter(deliveries::referral_id.eq(referral)).order(deliveries::id.asc());
    rows.select(deliveries::state).load(conn)
}

/// What waits for a person of what goes to an agency. As the index `deliveries_for_people` has it.
pub fn resting_to(conn: &mut Conn, agency: &str, limit: i64) -> QueryResult<Vec<String>> {
    let rows = deliveries::table.filter(sql::<Bool>("status IN ('undeliverable', 'held', 'expired')"));
    let rows = rows.filter(deliveries::to_agency.eq(agency)).order(deliveries::id.desc());
    rows.limit(limit).select(deliveries::state).load(conn)
}

/// Deliveries of these referrals that are on their way or rest with a person.
pub fn open_deliveries_of(conn: &mut Conn, referrals: &[String]) -> QueryResult<Vec<String>> {
    let rows = deliveries::table.filter(deliveries::referral_id.eq_any(referrals));
    let rows = rows.filter(deliveries::status.ne_all(["delivered", "refused", "withdrawn"]));
    rows.select(deliveries::state).load(conn)
}

/// Deliveries of a referral that stand in the outbox: when they are due at the earliest.
pub fn tries_of(conn: &mut Conn, referral: &str) -> QueryResult<Vec<(String, i64)>> {
    outbox::table
        .inner_join(deliveries::table.on(deliveries::id.eq(outbox::delivery_id)))
        .filter(deliveries::referral_id.eq(referral))
        .filter(outbox::lease_until.is_null())
        .select((outbox::delivery_id, outbox::ready_at))
        .load(conn)
}

/// What is in the line of an agency and claimed by nobody, after an id.
pub fn in_line(conn: &mut Conn, agency: &str, after: Option<&str>, limit: i64) -> QueryResult<Vec<String>> {
    let mut rows = outbox::table
        .inner_join(deliveries::table.on(deliveries::id.eq(outbox::delivery_id)))
        .filter(outbox::to_agency.eq(agency.to_owned()))
        .filter(outbox::lease_until.is_null())
        .into_boxed();
    if let Some(after) = after {
        rows = rows.filter(deliveries::id.gt(after.to_owned()));
    }
    rows.order(deliveries::id.asc()).limit(limit).select(deliveries::state).load(conn)
}

/// Dead letters and what was held at intake: deliveries that wait for a person, oldest first, after an id.
pub fn dead_letters(
    conn: &mut Conn,
    of: Option<&str>,
    after: Option<&str>,
    limit: i64,
) -> QueryResult<Vec<String>> {
    // As the index `deliveries_for_people` has it.
    let rows = deliveries::table.filter(sql::<Bool>("status IN ('undeliverable', 'held', 'expired')"));
    let mut rows = rows.order(deliveries::id.asc()).limit(limit).select(deliveries::state).into_boxed();
    if let Some(after) = after {
        rows = rows.filter(deliveries::id.gt(after.to_owned()));
    }
    if let Some(agency) = of {
        rows = rows.filter(deliveries::from_agency.eq(agency.to_owned()));
    }
    rows.load(conn)
}

/// What waits for an agency that fetches, oldest first.
pub fn inbox(
    conn: &mut Conn,
    agency: &str,
    now: i64,
    (limit, offset): (i64, i64),
) -> QueryResult<Vec<String>> {
    outbox::table
        .inner_join(deliveries::table.on(deliveries::id.eq(outbox::delivery_id)))
        .filter(outbox::to_agency.eq(agency))
        .filter(outbox::ready_at.le(now))
        .filter(outbox::lease_until.is_null())
        .filter(outbox::relayed_at.is_null())
        .order((outbox::emergency.desc(), outbox::ready_at.asc(), outbox::delivery_id.asc()))
        .limit(limit)
        .offset(offset)
        .select(deliveries::state)
        .load(conn)
}

pub fn count_by_agency(conn: &mut Conn) -> QueryResult<Vec<(String, String, i64)>> {
    deliveries::table
        .group_by((deliveries::to_agency, deliveries::status))
        .select((deliveries::to_agency, deliveries::status, count_star()))
        .order((deliveries::to_agency.asc(), deliveries::status.asc()))
        .load(conn)
}

pub fn check_state(conn: &mut Conn, id: &str) -> QueryResult<Option<String>> {
    identity_checks::table.find(id).select(identity_checks::state).first(conn).optional()
}

pub fn open_checks(conn: &mut Conn) -> QueryResult<Vec<String>> {
    let rows = identity_checks::table.filter(identity_checks::status.eq("asked"));
    rows.select(identity_checks::state).load(conn)
}

pub fn body(conn: &mut Conn, object: &str) -> QueryResult<Option<BodyRow>> {
    bodies::table.find(object).select(BodyRow::as_select()).first(conn).optional()
}

pub fn bodies_by_id(conn: &mut Conn, objects: &[String]) -> QueryResult<Vec<BodyRow>> {
    bodies::table.filter(bodies::object_id.eq_any(objects)).select(BodyRow::as_select()).load(conn)
}

pub fn keys_of_cases(conn: &mut Conn, cases: &[String]) -> QueryResult<Vec<(String, String)>> {
    let rows = case_keys::table.filter(case_keys::case_id.eq_any(cases));
    rows.select((case_keys::case_id, case_keys::key_id)).load(conn)
}

pub fn keys_of_case(conn: &mut Conn, case: &str) -> QueryResult<Vec<String>> {
    case_keys::table.filter(case_keys::case_id.eq(case)).select(case_keys::key_id).load(conn)
}

pub fn keys_in_use(conn: &mut Conn, ids: &[String]) -> QueryResult<Vec<String>> {
    case_keys::table.filter(case_keys::key_id.eq_any(ids)).select(case_keys::key_id).load(conn)
}

pub fn fact_link(conn: &mut Conn, referral: &str) -> QueryResult<Option<FactLinkRow>> {
    fact_links::table.find(referral).select(FactLinkRow::as_select()).first(conn).optional()
}

pub fn facts_between(conn: &mut Conn, from: &str, to: &str, limit: i64) -> QueryResult<Vec<FactStored>> {
    let rows = facts::table.filter(facts::month.ge(from)).filter(facts::month.le(to));
    rows.limit(limit).select(FactStored::as_select()).load(conn)
}

// The rows of a state table in the order of their ids, a page at a time, for `audit verify` only. A macro,
// because each table and row is a type of its own.
macro_rules! rows_after {
    ($name:ident, $count:ident, $table:ident, $row:ty) => {
        pub fn $count(conn: &mut Conn) -> QueryResult<i64> {
            $table::table.count().get_result(conn)
        }

        pub fn $name(conn: &mut Conn, after: Option<&str>, limit: i64) -> QueryResult<Vec<$row>> {
            let mut rows = $table::table.into_boxed();
            if let Some(after) = after {
                rows = rows.filter($table::id.gt(after.to_owned()));
            }
            rows.order($table::id.asc()).limit(limit).select(<$row>::as_select()).load(conn)
        }
    };
}
rows_after!(cases_after, cases_count, cases, SeenCase);
rows_after!(referrals_after, referrals_count, referrals, SeenReferral);
rows_after!(deliveries_after, deliveries_count, deliveries, SeenDelivery);
rows_after!(checks_after, checks_count, identity_checks, SeenCheck);
rows_after!(registers_after, registers_count, registers, SeenRegister);
