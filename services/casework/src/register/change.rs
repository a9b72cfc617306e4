//! The acts that take two people, word for word as both of them see them. How they are asked for and decided
//! is `approval.rs`'s; what each of them does stands with the thing that it changes.

use serde::{Deserialize, Serialize};

use super::Replayed;
use crate::{CaseId, Code, DeliveryId, Digest, ObjectId, Pseudonym, ReferralId, Timestamp};

/// The exact act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum Change {
    /// A referral that never should have been: entered in error.
    VoidReferral {
        /// Which.
        referral: ReferralId,
        /// Why, coded.
        reason: Code,
        /// The sealed message that says so.
        object: ObjectId,
    },
    /// A dead letter that will never be sent.
    DiscardDeadLetter {
        /// The delivery.
        delivery: DeliveryId,
        /// The referral it belongs to.
        referral: ReferralId,
        /// Why, coded.
        reason: Code,
    },
    /// Another hour for a look into a case.
    RenewBreakGlass {
        /// The case.
        case: CaseId,
        /// Who looks.
        person: Pseudonym,
    },
    /// The right to break the glass, given back.
    LiftSuspension {
        /// To whom.
        person: Pseudonym,
    },
    /// Another set of policies comes into force.
    PolicyChange {
        /// Its digest.
        set: Digest,
        /// The digest of the set it was compared with, and takes the place of.
        before: Digest,
        /// What it would have made of past decisions.
        replay: Replayed,
    },
    /// A case is erased.
    EraseCase {
        /// Which.
        case: CaseId,
        /// On what ground, coded.
        basis: Code,
    },
    /// A case must be kept.
    HoldCase {
        /// Which.
        case: CaseId,
        /// Why, coded.
        reason: Code,
    },
    /// It need not be kept for this agency any more.
    LiftHold {
        /// Which.
        case: CaseId,
    },
    /// What made the ledger suspect is understood: what is known of children is shown again.
    ReopenDisclosure {
        /// The suspicion, by its reason.
        reason: Code,
        /// Since when it stands as it was looked at.
        since: Timestamp,
    },
    /// Another key signs checkpoints.
    TurnNoteKey {
        /// The public key that will, as verifiers take it.
        key: String,
        /// The one that does.
        before: String,
        /// Until when both sign.
        until: Timestamp,
        /// The new key's signature of both.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        vouch: Option<String>,
    },
}

impl Change {
    /// The referral it is about, if it is about one.
    #[must_use]
    pub const fn referral(&self) -> Option<ReferralId> {
        match self {
            Self::VoidReferral { referral, .. } | Self::DiscardDeadLetter { referral, .. } => Some(*referral),
            Self::RenewBreakGlass { .. }
            | Self::LiftSuspension { .. }
            | Self::PolicyChange { .. }
            | Self::EraseCase { .. }
            | Self::HoldCase { .. }
            | Self::LiftHold { .. }
            | Self::ReopenDisclosure { .. }
            | Self::TurnNoteKey { .. } => None,
        }
    }

    /// The person it is about: that one decides nothing here.
    #[must_use]
    pub const fn person(&self) -> Option<Pseudonym> {
        match self {
            Self::RenewBreakGlass { person, .. } | Self::LiftSuspension { person } => Some(*person),
            Self::VoidReferral { .. }
            | Self::DiscardDeadLetter { .. }
            | Self::PolicyChange { .. }
            | Self::EraseCase { .. }
            | Self::HoldCase { .. }
            | Self::LiftHold { .. }
            | Self::ReopenDisclosure { .. }
            | Self::TurnNoteKey { .. } => None,
        }
    }
}
