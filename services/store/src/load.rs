//! Between rows and the core's types: parsing them, writing back what moved, and where an
//! entry belongs.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use casework::{CaseId, Event, ReferralId, State};
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
        Event::Requested(_) => "request.submitted",
        Event::Created(_) => "referral.requested",
        Event::Drafted(_) => "referral.drafted",
        Event::Moved(_) => "referral.moved",
        Event::Overdue(_) => "clock.overdue",
        Event::Delivery(_) => "delivery.moved",
        Event::Identity(_) => "identity.moved",
        Event::Register(_) => "register.moved",
        Event::Noticed(_) => "notice.given",
        Event::Read(_) => "read",
        Event::Refused(_) => "refused",
        Event::Session(_) => "session.moved",
        Event::Counted(_) => "conservation.counted",
    }
}

/// Where an entry belongs: what its case and referral columns hold.
pub enum Belongs<'a> {
    /// To these.
    To(Option<CaseId>, Option<ReferralId>),
    /// A look belongs to the case or referral it looked at.
    Seen(&'a str),
}

/// Where an entry belongs, once the state has moved along it.
pub fn belongs<'a>(state: &State, event: &'a Event) -> Belongs<'a> {
    match event {
        Event::Requested(request) => Belongs::To(Some(request.case), None),
        Event::Created(created) | Event::Drafted(created) => {
            Belongs::To(Some(created.case), Some(created.referral))
        }
        Event::Moved(step) => {
            let case = state.referrals.get(&step.referral).map(|referral| referral.case);
            Belongs::To(case, Some(step.referral))
        }
        Event::Overdue(step) => {
            let case = state.referrals.get(&step.referral).map(|referral| referral.case);
            Belongs::To(case, Some(step.referral))
        }
        Event::Delivery(step) => {
            let delivery = state.deliveries.get(&step.delivery);
            Belongs::To(delivery.map(|held| held.case), delivery.map(|held| held.referral))
        }
        Event::Identity(step) => Belongs::To(Some(step.case), None),
        Event::Noticed(told) => Belongs::To(Some(told.case), None),
        Event::Read(read) => Belongs::Seen(read.subject.as_deref().unwrap_or_default()),
        // What an agency's people ask one another is no part of a referral that another agency reads.
        Event::Register(row) => Belongs::To(row.case(), None),
        Event::Refused(_) | Event::Session(_) | Event::Counted(_) => Belongs::To(None, None),
    }
}

impl Belongs<'_> {
    /// As the columns hold it.
    pub fn columns(&self) -> (Option<String>, Option<String>) {
        match self {
            Self::To(case, referral) => (case.map(|id| id.to_string()), referral.map(|id| id.to_string())),
            Self::Seen(_) => {
                let (case, referral) = self.seen();
                (case.map(str::to_owned), referral.map(str::to_owned))
            }
        }
    }

    /// Do the columns hold just this?
    pub fn is(&self, case: Option<&str>, referral: Option<&str>) -> bool {
        match self {
            Self::To(case_id, referral_id) => names(case, *case_id) && names(referral, *referral_id),
            Self::Seen(_) => (case, referral) == self.seen(),
        }
    }

    fn seen(&self) -> (Option<&str>, Option<&str>) {
        let Self::Seen(subject) = *self else { return (None, None) };
        (Some(subject).filter(|id| id.starts_with("cs_")), Some(subject).filter(|id| id.starts_with("rf_")))
    }
}

/// Does the text name this? An id has one text, so reading it is as good as writing the id.
fn names<T: FromStr + PartialEq>(text: Option<&str>, id: Option<T>) -> bool {
    match (text, id) {
        (Some(text), Some(id)) => text.parse().is_ok_and(|named: T| named == id),
        (text, id) => text.is_none() && id.is_none(),
    }
}
