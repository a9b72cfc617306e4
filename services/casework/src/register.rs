//! Registers: small books beside the referrals, of people, two-person acts, incidents and switches. All of
//! them stand in one table and move by one kind of entry, which says the whole row as it is afterwards; what
//! may be written into each book is its own file's.

mod approval;
mod break_glass;
mod change;
mod erasure;
mod hold;
mod incident;
mod ledger_epoch;
mod note_key;
mod person;
mod policy_set;
mod schedule;
mod suspicion;
mod switch;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{
    Action, AgencyCode, ApprovalId, CaseId, Code, Event, MessageKind, Pseudonym, Refusal, State, Timestamp,
    Touched,
};

pub use approval::{Approval, ApprovalStatus, AskApproval, SettleApproval, Settlement, Standing};
pub use break_glass::{BreakGlass, GlassKey, GlassStatus, OpenGlass, ReviewGlass, Suspension, Verdict};
pub use change::Change;
pub use erasure::{AcknowledgeErasure, Erasure, ErasureCopy, ErasureStatus, ErasureTurn, MoveErasure};
pub use hold::{CaseAgency, Hold};
pub use incident::{Condition, Incident, IncidentKey, IncidentStatus, IncidentTurn, NoteIncident};
pub use ledger_epoch::{BeginEpoch, LedgerEpoch};
pub use note_key::NoteKeyTurn;
pub use person::{Person, Role, SetPerson};
pub use policy_set::{PolicySet, Replayed};
pub use schedule::{NoteSchedule, RetentionSchedule, TellDue};
pub use suspicion::{EntryRange, ROWS_NAMED_MAX, SeenCheckpoint, SuspectLedger, Suspicion};
pub use switch::{SetSwitch, Switch};

