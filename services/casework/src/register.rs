//! Registers: small books beside the referrals, of people, two-person acts, incidents and switches. All of
//! them stand in one table and move by one kind of entry, which says the whole row as it is afterwards; what
//! may be written into each book is its own file's.

mod approval;
mod break_glass;
mod incident;
mod person;
mod policy_set;
mod switch;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{
    Action, AgencyCode, ApprovalId, Event, MessageKind, Pseudonym, Refusal, State, Timestamp, Touched,
};

pub use approval::{Approval, ApprovalStatus, AskApproval, Change, SettleApproval, Settlement, Standing};
pub use break_glass::{BreakGlass, GlassKey, GlassStatus, OpenGlass, ReviewGlass, Suspension, Verdict};
pub use incident::{Condition, Incident, IncidentKey, IncidentStatus, IncidentTurn, NoteIncident};
pub use person::{Person, Role, SetPerson};
pub use policy_set::{PolicySet, Replayed};
pub use switch::{SetSwitch, Switch};

pub(crate) use approval::{ask, settle};
pub(crate) use break_glass::{open as open_glass, read as read_through, review as review_glass};
pub(crate) use incident::note;
pub(crate) use person::set as set_person;
pub(crate) use switch::set as set_switch;

/// A row of a register, as an entry says it and as the table holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "book", rename_all = "kebab-case")]
pub enum Register {
    /// Somebody of an agency.
    Person(Person),
    /// An act that waits for, or had, a second person.
    Approval(Approval),
    /// Something is wrong, once however often it shows.
    Incident(Incident),
    /// Nothing goes to an agency, because a person said so.
    Switch(Switch),
    /// Somebody looked into a case that is none of its agency's.
    BreakGlass(BreakGlass),
    /// Somebody may not do that any more.
    Suspension(Suspension),
    /// Which set of policies is in force.
    PolicySet(PolicySet),
}

/// Which row of which book. Its text is the row's id: `approval/ap_…`, `switch/cpi/referral.request`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RegisterKey {
    /// A person, by its stand-in.
    Person(Pseudonym),
    /// An approval.
    Approval(ApprovalId),
    /// A condition of an agency.
    Incident(IncidentKey),
    /// An agency, and one kind of message or all.
    Switch(AgencyCode, Option<MessageKind>),
    /// A look, by case and person.
    BreakGlass(GlassKey),
    /// A person whose right is suspended.
    Suspension(Pseudonym),
    /// The set of policies in force: one row.
    PolicySet,
}

/// A text that is no key of a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a key of a register: expected its book, a slash and what it is of")]
pub struct BadRegisterKey;

/// The one row of its book.
const IN_FORCE: &str = "in-force";
/// A switch for every kind of message.
const ALL: &str = "all";

impl RegisterKey {
    /// The book's name.
    #[must_use]
    pub const fn book(&self) -> &'static str {
        match self {
            Self::Person(_) => "person",
            Self::Approval(_) => "approval",
            Self::Incident(_) => "incident",
            Self::Switch(..) => "switch",
            Self::BreakGlass(_) => "break-glass",
            Self::Suspension(_) => "suspension",
            Self::PolicySet => "policy-set",
        }
    }
}

impl fmt::Display for RegisterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let book = self.book();
        match self {
            Self::Person(id) => write!(f, "{book}/{id}"),
            Self::Approval(id) => write!(f, "{book}/{id}"),
            Self::Incident(key) => write!(f, "{book}/{key}"),
            Self::PolicySet => write!(f, "{book}/{IN_FORCE}"),
            Self::Switch(agency, message) => {
                write!(f, "{book}/{agency}/{}", message.map_or(ALL, MessageKind::schema_name))
            }
            Self::BreakGlass(key) => write!(f, "{book}/{key}"),
            Self::Suspension(id) => write!(f, "{book}/{id}"),
        }
    }
}

impl FromStr for RegisterKey {
    type Err = BadRegisterKey;
    fn from_str(text: &str) -> Result<Self, BadRegisterKey> {
        let (book, rest) = text.split_once('/').ok_or(BadRegisterKey)?;
        match book {
            "person" => rest.parse().map(Self::Person).map_err(|_| BadRegisterKey),
            "approval" => rest.parse().map(Self::Approval).map_err(|_| BadRegisterKey),
            "policy-set" if rest == IN_FORCE => Ok(Self::PolicySet),
            "incident" => rest.parse().map(Self::Incident),
            "break-glass" => rest.parse().map(Self::BreakGlass),
            "suspension" => rest.parse().map(Self::Suspension).map_err(|_| BadRegisterKey),
            "switch" => {
                let (agency, message) = rest.split_once('/').ok_or(BadRegisterKey)?;
                let agency = agency.parse().map_err(|_| BadRegisterKey)?;
                let message = (message != ALL).then(|| message.parse()).transpose();
                Ok(Self::Switch(agency, message.map_err(|_| BadRegisterKey)?))
            }
            _ => Err(BadRegisterKey),
        }
    }
}

