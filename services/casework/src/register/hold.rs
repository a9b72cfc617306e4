//! Legal holds: an agency says that a case must be kept, whatever retention or anybody else says. Set and
//! lifted by two people; while one of them stands, nothing of the case is erased. It stands in the case, too,
//! so that a decision sees all of a case's holds without looking for them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{BadRegisterKey, Register, RegisterKey};
use crate::{AgencyCode, ApprovalId, CaseId, Code, Event, Refusal, State, Timestamp};

/// Whose hold on which case. Its text, `cs_….ictp`, is its id; a copy of an erased case has the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseAgency {
    /// The case.
    pub case: CaseId,
    /// The agency.
    pub agency: AgencyCode,
}

impl fmt::Display for CaseAgency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.case, self.agency)
    }
}

impl FromStr for CaseAgency {
    type Err = BadRegisterKey;
    fn from_str(text: &str) -> Result<Self, BadRegisterKey> {
        let (case, agency) = text.split_once('.').ok_or(BadRegisterKey)?;
        let case = case.parse().map_err(|_| BadRegisterKey)?;
        Ok(Self { case, agency: agency.parse().map_err(|_| BadRegisterKey)? })
    }
}

/// A hold and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// The case that is kept.
    pub case: CaseId,
    /// Who says so.
    pub agency: AgencyCode,
    /// Why, coded.
    pub reason: Code,
    /// Since when.
    pub since: Timestamp,
    /// Who agreed stands there.
    pub approval: ApprovalId,
    /// Lifted when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifted: Option<Timestamp>,
}

impl Hold {
    /// Whose, on what.
    #[must_use]
    pub fn key(&self) -> CaseAgency {
        CaseAgency { case: self.case, agency: self.agency.clone() }
    }
}

/// Could this agency hold the case? Any party; once, and before it is erased.
pub(super) fn may_set(state: &State, case: CaseId, agency: &AgencyCode) -> Result<(), Refusal> {
    let held = super::erasure::known(state, case, agency)?;
    if held.erased.is_some() {
        return Err(Refusal::Erased);
    }
    if held.holds.contains(agency) { Err(Refusal::CaseHeld) } else { Ok(()) }
}

/// Two people of the agency said so.
pub(super) fn set(
    case: CaseId,
    agency: &AgencyCode,
    reason: &Code,
    approval: ApprovalId,
    now: Timestamp,
) -> Vec<Event> {
    let (agency, reason) = (agency.clone(), reason.clone());
    let hold = Hold { case, agency, reason, since: now, approval, lifted: None };
    vec![Event::Register(Register::Hold(hold))]
}

/// Its own hold is an agency's to lift.
pub(super) fn may_lift(state: &State, case: CaseId, agency: &AgencyCode) -> Result<Hold, Refusal> {
    let key = RegisterKey::Hold(CaseAgency { case, agency: agency.clone() });
    match state.registers.get(&key) {
        Some(Register::Hold(held)) if held.lifted.is_none() => Ok(held.clone()),
        _ => Err(Refusal::NotFound),
    }
}

/// Two people of the agency lifted it.
pub(super) fn lift(
    state: &State,
    case: CaseId,
    agency: &AgencyCode,
    approval: ApprovalId,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let held = may_lift(state, case, agency)?;
    let lifted = Hold { lifted: Some(now), approval, ..held };
    Ok(vec![Event::Register(Register::Hold(lifted))])
}

pub(super) fn apply(state: &mut State, held: &Hold) {
    if let Some(case) = state.cases.get_mut(&held.case) {
        if held.lifted.is_some() {
            case.holds.remove(&held.agency);
        } else {
            case.holds.insert(held.agency.clone());
        }
    }
}