pub(crate) use approval::{ask, settle};
pub(crate) use break_glass::{open as open_glass, read as read_through, review as review_glass};
pub(crate) use erasure::{acknowledge, step as erase};
pub(crate) use incident::note;
pub(crate) use ledger_epoch::begin as begin_epoch;
pub(crate) use person::set as set_person;
pub(crate) use schedule::{note_schedule, tell_due};
pub(crate) use suspicion::{fault_gone, suspect};
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
    /// A case must be kept.
    Hold(Hold),
    /// A case is erased, or about to be.
    Erasure(Erasure),
    /// What an agency has of an erased case.
    ErasureCopy(ErasureCopy),
    /// The ledger is not what somebody saw of it.
    #[serde(rename = "ledger-suspect")]
    Suspicion(Suspicion),
    /// The ledger goes on under another origin.
    LedgerEpoch(LedgerEpoch),
    /// Another key signs checkpoints.
    NoteKey(NoteKeyTurn),
    /// Which retention schedule counts.
    RetentionSchedule(RetentionSchedule),
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
    /// A hold, by case and who holds it.
    Hold(CaseAgency),
    /// An erasure, by case.
    Erasure(CaseId),
    /// A copy, by case and who has it.
    ErasureCopy(CaseAgency),
    /// A suspicion of the ledger, by its reason.
    Suspicion(Code),
    /// An epoch of the ledger, by its number.
    LedgerEpoch(u64),
    /// A turn of the keys that sign checkpoints, by the new key's id.
    NoteKey(String),
    /// The retention schedule that counts: one row.
    RetentionSchedule,
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
            Self::Hold(_) => "hold",
            Self::Erasure(_) => "erasure",
            Self::ErasureCopy(_) => "erasure-copy",
            Self::Suspicion(_) => "ledger-suspect",
            Self::LedgerEpoch(_) => "ledger-epoch",
            Self::NoteKey(_) => "note-key",
            Self::RetentionSchedule => "retention-schedule",
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
            Self::PolicySet | Self::RetentionSchedule => write!(f, "{book}/{IN_FORCE}"),
            Self::Switch(agency, message) => {
                write!(f, "{book}/{agency}/{}", message.map_or(ALL, MessageKind::schema_name))
            }
            Self::BreakGlass(key) => write!(f, "{book}/{key}"),
            Self::Hold(key) | Self::ErasureCopy(key) => write!(f, "{book}/{key}"),
            Self::Erasure(id) => write!(f, "{book}/{id}"),
            Self::Suspension(id) => write!(f, "{book}/{id}"),
            Self::Suspicion(reason) => write!(f, "{book}/{reason}"),
            Self::LedgerEpoch(number) => write!(f, "{book}/{number}"),
            Self::NoteKey(id) => write!(f, "{book}/{id}"),
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
            "retention-schedule" if rest == IN_FORCE => Ok(Self::RetentionSchedule),
            "incident" => rest.parse().map(Self::Incident),
            "break-glass" => rest.parse().map(Self::BreakGlass),
            "suspension" => rest.parse().map(Self::Suspension).map_err(|_| BadRegisterKey),
            "hold" => rest.parse().map(Self::Hold),
            "erasure" => rest.parse().map(Self::Erasure).map_err(|_| BadRegisterKey),
            "erasure-copy" => rest.parse().map(Self::ErasureCopy),
            "ledger-suspect" => rest.parse().map(Self::Suspicion).map_err(|_| BadRegisterKey),
            "ledger-epoch" => rest.parse().map(Self::LedgerEpoch).map_err(|_| BadRegisterKey),
            "note-key" if !rest.is_empty() => Ok(Self::NoteKey(rest.to_owned())),
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
            Self::Hold(held) => RegisterKey::Hold(held.key()),
            Self::Erasure(held) => RegisterKey::Erasure(held.case),
            Self::ErasureCopy(held) => RegisterKey::ErasureCopy(held.key()),
            Self::Suspicion(held) => RegisterKey::Suspicion(held.reason.clone()),
            Self::LedgerEpoch(held) => RegisterKey::LedgerEpoch(held.number),
            Self::NoteKey(held) => RegisterKey::NoteKey(held.id().to_owned()),
            Self::RetentionSchedule(_) => RegisterKey::RetentionSchedule,
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
            Self::Hold(held) => &held.agency,
            Self::Erasure(held) => &held.agency,
            Self::ErasureCopy(held) => &held.agency,
            Self::Suspicion(held) => &held.agency,
            Self::LedgerEpoch(held) => &held.agency,
            Self::NoteKey(held) => &held.agency,
            Self::RetentionSchedule(held) => &held.agency,
        }
    }

    /// Does it count now? A person always does: that one may not act any more has to be known, too.
    #[must_use]
    pub fn open(&self) -> bool {
        match self {
            Self::Person(_) | Self::PolicySet(_) | Self::RetentionSchedule(_) => true,
            Self::LedgerEpoch(_) | Self::NoteKey(_) => true,
            Self::Approval(held) => held.status == ApprovalStatus::Open,
            Self::Incident(held) => held.status != IncidentStatus::Closed,
            Self::Switch(held) => held.off,
            Self::BreakGlass(held) => held.status == GlassStatus::Open,
            Self::Suspension(held) => held.lifted.is_none(),
            Self::Hold(held) => held.lifted.is_none(),
            Self::Erasure(held) => held.status == ErasureStatus::ErasureOrdered,
            Self::ErasureCopy(held) => held.acknowledged.is_none(),
            Self::Suspicion(held) => held.lifted.is_none(),
        }
    }

    /// The case that it is about, where it is about one as a whole.
    #[must_use]
    pub const fn case(&self) -> Option<CaseId> {
        match self {
            Self::Hold(held) => Some(held.case),
            Self::Erasure(held) => Some(held.case),
            Self::ErasureCopy(held) => Some(held.case),
            _ => None,
        }
    }

    /// The case that moves with it.
    #[must_use]
    pub const fn moves_case(&self) -> Option<CaseId> {
        if matches!(self, Self::Hold(_) | Self::Erasure(_)) { self.case() } else { None }
    }

    /// When it ends by itself.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        match self {
            Self::Approval(held) if held.status == ApprovalStatus::Open => Some(held.expires),
            Self::Incident(held) => held.closes(),
            Self::BreakGlass(held) if held.status == GlassStatus::Open => Some(held.review_by),
            Self::ErasureCopy(held) if held.acknowledged.is_none() && !held.overdue => held.due,
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
            approval::touches(&asked.change, &asked.agency, None, touched);
            vec![RegisterKey::Approval(asked.id)]
        }
        Action::SettleApproval(asked) => {
            approval::touches(&asked.change, &asked.agency, asked.standing.carried, touched);
            vec![RegisterKey::Approval(asked.id), RegisterKey::Person(asked.person)]
        }
        Action::BeginEpoch(asked) => {
            vec![RegisterKey::LedgerEpoch(asked.number), RegisterKey::Suspicion(asked.reason.clone())]
        }
        Action::SuspectLedger(asked) => vec![RegisterKey::Suspicion(asked.reason.clone())],
        Action::FaultGone(reason) => vec![RegisterKey::Suspicion(reason.clone())],
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
        Action::MoveErasure(asked) => {
            touched.cases.insert(asked.case);
            // What may be written, too.
            let copies = match &asked.turn {
                ErasureTurn::Erased { shown, .. } => shown.as_slice(),
                ErasureTurn::CallOff => &[],
            };
            let copy = |agency: &AgencyCode| {
                RegisterKey::ErasureCopy(CaseAgency { case: asked.case, agency: agency.clone() })
            };
            copies.iter().map(copy).chain([RegisterKey::Erasure(asked.case)]).collect()
        }
        Action::AcknowledgeErasure(asked) => vec![RegisterKey::ErasureCopy(asked.key.clone())],
        Action::NoteSchedule(_) => vec![RegisterKey::RetentionSchedule],
        Action::TellDue(asked) => {
            touched.cases.insert(asked.case);
            Vec::new()
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
        Some(Register::ErasureCopy(held)) => erasure::lapse(held, now),
        _ => Err(Refusal::NothingToDo),
    }
}

/// An entry says the whole row; a case knows of its holds and of its erasure.
pub(crate) fn apply(state: &mut State, row: &Register) {
    match row {
        Register::Hold(held) => hold::apply(state, held),
        Register::Erasure(held) => erasure::apply(state, held),
        _ => {}
    }
    state.registers.insert(row.key(), row.clone());
}
