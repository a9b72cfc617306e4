//! Erasing a case: ordered by two people, then its keys are destroyed, then that is entered. From the order
//! on nothing new may come into the case. Whoever was shown something of it is told, and has to say that its
//! copy is gone. Here is what may follow what; destroying is the store's.

use serde::{Deserialize, Serialize};

use super::{CaseAgency, Register, RegisterKey, Role};
use crate::{
    AgencyCode, ApprovalId, Case, CaseId, ClockKind, Code, Event, Notice, Noticed, Now, Priority, Refusal,
    Rules, State, Timestamp,
};

/// How an erasure stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErasureStatus {
    /// Two people said so; the keys may still be there.
    ErasureOrdered,
    /// The keys are destroyed.
    Erased,
    /// Something was open when the keys were to be destroyed: nothing was.
    CalledOff,
}

/// An erasure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// The case.
    pub case: CaseId,
    /// Whose people ordered it.
    pub agency: AgencyCode,
    /// On what ground, coded.
    pub basis: Code,
    /// How it stands.
    pub status: ErasureStatus,
    /// When it was ordered.
    pub ordered: Timestamp,
    /// Who agreed stands there.
    pub approval: ApprovalId,
    /// When the keys were gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased: Option<Timestamp>,
    /// How many keys the case had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<u32>,
}

/// What an agency has of an erased case in its own system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureCopy {
    /// The case.
    pub case: CaseId,
    /// Who has it.
    pub agency: AgencyCode,
    /// Who had the case erased.
    pub ordered_by: AgencyCode,
    /// Told when.
    pub told: Timestamp,
    /// Until when it has to say that it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// It did not say so in time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overdue: bool,
    /// When it said that its copy is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Timestamp>,
}

impl ErasureCopy {
    /// Whose, of what.
    #[must_use]
    pub fn key(&self) -> CaseAgency {
        CaseAgency { case: self.case, agency: self.agency.clone() }
    }

    fn notice(&self, what: Notice, whom: &AgencyCode) -> Event {
        Event::Noticed(Noticed {
            what,
            case: self.case,
            whom: whom.clone(),
            role: Role::PrivacyOfficer,
            by: self.ordered_by.clone(),
            by_role: Code::of_role(super::approval::second_person(&self.ordered_by)),
            about: self.case.to_string(),
        })
    }
}

/// The next step of an ordered erasure, by the hub itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveErasure {
    /// Which case.
    pub case: CaseId,
    /// How it goes on.
    pub turn: ErasureTurn,
}

/// How an ordered erasure goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErasureTurn {
    /// The keys are destroyed: so many, and these agencies had been shown something.
    Erased {
        /// Keys of the case.
        keys: u32,
        /// Who was shown something.
        shown: Vec<AgencyCode>,
    },
    /// Something of the case is open.
    CallOff,
}

/// An agency says that its copy is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcknowledgeErasure {
    /// Which, whose.
    pub key: CaseAgency,
}

/// The case as its parties may know of it.
pub(super) fn known<'a>(state: &'a State, case: CaseId, agency: &AgencyCode) -> Result<&'a Case, Refusal> {
    state.cases.get(&case).filter(|held| held.parties.contains(agency)).ok_or(Refusal::NotFound)
}

fn of(state: &State, case: CaseId) -> Result<&Erasure, Refusal> {
    match state.registers.get(&RegisterKey::Erasure(case)) {
        Some(Register::Erasure(held)) => Ok(held),
        _ => Err(Refusal::NotFound),
    }
}

/// May this agency's people have it erased? Only whoever is responsible for the case; never
/// while anybody holds it, and once.
pub(super) fn may_order(state: &State, case: CaseId, agency: &AgencyCode) -> Result<(), Refusal> {
    let held = known(state, case, agency)?;
    if *held.owner() != *agency {
        return Err(Refusal::NotOwner);
    }
    if held.erased.is_some() {
        return Err(Refusal::Erased);
    }
    if held.holds.is_empty() { Ok(()) } else { Err(Refusal::CaseHeld) }
}

