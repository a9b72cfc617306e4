//! Between rows and the core's types: parsing them, writing back what moved, and where an
//! entry belongs.

use std::collections::{BTreeMap, BTreeSet};

use casework::{Event, State};
use serde::de::DeserializeOwned;

use crate::StoreError;

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
        Event::Requested { .. } => "request.submitted",
        Event::Created(_) => "referral.requested",
        Event::Moved(_) => "referral.moved",
        Event::Overdue(_) => "clock.overdue",
        Event::Delivery(_) => "delivery.moved",
        Event::Identity(_) => "identity.moved",
        Event::Read(_) => "read",
        Event::Refused(_) => "refused",
    }
}

/// The case and referral columns of an entry.
pub fn place(state: &State, event: &Event) -> (Option<String>, Option<String>) {
    let referral = match event {
        Event::Requested { case, .. } => return (Some(case.to_string()), None),
        Event::Identity(step) => return (Some(step.case.to_string()), None),
        Event::Read(read) => return read_place(read.subject.as_deref()),
        Event::Refused(_) => return (None, None),
        Event::Created(created) => Some(created.referral),
        Event::Moved(step) => Some(step.referral),
        Event::Overdue(step) => Some(step.referral),
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
