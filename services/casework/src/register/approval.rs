//! Acts that take two people. What is asked for stands in the register word for word; a second person of the
//! same agency, with the role it needs, says yes, and the act happens in the same commit. Nobody else's yes
//! counts, and after its time none does.

use serde::{Deserialize, Serialize};

use super::{
    CaseAgency, Change, GlassKey, Register, RegisterKey, Role, break_glass, erasure, hold, note_key,
    policy_set, suspicion,
};
use crate::{
    AgencyCode, ApprovalId, DeliveryId, Event, Now, Pseudonym, Refusal, Rules, State, Timestamp, Told,
    Touched, discard, referral,
};

/// How long a second person has: PROPOSED, and the same in an emergency.
const LIFE_MICROS: i64 = 24 * 3_600 * 1_000_000;

/// How an approval stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApprovalStatus {
    /// Waits for a second person.
    Open,
    /// Given, and the act done.
    Approved,
    /// Refused.
    Refused,
    /// Nobody answered in time.
    Expired,
    /// Taken back by whoever asked.
    Withdrawn,
}

impl ApprovalStatus {
    /// All of them.
    pub const ALL: &'static [Self] =
        &[Self::Open, Self::Approved, Self::Refused, Self::Expired, Self::Withdrawn];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// An act that waits for, or had, a second person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// The act.
    pub change: Change,
    /// Whose people decide.
    pub agency: AgencyCode,
    /// Who asked.
    pub by: Pseudonym,
    /// What the second person has to be.
    pub needs: Role,
    /// How it stands.
    pub status: ApprovalStatus,
    /// Until when it can be decided.
    pub expires: Timestamp,
    /// The second person; or who took it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<Pseudonym>,
}

/// Asks for a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskApproval {
    /// Its new id.
    pub id: ApprovalId,
    /// The act.
    pub change: Change,
    /// Who asks.
    pub agency: AgencyCode,
}

/// What is to become of an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// Yes: the act happens.
    Approve,
    /// No.
    Refuse,
    /// Taken back by whoever asked.
    Withdraw,
}

/// What an act looks at besides what it names, and the ids it may use up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The message to the other side.
    pub told: Told,
    /// The delivery that carries the referral's request: while nobody was shown it, it is called back.
    pub carried: Option<DeliveryId>,
}

/// Decides an approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettleApproval {
    /// Which.
    pub id: ApprovalId,
    /// The act that the second person saw.
    pub change: Change,
    /// Whose people the caller is of.
    pub agency: AgencyCode,
    /// Who decides: the command's actor.
    pub person: Pseudonym,
    /// How.
    pub settlement: Settlement,
    /// What the act needs beside.
    pub standing: Standing,
}

/// What a change, and what it needs beside, touch.
pub(crate) fn touches(
    change: &Change,
    agency: &AgencyCode,
    carried: Option<DeliveryId>,
    touched: &mut Touched,
) {
    touched.referrals.extend(change.referral());
    touched.deliveries.extend(carried);
    touched.registers.extend(change.person().map(RegisterKey::Suspension));
    match change {
        Change::DiscardDeadLetter { delivery, .. } => _ = touched.deliveries.insert(*delivery),
        Change::RenewBreakGlass { case, person } => {
            let key = GlassKey { case: *case, person: *person };
            touched.registers.insert(RegisterKey::BreakGlass(key));
        }
        Change::PolicyChange { .. } => _ = touched.registers.insert(RegisterKey::PolicySet),
        Change::EraseCase { case, .. } => {
            touched.cases.insert(*case);
            touched.registers.insert(RegisterKey::Erasure(*case));
        }
        Change::HoldCase { case, .. } | Change::LiftHold { case } => {
            touched.cases.insert(*case);
            let key = CaseAgency { case: *case, agency: agency.clone() };
            touched.registers.insert(RegisterKey::Hold(key));
        }
        Change::ReopenDisclosure { reason, .. } => {
            touched.registers.insert(RegisterKey::Suspicion(reason.clone()));
        }
        Change::TurnNoteKey { key, .. } => {
            touched.registers.insert(RegisterKey::NoteKey(note_key::id_of(key).to_owned()));
        }
        Change::VoidReferral { .. } | Change::LiftSuspension { .. } => {}
    }
}

pub(crate) fn ask(
    state: &State,
    asked: &AskApproval,
    actor: Pseudonym,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    if state.registers.contains_key(&RegisterKey::Approval(asked.id)) {
        return Err(Refusal::IdTaken);
    }
    possible(state, &asked.change, &asked.agency, now)?;
    let approval = Approval {
        id: asked.id,
        change: asked.change.clone(),
        agency: asked.agency.clone(),
        by: actor,
        needs: second_person(&asked.agency),
        status: ApprovalStatus::Open,
        expires: now.unclamped.plus_micros(LIFE_MICROS),
        decided_by: None,
    };
    Ok(vec![Event::Register(Register::Approval(approval))])
}

/// What the second person has to be, at an agency and at the hub.
pub(super) fn second_person(agency: &AgencyCode) -> Role {
    if *agency == AgencyCode::hub() { Role::Operator } else { Role::Supervisor }
}