/// Two people said so.
pub(super) fn order(
    case: CaseId,
    agency: &AgencyCode,
    basis: &Code,
    approval: ApprovalId,
    now: Timestamp,
) -> Vec<Event> {
    vec![Event::Register(Register::Erasure(Erasure {
        case,
        agency: agency.clone(),
        basis: basis.clone(),
        status: ErasureStatus::ErasureOrdered,
        ordered: now,
        approval,
        erased: None,
        keys: None,
    }))]
}

pub(crate) fn step(
    state: &State,
    asked: &MoveErasure,
    rules: &Rules,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let held = of(state, asked.case)?;
    if held.status != ErasureStatus::ErasureOrdered {
        return Err(Refusal::NothingToDo);
    }
    match &asked.turn {
        ErasureTurn::CallOff => {
            let off = Erasure { status: ErasureStatus::CalledOff, ..held.clone() };
            Ok(vec![Event::Register(Register::Erasure(off))])
        }
        ErasureTurn::Erased { keys, shown } => Ok(erased(held, *keys, shown, rules, now)),
    }
}

/// What is entered once the keys are gone. Who has a copy has as long as for removing what was entered in
/// error.
fn erased(held: &Erasure, keys: u32, shown: &[AgencyCode], rules: &Rules, now: Now) -> Vec<Event> {
    let done =
        Erasure { status: ErasureStatus::Erased, erased: Some(now.at), keys: Some(keys), ..held.clone() };
    let due = rules.due(ClockKind::Purge, Priority::Normal, now.unclamped);
    let copy = |agency: &AgencyCode| ErasureCopy {
        case: held.case,
        agency: agency.clone(),
        ordered_by: held.agency.clone(),
        told: now.at,
        due,
        overdue: false,
        acknowledged: None,
    };
    let told = shown.iter().map(copy).flat_map(|copy| {
        let notice = copy.notice(Notice::CaseErased, &copy.agency);
        [Event::Register(Register::ErasureCopy(copy)), notice]
    });
    std::iter::once(Event::Register(Register::Erasure(done))).chain(told).collect()
}

fn copy<'a>(state: &'a State, key: &CaseAgency) -> Result<&'a ErasureCopy, Refusal> {
    match state.registers.get(&RegisterKey::ErasureCopy(key.clone())) {
        Some(Register::ErasureCopy(held)) => Ok(held),
        _ => Err(Refusal::NotFound),
    }
}

/// Late is better than never.
pub(crate) fn acknowledge(
    state: &State,
    asked: &AcknowledgeErasure,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let held = copy(state, &asked.key)?;
    if held.acknowledged.is_some() {
        return Err(Refusal::NothingToDo);
    }
    let gone = ErasureCopy { acknowledged: Some(now), ..held.clone() };
    Ok(vec![Event::Register(Register::ErasureCopy(gone))])
}

/// It was not said in time: both sides are told, and it stays to be said.
pub(super) fn lapse(held: &ErasureCopy, now: Timestamp) -> Result<Vec<Event>, Refusal> {
    let waits = held.acknowledged.is_none() && !held.overdue;
    if !waits || held.due.is_none_or(|due| due > now) {
        return Err(Refusal::NothingToDo);
    }
    let late = ErasureCopy { overdue: true, ..held.clone() };
    let mut events = vec![late.notice(Notice::ErasureUnacknowledged, &late.agency)];
    if late.ordered_by != late.agency {
        events.push(late.notice(Notice::ErasureUnacknowledged, &late.ordered_by));
    }
    events.insert(0, Event::Register(Register::ErasureCopy(late)));
    Ok(events)
}

pub(super) fn apply(state: &mut State, held: &Erasure) {
    if let Some(case) = state.cases.get_mut(&held.case) {
        case.erased = (held.status != ErasureStatus::CalledOff).then_some(held.ordered);
    }
}
