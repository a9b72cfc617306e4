//! Which retention schedule counts: its digest, and the one before. The schedule itself is a code list; here
//! stands since when the hub goes by it, so that nobody can say later that another one counted. And the
//! notice that the time of a case is over, which is for its owner's people and erases nothing.

use serde::{Deserialize, Serialize};

use super::{Register, RegisterKey, Role, erasure};
use crate::{AgencyCode, CaseId, Code, Digest, Event, Notice, Noticed, Refusal, State, Timestamp};

/// The schedule that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionSchedule {
    /// The hub.
    pub agency: AgencyCode,
    /// Its digest.
    pub schedule: Digest,
    /// The digest of the one that counted before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Digest>,
    /// Since when.
    pub since: Timestamp,
}

/// The hub goes by this schedule from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSchedule {
    /// Its digest.
    pub schedule: Digest,
}

/// The time of a case is over: its owner's people are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TellDue {
    /// The case.
    pub case: CaseId,
    /// Who was its owner when that was found.
    pub agency: AgencyCode,
    /// By which row of which schedule.
    pub about: String,
}

pub(crate) fn note_schedule(
    state: &State,
    asked: &NoteSchedule,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let before = match state.registers.get(&RegisterKey::RetentionSchedule) {
        Some(Register::RetentionSchedule(held)) if held.schedule == asked.schedule => {
            return Err(Refusal::NothingToDo);
        }
        Some(Register::RetentionSchedule(held)) => Some(held.schedule.clone()),
        _ => None,
    };
    let (agency, schedule) = (AgencyCode::hub(), asked.schedule.clone());
    let row = RetentionSchedule { agency, schedule, before, since: now };
    Ok(vec![Event::Register(Register::RetentionSchedule(row))])
}

/// Nobody is told of what could not be asked for: of a case that is held, erased or somebody else's.
pub(crate) fn tell_due(state: &State, asked: &TellDue) -> Result<Vec<Event>, Refusal> {
    erasure::may_order(state, asked.case, &asked.agency)?;
    Ok(vec![Event::Noticed(Noticed {
        what: Notice::RetentionOver,
        case: asked.case,
        whom: asked.agency.clone(),
        role: Role::PrivacyOfficer,
        by: AgencyCode::hub(),
        by_role: Code::of_role(Role::Operator),
        about: asked.about.clone(),
    })])
}