impl Register {
    /// Which row it is.
    #[must_use]
    pub fn key(&self) -> RegisterKey {
        match self {
            Self::Person(held) => RegisterKey::Person(held.id),
            Self::Approval(held) => RegisterKey::Approval(held.id),
            Self::Incident(held) => RegisterKey::Incident(held.key()),
            Self::Switch(held) => RegisterKey::Switch(held.agency.clone(), held.message),
            Self::BreakGlass(held) => RegisterKey::BreakGlass(held.key()),
            Self::Suspension(held) => RegisterKey::Suspension(held.person),
            Self::PolicySet(_) => RegisterKey::PolicySet,
        }
    }

    /// Whose row.
    #[must_use]
    pub const fn agency(&self) -> &AgencyCode {
        match self {
            Self::Person(held) => &held.agency,
            Self::Approval(held) => &held.agency,
            Self::Incident(held) => &held.agency,
            Self::Switch(held) => &held.agency,
            Self::BreakGlass(held) => &held.agency,
            Self::Suspension(held) => &held.agency,
            Self::PolicySet(held) => &held.agency,
        }
    }

    /// Does it count now? A person always does: that one may not act any more has to be known, too.
    #[must_use]
    pub fn open(&self) -> bool {
        match self {
            Self::Person(_) | Self::PolicySet(_) => true,
            Self::Approval(held) => held.status == ApprovalStatus::Open,
            Self::Incident(held) => held.status != IncidentStatus::Closed,
            Self::Switch(held) => held.off,
            Self::BreakGlass(held) => held.status == GlassStatus::Open,
            Self::Suspension(held) => held.lifted.is_none(),
        }
    }

    /// When it ends by itself.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        match self {
            Self::Approval(held) if held.status == ApprovalStatus::Open => Some(held.expires),
            Self::Incident(held) => held.closes(),
            Self::BreakGlass(held) if held.status == GlassStatus::Open => Some(held.review_by),
            _ => None,
        }
    }
}

impl State {
    pub(crate) fn person(&self, id: Pseudonym) -> Option<&Person> {
        match self.registers.get(&RegisterKey::Person(id)) {
            Some(Register::Person(held)) => Some(held),
            _ => None,
        }
    }
}

/// What has to be loaded for an act on the registers.
pub(crate) fn touches(action: &Action, touched: &mut Touched) {
    let keys = match action {
        Action::SetPerson(asked) => vec![RegisterKey::Person(asked.person.id)],
        Action::AskApproval(asked) => {
            approval::touches(&asked.change, None, touched);
            vec![RegisterKey::Approval(asked.id)]
        }
        Action::SettleApproval(asked) => {
            approval::touches(&asked.change, asked.standing.carried, touched);
            vec![RegisterKey::Approval(asked.id), RegisterKey::Person(asked.person)]
        }
        Action::NoteIncident(asked) => vec![RegisterKey::Incident(asked.key.clone())],
        Action::SetSwitch(asked) => vec![RegisterKey::Switch(asked.agency.clone(), asked.message)],
        Action::OpenGlass(asked) => {
            touched.cases.insert(asked.key.case);
            let person = asked.key.person;
            let own = [RegisterKey::Person(person), RegisterKey::Suspension(person)];
            own.into_iter().chain([RegisterKey::BreakGlass(asked.key)]).collect()
        }
        Action::ReviewGlass(asked) => {
            vec![RegisterKey::BreakGlass(asked.key), RegisterKey::Person(asked.person)]
        }
        Action::Lapse(key) => vec![key.clone()],
        _ => Vec::new(),
    };
    touched.registers.extend(keys);
}

/// A row whose time is over ends.
pub(crate) fn lapse(state: &State, key: &RegisterKey, now: Timestamp) -> Result<Vec<Event>, Refusal> {
    match state.registers.get(key) {
        Some(Register::Approval(held)) => approval::expire(held, now),
        Some(Register::Incident(held)) => incident::lapse(held, now),
        Some(Register::BreakGlass(held)) => break_glass::lapse(held, now),
        _ => Err(Refusal::NothingToDo),
    }
}

/// An entry says the whole row.
pub(crate) fn apply(state: &mut State, row: &Register) {
    state.registers.insert(row.key(), row.clone());
}
