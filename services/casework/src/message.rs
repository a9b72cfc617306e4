//! The kinds of message agencies exchange. Each has a schema folder of the same name under
//! `schemas/messages/`; a test holds the two lists equal.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A word that is no message kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no message of that name")]
pub struct UnknownMessage;

/// What a message is for. An answer's kind is also the last path segment of
/// `POST /v1/referrals/{id}/{action}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageKind {
    /// A sender asks one or more agencies to serve a child.
    Request,
    /// An identified officer of the receiver opened it.
    Received,
    /// The receiver takes responsibility.
    Accept,
    /// The receiver declines, with a coded reason; the sender owns the child again.
    Reject,
    /// The receiver pauses, with a reason and a review date.
    Hold,
    /// The sender answers a question asked with a hold.
    Information,
    /// First action, or an interim note.
    Progress,
    /// What came of it: completed or failed, coded.
    Outcome,
    /// The owner of a rejected or failed referral ends it with a reason.
    Close,
    /// The sender acknowledges the outcome.
    Feedback,
    /// A pause without a question ends, or a question is withdrawn.
    Resume,
    /// The sender asks the receiver to stop.
    CancelRequest,
    /// The receiver has stopped, and says what was given already.
    CancelConfirm,
    /// The receiver must go on, by a duty it names.
    CancelRefuse,
    /// Two people of the sender say that it should never have been.
    Void,
    /// The receiver has removed what it had of it.
    Purged,
    /// The sender takes back the consent that it had.
    ConsentRevoked,
    /// The receiver has ceased, or says on what other ground it goes on.
    Cease,
    /// The hub says that a clock is overdue, to whoever has to see to it next.
    Overdue,
    /// A question about an identity document.
    IdentityCheck,
    /// Its answer: status and result only.
    IdentityResult,
}

impl MessageKind {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Request,
        Self::Received,
        Self::Accept,
        Self::Reject,
        Self::Hold,
        Self::Information,
        Self::Progress,
        Self::Outcome,
        Self::Close,
        Self::Feedback,
        Self::Resume,
        Self::CancelRequest,
        Self::CancelConfirm,
        Self::CancelRefuse,
        Self::Void,
        Self::Purged,
        Self::ConsentRevoked,
        Self::Cease,
        Self::Overdue,
        Self::IdentityCheck,
        Self::IdentityResult,
    ];

    /// The schema's name, `referral.accept` for example: the folder under `schemas/messages/`.
    #[must_use]
    pub const fn schema_name(self) -> &'static str {
        match self {
            Self::Request => "referral.request",
            Self::Received => "referral.received",
            Self::Accept => "referral.accept",
            Self::Reject => "referral.reject",
            Self::Hold => "referral.hold",
            Self::Information => "referral.information",
            Self::Progress => "referral.progress",
            Self::Outcome => "referral.outcome",
            Self::Close => "referral.close",
            Self::Feedback => "referral.feedback",
            Self::Resume => "referral.resume",
            Self::CancelRequest => "referral.cancel-request",
            Self::CancelConfirm => "referral.cancel-confirm",
            Self::CancelRefuse => "referral.cancel-refuse",
            Self::Void => "referral.void",
            Self::Purged => "referral.purged",
            Self::ConsentRevoked => "consent.revoked",
            Self::Cease => "referral.cease",
            Self::Overdue => "referral.overdue",
            Self::IdentityCheck => "identity.check",
            Self::IdentityResult => "identity.result",
        }
    }

    /// The kind an action of a referral's path names: `accept`, `outcome`, ...
    ///
    /// # Errors
    /// [`UnknownMessage`] where no answer has that name (`request` is none: it makes a referral; `overdue` is
    /// the hub's own).
    pub fn from_action(action: &str) -> Result<Self, UnknownMessage> {
        let name = format!("referral.{action}");
        let found = name.parse()?;
        if matches!(found, Self::Request | Self::Overdue) { Err(UnknownMessage) } else { Ok(found) }
    }

    /// May it still be handed over once the consent has ended that a referral rests on? Only what says so,
    /// and nothing about the child.
    #[must_use]
    pub const fn outlives_consent(self) -> bool {
        matches!(self, Self::ConsentRevoked | Self::Cease | Self::Overdue)
    }

    /// The action's name: the schema's name after the dot.
    #[must_use]
    pub fn action(self) -> &'static str {
        self.schema_name().split_once('.').map_or("", |(_, action)| action)
    }
}

impl fmt::Display for MessageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.schema_name())
    }
}

impl FromStr for MessageKind {
    type Err = UnknownMessage;
    fn from_str(text: &str) -> Result<Self, UnknownMessage> {
        Self::ALL.iter().find(|kind| kind.schema_name() == text).copied().ok_or(UnknownMessage)
    }
}