/// Could it be done now?
fn possible(state: &State, change: &Change, agency: &AgencyCode, now: Now) -> Result<(), Refusal> {
    match change {
        Change::VoidReferral { referral, .. } => referral::may_void(state, *referral, agency),
        Change::DiscardDeadLetter { delivery, referral, .. } => {
            discard::may_discard(state, *delivery, *referral, agency)
        }
        Change::RenewBreakGlass { case, person } => {
            let key = GlassKey { case: *case, person: *person };
            break_glass::may_renew(state, key, agency).map(|_| ())
        }
        Change::LiftSuspension { person } => break_glass::may_lift(state, *person, agency).map(|_| ()),
        Change::PolicyChange { set, before, .. } => policy_set::may_change(state, set, before, agency),
        Change::EraseCase { case, .. } => erasure::may_order(state, *case, agency),
        Change::HoldCase { case, .. } => hold::may_set(state, *case, agency),
        Change::LiftHold { case } => hold::may_lift(state, *case, agency).map(|_| ()),
        Change::ReopenDisclosure { reason, since } => {
            suspicion::may_lift(state, reason, *since, agency).map(|_| ())
        }
        Change::TurnNoteKey { key, until, .. } => {
            note_key::may_turn(state, key, *until, agency, now.unclamped)
        }
    }
}

pub(crate) fn settle(
    state: &State,
    asked: &SettleApproval,
    actor: Pseudonym,
    rules: &Rules,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let held = open(state, asked, now)?;
    let settled = |status| {
        let settled = Approval { status, decided_by: Some(actor), ..held.clone() };
        Event::Register(Register::Approval(settled))
    };
    if asked.settlement == Settlement::Withdraw {
        let own = held.by == actor;
        return if own { Ok(vec![settled(ApprovalStatus::Withdrawn)]) } else { Err(Refusal::OwnAct) };
    }
    needs_person(state, asked, held, actor)?;
    if asked.settlement == Settlement::Refuse {
        return Ok(vec![settled(ApprovalStatus::Refused)]);
    }
    possible(state, &held.change, &held.agency, now)?;
    let mut events = vec![settled(ApprovalStatus::Approved)];
    events.extend(done(state, held, &asked.standing, rules, now)?);
    Ok(events)
}

/// The approval as its own agency sees it, while it can still be decided.
fn open<'a>(state: &'a State, asked: &SettleApproval, now: Now) -> Result<&'a Approval, Refusal> {
    let held = match state.registers.get(&RegisterKey::Approval(asked.id)) {
        Some(Register::Approval(held)) if held.agency == asked.agency => held,
        _ => return Err(Refusal::NotFound),
    };
    if held.status != ApprovalStatus::Open {
        return Err(Refusal::ApprovalOver { status: held.status });
    }
    if held.expires <= now.unclamped {
        return Err(Refusal::ApprovalOver { status: ApprovalStatus::Expired });
    }
    // INVARIANT: what is done is what both have seen.
    if held.change == asked.change { Ok(held) } else { Err(Refusal::NotFound) }
}

/// Another person than the one who asked, of the same agency, active, in the role it needs; all of it as it
/// stands at the commit.
fn needs_person(
    state: &State,
    asked: &SettleApproval,
    held: &Approval,
    actor: Pseudonym,
) -> Result<(), Refusal> {
    if actor == held.by || held.change.person() == Some(actor) {
        return Err(Refusal::OwnAct);
    }
    let person = state.person(actor).filter(|person| person.id == asked.person && person.active);
    let person = person.filter(|person| person.agency == held.agency).ok_or(Refusal::PersonNeeded)?;
    let able = person.roles.contains(&held.needs);
    if able { Ok(()) } else { Err(Refusal::RoleMissing { needs: held.needs }) }
}

/// The act itself.
fn done(
    state: &State,
    held: &Approval,
    standing: &Standing,
    rules: &Rules,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let agency = &held.agency;
    match &held.change {
        Change::VoidReferral { referral, reason, object } => {
            referral::void(state, *referral, reason, *object, standing, rules, now)
        }
        Change::DiscardDeadLetter { delivery, reason, .. } => {
            discard::discard(state, *delivery, reason, rules, now.unclamped)
        }
        Change::RenewBreakGlass { case, person } => {
            break_glass::renew(state, GlassKey { case: *case, person: *person }, agency, now.unclamped)
        }
        Change::LiftSuspension { person } => break_glass::lift(state, *person, agency, now.unclamped),
        Change::PolicyChange { set, before, .. } => {
            Ok(policy_set::change(set, before, held.id, now.unclamped))
        }
        Change::EraseCase { case, basis } => Ok(erasure::order(*case, agency, basis, held.id, now.unclamped)),
        Change::HoldCase { case, reason } => Ok(hold::set(*case, agency, reason, held.id, now.unclamped)),
        Change::LiftHold { case } => hold::lift(state, *case, agency, held.id, now.unclamped),
        Change::ReopenDisclosure { reason, since } => {
            suspicion::lift(state, reason, *since, held.id, now.unclamped)
        }
        Change::TurnNoteKey { key, before, until, vouch } => {
            Ok(note_key::turn(key, before, vouch.as_deref(), *until, held.id, now.unclamped))
        }
    }
}

/// Nobody decided it in time.
pub(crate) fn expire(held: &Approval, now: Timestamp) -> Result<Vec<Event>, Refusal> {
    if held.status != ApprovalStatus::Open || held.expires > now {
        return Err(Refusal::NothingToDo);
    }
    let expired = Approval { status: ApprovalStatus::Expired, ..held.clone() };
    Ok(vec![Event::Register(Register::Approval(expired))])
}
