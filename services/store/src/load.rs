//! Between rows and the core's types: loading what a batch touches, writing back what moved, and where an
//! entry belongs.

use std::collections::{BTreeMap, BTreeSet};

use casework::{Event, State, Touched};
use serde::de::DeserializeOwned;

use crate::StoreError;
use crate::engine::{Conn, query};

/// Parses a state column.
pub fn parse<T: DeserializeOwned>(state: &str) -> Result<T, StoreError> {
    Ok(serde_json::from_str(state)?)
}

/// Parses an optional state column.
pub fn parse_some<T: DeserializeOwned>(state: Option<String>) -> Result<Option<T>, StoreError> {
    state.map(|state| parse(&state)).transpose()
}

/// Parses many.
pub fn parse_all<T: DeserializeOwned>(states: &[String]) -> Result<Vec<T>, StoreError> {
    states.iter().map(|state| parse(state)).collect()
}

fn texts<T: ToString>(ids: &BTreeSet<T>) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

/// The touched part of the state; a new thing is simply not in it.
pub fn state(conn: &mut Conn, touched: &Touched) -> Result<State, StoreError> {
    let mut state = State::default();
    for row in some(&touched.referrals, |ids| query!(conn, commit::referrals_by_id(ids)))? {
        let referral: casework::Referral = parse(&row.state)?;
        state.referrals.insert(referral.id, referral);
    }
    for row in some(&touched.deliveries, |ids| query!(conn, commit::deliveries_by_id(ids)))? {
        let delivery: casework::Delivery = parse(&row.state)?;
        state.deliveries.insert(delivery.id, delivery);
    }
    for row in some(&touched.cases, |ids| query!(conn, commit::cases_by_id(ids)))? {
        let case: casework::Case = parse(&row.state)?;
        state.cases.insert(case.id, case);
    }
    for row in some(&touched.checks, |ids| query!(conn, commit::checks_by_id(ids)))? {
        let check: casework::IdentityCheck = parse(&row.state)?;
        state.checks.insert(check.id, check);
    }
    Ok(state)
}

/// No statement where nothing is asked for.
fn some<I: ToString, R>(
    ids: &BTreeSet<I>,
    load: impl FnOnce(&[String]) -> diesel::QueryResult<Vec<R>>,
) -> Result<Vec<R>, StoreError> {
    if ids.is_empty() { Ok(Vec::new()) } else { Ok(load(&texts(ids))?) }
}

/// Rows of what moved.
pub fn rows<'a, I, T, R>(moved: &BTreeSet<I>, held: &'a BTreeMap<I, T>) -> Result<Vec<R>, StoreError>
where
    I: Ord,
    R: TryFrom<&'a T, Error = StoreError>,
{
    moved.iter().filter_map(|id| held.get(id)).map(R::try_from).collect()
}

/// The kind column.
pub const fn kind(event: &Event) -> &'static str {
    match event {
        Event::Requested(_) => "request.submitted",
        Event::Created(_) => "referral.requested",
        Event::Moved(_) => "referral.moved",
        Event::Delivery(_) => "delivery.moved",
        Event::Identity(_) => "identity.moved",
        Event::Read(_) => "read",
        Event::Refused(_) => "refused",
    }
}

/// The case and referral columns of an entry.
pub fn place(state: &State, event: &Event) -> (Option<String>, Option<String>) {
    let referral = match event {
        Event::Requested(request) => return (Some(request.case.to_string()), None),
        Event::Identity(step) => return (Some(step.case.to_string()), None),
        Event::Read(read) => return read_place(read.subject.as_deref()),
        Event::Refused(_) => return (None, None),
        Event::Created(created) => Some(created.referral),
        Event::Moved(step) => Some(step.referral),
        Event::Delivery(step) => state.deliveries.get(&step.delivery).map(|delivery| delivery.referral),
    };
    let case = match event {
        Event::Created(created) => Some(created.case),
        Event::Delivery(step) => state.deliveries.get(&step.delivery).map(|delivery| delivery.case),
        _ => referral.and_then(|id| state.referrals.get(&id)).map(|referral| referral.case),
    };
    (case.map(|id| id.to_string()), referral.map(|id| id.to_string()))
}

/// A look belongs to the case or referral it looked at.
fn read_place(subject: Option<&str>) -> (Option<String>, Option<String>) {
    let subject = subject.unwrap_or_default();
    let case = subject.starts_with("cs_").then(|| subject.to_owned());
    let referral = subject.starts_with("rf_").then(|| subject.to_owned());
    (case, referral)
}
