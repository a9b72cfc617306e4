//! A question about an identity document, asked of NADRA and answered within a deadline. Four results of one
//! size; nothing the document says ever comes back.

use serde::{Deserialize, Serialize};

use crate::{
    AgencyCode, Case, CaseId, Categories, CheckId, Code, Event, Notice, Noticed, ObjectId, Refusal, Role,
    State, Timestamp,
};

/// Where a check stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckStatus {
    /// Asked; an answer is due.
    Asked,
    /// Answered with a result.
    Answered,
    /// The agency refused to answer.
    Refused,
    /// No answer by the deadline, or the hub stopped meanwhile.
    TimedOut,
}

/// NADRA's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdentityResult {
    /// The attributes belong together.
    Match,
    /// They do not.
    NoMatch,
    /// There is no such document.
    NoRecord,
    /// Several fit.
    Ambiguous,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityCheck {
    /// Its id; the agency's transaction id too.
    pub id: CheckId,
    /// The case it is asked for.
    pub case: CaseId,
    /// Who asks.
    pub from: AgencyCode,
    /// Who is asked.
    pub to: AgencyCode,
    /// Where it stands.
    pub status: CheckStatus,
    /// The sealed question.
    pub object: ObjectId,
    /// The answer, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<IdentityResult>,
}

/// What an entry says of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityMoved {
    /// The check.
    pub check: CheckId,
    /// The case.
    pub case: CaseId,
    /// Did the check open the case?
    pub opened: bool,
    /// Who asks.
    pub from: AgencyCode,
    /// Who is asked.
    pub to: AgencyCode,
    /// The state after it.
    pub status: CheckStatus,
    /// The answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<IdentityResult>,
    /// The sealed question.
    pub object: ObjectId,
    /// Categories shown to the agency asked.
    #[serde(default, skip_serializing_if = "Categories::is_empty")]
    pub shown: Categories,
    /// What for; none in what older hubs wrote, and in answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Code>,
    /// On what basis; none likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Code>,
}

/// Asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskIdentity {
    /// The new check.
    pub check: CheckId,
    /// The case, new or known.
    pub case: CaseId,
    /// Is the case new?
    pub open_case: bool,
    /// Who asks.
    pub from: AgencyCode,
    /// Who is asked.
    pub to: AgencyCode,
    /// The sealed question.
    pub object: ObjectId,
    /// Categories the agency asked will see.
    pub shown: Categories,
    /// In what role its asker asks.
    pub role: Code,
    /// What for.
    pub purpose: Code,
    /// On what basis.
    pub basis: Code,
}

/// Answers, or gives up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerIdentity {
    /// Which check.
    pub check: CheckId,
    /// How it ended.
    pub status: CheckStatus,
    /// The answer.
    pub result: Option<IdentityResult>,
}

pub(crate) fn ask(state: &State, asked: &AskIdentity) -> Result<Vec<Event>, Refusal> {
    if state.checks.contains_key(&asked.check) {
        return Err(Refusal::IdTaken);
    }
    crate::referral::check_case(state, asked.case, asked.open_case, &asked.from)?;
    let asks = Event::Identity(IdentityMoved {
        check: asked.check,
        case: asked.case,
        opened: asked.open_case,
        from: asked.from.clone(),
        to: asked.to.clone(),
        status: CheckStatus::Asked,
        result: None,
        object: asked.object,
        shown: asked.shown.clone(),
        purpose: Some(asked.purpose.clone()),
        basis: Some(asked.basis.clone()),
    });
    Ok(std::iter::once(asks).chain(told(state, asked)).collect())
}

/// Whoever is responsible for the case is told who looked.
fn told(state: &State, asked: &AskIdentity) -> Option<Event> {
    let case = state.cases.get(&asked.case)?;
    Some(Event::Noticed(Noticed {
        what: Notice::IdentityChecked,
        case: asked.case,
        whom: case.owner().clone(),
        role: Role::Supervisor,
        by: asked.from.clone(),
        by_role: asked.role.clone(),
        about: asked.check.to_string(),
    }))
}

pub(crate) fn answer(state: &State, found: &AnswerIdentity) -> Result<Vec<Event>, Refusal> {
    let held = state.checks.get(&found.check).ok_or(Refusal::NotFound)?;
    if held.status != CheckStatus::Asked || found.status == CheckStatus::Asked {
        return Err(Refusal::DeliveryMoved);
    }
    Ok(vec![Event::Identity(IdentityMoved {
        check: held.id,
        case: held.case,
        opened: false,
        from: held.from.clone(),
        to: held.to.clone(),
        status: found.status,
        result: found.result,
        object: held.object,
        shown: Categories::new(),
        purpose: None,
        basis: None,
    })])
}

pub(crate) fn apply(state: &mut State, event: &IdentityMoved, at: Timestamp) {
    if event.opened {
        state.cases.insert(event.case, Case::opened(event.case, event.from.clone(), at));
    }
    state.checks.insert(
        event.check,
        IdentityCheck {
            id: event.check,
            case: event.case,
            from: event.from.clone(),
            to: event.to.clone(),
            status: event.status,
            object: event.object,
            result: event.result,
        },
    );
}
