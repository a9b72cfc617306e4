//! Switches: a person says that nothing, or nothing of one kind, goes to an agency until it is said
//! otherwise. What waits meanwhile keeps its state and its time; no attempt is spent. Whoever hands over
//! asks first.

use serde::{Deserialize, Serialize};

use super::{Register, RegisterKey};
use crate::{AgencyCode, Code, Event, MessageKind, Refusal, State, Timestamp};

/// A switch and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switch {
    /// For whom.
    pub agency: AgencyCode,
    /// Only this kind of message; every kind where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageKind>,
    /// Nothing goes there now?
    pub off: bool,
    /// Why, coded.
    pub reason: Code,
    /// Since when it stands so.
    pub since: Timestamp,
}

/// Turns a switch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetSwitch {
    /// For whom.
    pub agency: AgencyCode,
    /// Only this kind of message; every kind where absent.
    pub message: Option<MessageKind>,
    /// Off, or on again.
    pub off: bool,
    /// Why, coded.
    pub reason: Code,
}

pub(crate) fn set(state: &State, asked: &SetSwitch, now: Timestamp) -> Result<Vec<Event>, Refusal> {
    let key = RegisterKey::Switch(asked.agency.clone(), asked.message);
    let is_off = state.registers.get(&key).is_some_and(Register::open);
    if is_off == asked.off {
        return Err(Refusal::NothingToDo);
    }
    let SetSwitch { agency, message, off, reason } = asked.clone();
    Ok(vec![Event::Register(Register::Switch(Switch { agency, message, off, reason, since: now }))])
}
