//! Breaking the glass: a registered person looks into one case that the agency is no party to, for an hour,
//! reading only. Everybody who answers for the case is told in the same commit. Another person has to look at
//! it within three days; where nobody does, the right is suspended until two people lift that.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{BadRegisterKey, Register, RegisterKey, Role};
use crate::{
    AgencyCode, CaseId, Code, Event, Notice, Noticed, ObjectId, Pseudonym, ReadEntry, Refusal, State,
    Timestamp,
};

/// How long one may look: the word.
const OPEN_MICROS: i64 = 60 * 60 * 1_000_000;
/// How long another person has to look at it: the word.
const REVIEW_MICROS: i64 = 72 * 3_600 * 1_000_000;

/// Whose look into which case. Its text, `cs_….ps_…`, is its id: one at a time for each person and case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GlassKey {
    /// The case.
    pub case: CaseId,
    /// Who looks.
    pub person: Pseudonym,
}

impl fmt::Display for GlassKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.case, self.person)
    }
}

impl FromStr for GlassKey {
    type Err = BadRegisterKey;
    fn from_str(text: &str) -> Result<Self, BadRegisterKey> {
        let (case, person) = text.split_once('.').ok_or(BadRegisterKey)?;
        let case = case.parse().map_err(|_| BadRegisterKey)?;
        Ok(Self { case, person: person.parse().map_err(|_| BadRegisterKey)? })
    }
}

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GlassStatus {
    /// Waits for another person to look at it; for its hour the case can be read.
    Open,
    /// Looked at.
    Reviewed,
    /// Nobody looked at it in time.
    Unreviewed,
}

/// What the other person found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It had to be.
    Justified,
    /// It need not have been.
    NotJustified,
}

/// One person's look into one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakGlass {
    /// The case.
    pub case: CaseId,
    /// Who looks.
    pub person: Pseudonym,
    /// Whose person.
    pub agency: AgencyCode,
    /// In what role.
    pub role: Code,
    /// Why, coded.
    pub reason: Code,
    /// Why, in words: sealed.
    pub object: ObjectId,
    /// Who was responsible for the case then.
    pub owner: AgencyCode,
    /// How it stands.
    pub status: GlassStatus,
    /// Since when.
    pub opened: Timestamp,
    /// Until when the case can be read.
    pub until: Timestamp,
    /// Until when another person has to look at it.
    pub review_by: Timestamp,
    /// How often a second person gave another hour.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub renewed: u32,
    /// Who looked at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed_by: Option<Pseudonym>,
    /// What was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

/// The right of a person to break the glass, taken away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// Whose.
    pub person: Pseudonym,
    /// Whose person.
    pub agency: AgencyCode,
    /// The case whose look nobody looked at.
    pub case: CaseId,
    /// Since when.
    pub since: Timestamp,
    /// Lifted when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifted: Option<Timestamp>,
}

/// Asks to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenGlass {
    /// Which, and who: the command's actor.
    pub key: GlassKey,
    /// Whose person.
    pub agency: AgencyCode,
    /// In what role.
    pub role: Code,
    /// Why, coded.
    pub reason: Code,
    /// Why, in words: sealed.
    pub object: ObjectId,
}

/// Another person has looked at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewGlass {
    /// Which.
    pub key: GlassKey,
    /// Who looked at it: the command's actor.
    pub person: Pseudonym,
    /// Whose person.
    pub agency: AgencyCode,
    /// What was found.
    pub verdict: Verdict,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives it so")]
const fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl BreakGlass {
    /// Which it is.
    #[must_use]
    pub const fn key(&self) -> GlassKey {
        GlassKey { case: self.case, person: self.person }
    }

    /// May the case be read now?
    #[must_use]
    pub fn shows(&self, now: Timestamp) -> bool {
        self.status == GlassStatus::Open && now < self.until
    }

    /// Those who answer for the case and for whoever looks, each once: the custodian and both agencies'
    /// privacy officers.
    fn notices(&self, what: Notice) -> Vec<Event> {
        let mut told = vec![(&self.owner, Role::Supervisor), (&self.owner, Role::PrivacyOfficer)];
        if self.agency != self.owner {
            told.push((&self.agency, Role::PrivacyOfficer));
        }
        let notice = |(whom, role): (&AgencyCode, Role)| {
            Event::Noticed(Noticed {
                what,
                case: self.case,
                whom: whom.clone(),
                role,
                by: self.agency.clone(),
                by_role: self.role.clone(),
                about: self.key().to_string(),
            })
        };
        told.into_iter().map(notice).collect()
    }

    fn entered(self, what: Notice) -> Vec<Event> {
        let notices = self.notices(what);
        let row = Event::Register(Register::BreakGlass(self));
        std::iter::once(row).chain(notices).collect()
    }
}

