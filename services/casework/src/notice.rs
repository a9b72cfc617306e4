//! Somebody is told of a look into a case that it answers for, that the case's time is over, or of an
//! erasure: by reference only. An entry of its own, which the agency it names gets as an event; nothing
//! about the child stands in it.

use serde::{Deserialize, Serialize};

use crate::{AgencyCode, CaseId, Code, Role};

/// Of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Notice {
    /// An identity check was asked for the case.
    IdentityChecked,
    /// A number was asked for that nobody has a reason to ask for.
    HoneyRecord,
    /// Somebody who is no party looks into the case, for an hour.
    BreakGlassOpened,
    /// The same, for another hour, because a second person agreed.
    BreakGlassRenewed,
    /// Another person has looked at it since.
    BreakGlassReviewed,
    /// Nobody has in time: whoever looked may not do it again.
    BreakGlassUnreviewed,
    /// The case was erased: what the agency has of it in its own system has to go, and it has to say so.
    CaseErased,
    /// It has not said so in time.
    ErasureUnacknowledged,
    /// The time for which the case had to be kept is over: two people of the agency may have it erased.
    RetentionOver,
}

impl Notice {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::IdentityChecked,
        Self::HoneyRecord,
        Self::BreakGlassOpened,
        Self::BreakGlassRenewed,
        Self::BreakGlassReviewed,
        Self::BreakGlassUnreviewed,
        Self::CaseErased,
        Self::ErasureUnacknowledged,
        Self::RetentionOver,
    ];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IdentityChecked => "identity-checked",
            Self::HoneyRecord => "honey-record",
            Self::BreakGlassOpened => "break-glass-opened",
            Self::BreakGlassRenewed => "break-glass-renewed",
            Self::BreakGlassReviewed => "break-glass-reviewed",
            Self::BreakGlassUnreviewed => "break-glass-unreviewed",
            Self::CaseErased => "case-erased",
            Self::ErasureUnacknowledged => "erasure-unacknowledged",
            Self::RetentionOver => "retention-over",
        }
    }

    /// Is it for the people in that role alone? An agency's system may be what it warns of.
    #[must_use]
    pub const fn is_confidential(self) -> bool {
        matches!(self, Self::HoneyRecord)
    }
}

/// Who is told of what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noticed {
    /// Of what.
    pub what: Notice,
    /// Of which case.
    pub case: CaseId,
    /// Whose people are told.
    pub whom: AgencyCode,
    /// Which of them.
    pub role: Role,
    /// Which agency looked.
    pub by: AgencyCode,
    /// In what role.
    pub by_role: Code,
    /// The check, or the look, by its id.
    pub about: String,
}
