//! Why a command changes nothing. Not errors of the machine: each is an answer a caller can act on.

use crate::{ApprovalStatus, MessageKind, Role, Status};

/// A command that the rules do not allow now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Absent, or not this caller's: from outside the two look alike.
    #[error("no such thing here for you")]
    NotFound,
    /// The referral's state does not allow this step by this agency.
    #[error("`{step}` is not possible while the referral is {status}")]
    InvalidTransition {
        /// What was tried.
        step: MessageKind,
        /// The state it is in.
        status: Status,
        /// What this caller may do instead.
        allowed: Vec<MessageKind>,
    },
    /// The caller named a version (`If-Match`) that is no longer the newest.
    #[error("the referral has moved on to version {current}")]
    VersionConflict {
        /// The newest version.
        current: u64,
    },
    /// What the policy looked at moved before the commit; ask the policy again.
    #[error("the permit is stale")]
    StalePermit,
    /// A delivery that is not in a state for this (already finished, or another attempt runs).
    #[error("the delivery is not in a state for this")]
    DeliveryMoved,
    /// A replay of a delivery that may have arrived: a person has to settle it first.
    #[error("the outcome is unknown: resolve it as delivered or not delivered first")]
    OutcomeUnknown,
    /// What was asked for has been done, or is not due: nothing was entered.
    #[error("there is nothing to do")]
    NothingToDo,
    /// A step that needs a coded reason came without one.
    #[error("`{step}` needs a reason")]
    ReasonMissing {
        /// The step.
        step: MessageKind,
    },
    /// An act that takes two people came from one.
    #[error("this takes a second person: ask for it, and somebody else decides")]
    NeedsApproval,
    /// Whoever asks does not decide, and nobody says who he is himself.
    #[error("this takes somebody else than whoever asked, or whom it is about")]
    OwnAct,
    /// Only a person that the agency has registered may be the second one.
    #[error("only a registered person of the agency can decide this")]
    PersonNeeded,
    /// The person is not in the role it takes.
    #[error("only a person in the role `{needs}` can decide this")]
    RoleMissing {
        /// The role.
        needs: Role,
    },
    /// An approval that is decided already, or whose time is over.
    #[error("the approval is {}", .status.as_str())]
    ApprovalOver {
        /// How it stands.
        status: ApprovalStatus,
    },
    /// The right to break the glass was taken away, because an earlier look was not looked at in time.
    #[error("the right to break the glass is suspended: an earlier look was not reviewed in time")]
    RightSuspended,
    /// Another person has looked at it already.
    #[error("it was reviewed already")]
    ReviewedAlready,
    /// Another set of policies came into force since this one was compared.
    #[error("another set of policies is in force by now; compare again")]
    PoliciesMoved,
    /// A request on consent that is over, or that was taken back since it was given.
    #[error("the consent this rests on is over or was taken back")]
    NoConsent,
    /// Somebody has said that the case must be kept.
    #[error("the case is held: it must be kept until whoever holds it lifts that")]
    CaseHeld,
    /// What was kept of the case is destroyed, or about to be.
    #[error("the case was erased on order")]
    Erased,
    /// A case that another is responsible for cannot be handed over, and only its owner can be asked for it.
    #[error("another agency is responsible for this case")]
    NotOwner,
    /// An id or a spoken reference that is already taken; draw another.
    #[error("the id is taken")]
    IdTaken,
}