pub(crate) fn open(
    state: &State,
    asked: &OpenGlass,
    actor: Pseudonym,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    // INVARIANT: who asks is looked at before what is asked for, so that a refusal tells nothing of the case.
    let person = state.person(actor).filter(|person| person.active && person.agency == asked.agency);
    person.filter(|person| person.id == asked.key.person).ok_or(Refusal::PersonNeeded)?;
    if suspension(state, actor).is_some() {
        return Err(Refusal::RightSuspended);
    }
    if glass(state, asked.key).is_some_and(|held| held.status == GlassStatus::Open) {
        return Err(Refusal::NeedsApproval);
    }
    // A party has its own way in.
    let case = state.cases.get(&asked.key.case).filter(|case| !case.parties.contains(&asked.agency));
    let case = case.ok_or(Refusal::NotFound)?;
    let OpenGlass { key, agency, role, reason, object } = asked.clone();
    let opened = BreakGlass {
        case: key.case,
        person: key.person,
        agency,
        role,
        reason,
        object,
        owner: case.owner().clone(),
        status: GlassStatus::Open,
        opened: now,
        until: now.plus_micros(OPEN_MICROS),
        review_by: now.plus_micros(REVIEW_MICROS),
        renewed: 0,
        reviewed_by: None,
        verdict: None,
    };
    Ok(opened.entered(Notice::BreakGlassOpened))
}

pub(crate) fn review(state: &State, asked: &ReviewGlass, actor: Pseudonym) -> Result<Vec<Event>, Refusal> {
    let held = glass(state, asked.key);
    let held = held.filter(|held| [&held.agency, &held.owner].contains(&&asked.agency));
    let held = held.ok_or(Refusal::NotFound)?;
    let person = state.person(actor).filter(|person| person.active && person.id == asked.person);
    let person = person.filter(|person| person.agency == asked.agency).ok_or(Refusal::PersonNeeded)?;
    if held.person == actor {
        return Err(Refusal::OwnAct);
    }
    if ![Role::PrivacyOfficer, Role::Supervisor].iter().any(|role| person.roles.contains(role)) {
        return Err(Refusal::RoleMissing { needs: Role::PrivacyOfficer });
    }
    if held.status == GlassStatus::Reviewed {
        return Err(Refusal::ReviewedAlready);
    }
    let (reviewed_by, verdict) = (Some(actor), Some(asked.verdict));
    let reviewed = BreakGlass { status: GlassStatus::Reviewed, reviewed_by, verdict, ..held.clone() };
    Ok(reviewed.entered(Notice::BreakGlassReviewed))
}

/// Could it be given another hour? Asked for by its own agency only, while it waits for its review.
pub(crate) fn may_renew(state: &State, key: GlassKey, agency: &AgencyCode) -> Result<BreakGlass, Refusal> {
    let held = glass(state, key).filter(|held| held.agency == *agency).ok_or(Refusal::NotFound)?;
    if suspension(state, key.person).is_some() {
        return Err(Refusal::RightSuspended);
    }
    if held.status == GlassStatus::Open { Ok(held.clone()) } else { Err(Refusal::NothingToDo) }
}

/// A second person agreed: another hour. The review is due when it was.
pub(crate) fn renew(
    state: &State,
    key: GlassKey,
    agency: &AgencyCode,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let held = may_renew(state, key, agency)?;
    let renewed = held.renewed.saturating_add(1);
    let renewed = BreakGlass { until: now.plus_micros(OPEN_MICROS), renewed, ..held };
    Ok(renewed.entered(Notice::BreakGlassRenewed))
}

pub(crate) fn may_lift(state: &State, person: Pseudonym, agency: &AgencyCode) -> Result<Suspension, Refusal> {
    suspension(state, person).filter(|held| held.agency == *agency).cloned().ok_or(Refusal::NotFound)
}

/// Two people gave the right back.
pub(crate) fn lift(
    state: &State,
    person: Pseudonym,
    agency: &AgencyCode,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let lifted = Suspension { lifted: Some(now), ..may_lift(state, person, agency)? };
    Ok(vec![Event::Register(Register::Suspension(lifted))])
}

/// Nobody looked at it in time.
pub(crate) fn lapse(held: &BreakGlass, now: Timestamp) -> Result<Vec<Event>, Refusal> {
    if held.status != GlassStatus::Open || held.review_by > now {
        return Err(Refusal::NothingToDo);
    }
    let BreakGlass { person, agency, case, .. } = held.clone();
    let suspended = Suspension { person, agency, case, since: now, lifted: None };
    let unreviewed = BreakGlass { status: GlassStatus::Unreviewed, ..held.clone() };
    let mut events = unreviewed.entered(Notice::BreakGlassUnreviewed);
    events.insert(1, Event::Register(Register::Suspension(suspended)));
    Ok(events)
}

/// A look under a broken glass counts only while it does, and while the right of whoever looks is not
/// suspended: asked again at the commit.
pub(crate) fn read(state: &State, read: &ReadEntry, actor: Pseudonym, now: Timestamp) -> Result<(), Refusal> {
    let Some(key) = read.glass() else { return Ok(()) };
    let shows = glass(state, key).is_some_and(|held| held.shows(now) && held.agency == read.agency);
    let may = key.person == actor && suspension(state, actor).is_none();
    if shows && may { Ok(()) } else { Err(Refusal::NotFound) }
}

fn glass(state: &State, key: GlassKey) -> Option<&BreakGlass> {
    match state.registers.get(&RegisterKey::BreakGlass(key)) {
        Some(Register::BreakGlass(held)) => Some(held),
        _ => None,
    }
}

/// The suspension that counts now.
fn suspension(state: &State, person: Pseudonym) -> Option<&Suspension> {
    match state.registers.get(&RegisterKey::Suspension(person)) {
        Some(Register::Suspension(held)) => Some(held).filter(|held| held.lifted.is_none()),
        _ => None,
    }
}
