//! Why a use case did not do what was asked. Each has one stable problem slug; HTTP turns slugs into types
//! and statuses, the command line into sentences.

use casework::{Code, PolicyAsked, Refusal};
use schemas::{Invalid, RouteRefusal};
use store::StoreError;

use crate::Reached;

/// A refusal with a slug of its own and, where one exists, the place in the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Stable word, for example `recipient-without-mandate`.
    pub slug: &'static str,
    /// What, why and what to do; never a submitted value.
    pub detail: String,
    /// JSON Pointer into the message, if one place is to blame.
    pub pointer: Option<String>,
}

impl Problem {
    /// A problem about the whole request.
    #[must_use]
    pub fn new(slug: &'static str, detail: impl Into<String>) -> Self {
        Self { slug, detail: detail.into(), pointer: None }
    }
    /// A problem at one place of the message.
    #[must_use]
    pub fn at(slug: &'static str, pointer: String, detail: impl Into<String>) -> Self {
        Self { slug, detail: detail.into(), pointer: Some(pointer) }
    }
}

/// The policies said no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// What, and what to do; never a submitted value.
    pub detail: String,
    /// What they were asked, for the refusal's entry; none where it would not fit there.
    pub asked: Option<Box<PolicyAsked>>,
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// The message does not fit its schema.
    #[error("the message is not valid: {}", .0.problem)]
    Invalid(Invalid),
    /// Anything else that the caller can mend.
    #[error("{}: {}", .0.slug, .0.detail)]
    Problem(Problem),
    /// The policies say no.
    #[error("not-permitted: {}", .0.detail)]
    Denied(Denied),
    /// The rules say no.
    #[error(transparent)]
    Refused(Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A limit is reached.
    #[error("the limit `{}` is reached", .0.limit)]
    Limited(Reached),
    /// Policies or keys are in doubt: disclosure stays closed until an operator has looked.
    #[error("this cannot be shown now: {0}")]
    InDoubt(&'static str),
    /// The ledger is suspect, for this reason: nothing about a child is shown until two people have looked.
    #[error("the ledger is suspect (`{0}`): nothing is shown until two people of the hub have looked")]
    LedgerSuspect(Code),
    /// A case key is gone, and nobody ordered that.
    #[error("a case key is gone, and no erasure was ordered; it is logged as an alarm")]
    KeyLoss,
}

impl HubError {
    /// The stable slug.
    #[must_use]
    pub const fn slug(&self) -> &'static str {
        match self {
            Self::Invalid(invalid) => invalid.problem,
            Self::Problem(problem) => problem.slug,
            Self::Denied(_) => "not-permitted",
            Self::Refused(refusal) => refusal_slug(refusal),
            Self::Store(
                StoreError::Full
                | StoreError::OutcomeUnknown
                | StoreError::NoKey
                | StoreError::Database(_)
                | StoreError::Unreachable(_)
                | StoreError::Closed,
            ) => "try-again",
            Self::Store(StoreError::LedgerSuspect(_)) => "intake-closed",
            Self::Store(_) => "internal",
            Self::Limited(_) => "limit-reached",
            Self::InDoubt(_) => "disclosure-closed",
            Self::LedgerSuspect(_) => "ledger-suspect",
            Self::KeyLoss => "key-loss",
        }
    }
}

const fn refusal_slug(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::NotFound => "not-found",
        Refusal::InvalidTransition { .. } => "invalid-transition",
        Refusal::VersionConflict { .. } => "version-conflict",
        Refusal::StalePermit | Refusal::IdTaken | Refusal::NothingToDo => "try-again",
        Refusal::ReasonMissing { .. } => "validation-failed",
        Refusal::NoConsent => "consent-not-in-force",
        Refusal::NotOwner => "not-case-owner",
        Refusal::CaseHeld => "case-held",
        Refusal::Erased => "erased",
        Refusal::DeliveryMoved => "delivery-moved",
        Refusal::OutcomeUnknown => "outcome-unknown",
        Refusal::NeedsApproval | Refusal::OwnAct | Refusal::PersonNeeded | Refusal::RoleMissing { .. } => {
            "needs-another-person"
        }
        Refusal::ApprovalOver { .. } => "approval-over",
        Refusal::RightSuspended => "right-suspended",
        Refusal::ReviewedAlready => "already-reviewed",
        Refusal::PoliciesMoved => "policies-moved",
    }
}

impl HubError {
    /// Something that may be over in a moment, or that waits for an operator: the message stays where it is.
    pub(crate) const fn is_passing(&self) -> bool {
        matches!(self, Self::Store(_) | Self::InDoubt(_) | Self::LedgerSuspect(_) | Self::KeyLoss)
    }
}

impl From<Invalid> for HubError {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl From<Problem> for HubError {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Refusal> for HubError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Absent and forbidden alike.
pub(crate) fn not_found() -> HubError {
    HubError::Refused(Refusal::NotFound)
}

/// A message its schema accepted and its view cannot read: our fault.
impl From<schemas::messages::NotThisMessage> for HubError {
    fn from(_: schemas::messages::NotThisMessage) -> Self {
        Self::Store(StoreError::Unreadable("a message its schema accepts and its view does not".to_owned()))
    }
}

/// Where in the list of recipients a route was refused, and why.
pub(crate) fn route_problem(at: usize, refusal: &RouteRefusal) -> HubError {
    let (slug, member) = match refusal {
        RouteRefusal::UnknownAgency => ("unknown-agency", "agency"),
        RouteRefusal::UnknownService => ("unknown-code", "service"),
        RouteRefusal::NoMandate { .. } => ("recipient-without-mandate", "agency"),
    };
    let mut detail = refusal.to_string();
    if let RouteRefusal::NoMandate { holders } = refusal {
        let names: Vec<&str> = holders.iter().map(casework::AgencyCode::as_str).collect();
        if !names.is_empty() {
            detail = format!("{detail}; today it could go to {}", names.join(", "));
        }
    }
    Problem::at(slug, format!("/recipients/{at}/{member}"), detail).into()
}
