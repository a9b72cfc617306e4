//! What comes of handing a message to an agency, in the words delivery decides by. Not a retry rule: whether
//! and when to try again is `delivery`'s. The whole classification stands in `protocols/verdict.rs`.

use casework::{Code, Document, MessageKind, ReferralId, Sensitive};
use url::Url;

use crate::mapping::MappingError;

/// How to reach one agency: configuration's answer to the names in `agency.toml`.
pub struct Link {
    /// The address the endpoint name stands for.
    pub endpoint: Url,
    /// The secret the credential reference stands for: a bearer token, or Primero's password.
    pub secret: Sensitive<String>,
    /// The one outbound client.
    pub http: egress::Client,
}

/// What came of one attempt.
#[derive(Debug, Clone, PartialEq)]
pub enum Exchange {
    /// The agency's system says it has the message.
    Delivered {
        /// Its own number for it, shown to people and used when polling.
        local_reference: Option<String>,
        /// A synchronous answer as a hub message (`identity.result`), checked by the caller like any other.
        answer: Option<Document>,
        /// SHA-256 of the body of its answer.
        evidence: [u8; 32],
    },
    /// The agency's system says no, for good.
    Refused {
        /// Why: `codes.csv` list `refusal`, or `refused-<status>`.
        code: Code,
    },
    /// It does not have the message; trying again is safe.
    Later {
        /// The error class.
        class: Code,
        /// How long it asks to be left alone, in seconds, capped.
        retry_after_s: Option<u64>,
    },
    /// The message was sent and what became of it is not known. Safe to repeat only where the agency dedupes;
    /// otherwise ask, or let a person decide.
    Unknown {
        /// The error class.
        class: Code,
    },
    /// It cannot work as it stands: a mapping, a setting or an address is wrong. A dead letter.
    Broken {
        /// The error class.
        class: Code,
    },
}

impl Exchange {
    pub(crate) fn later(slug: &'static str) -> Self {
        Self::Later { class: class(slug), retry_after_s: None }
    }
    pub(crate) fn unknown(slug: &'static str) -> Self {
        Self::Unknown { class: class(slug) }
    }
    pub(crate) fn broken(slug: &'static str) -> Self {
        Self::Broken { class: class(slug) }
    }
    /// The same for a step that may be repeated without harm: an unknown outcome is then only a later try.
    pub(crate) fn repeatable(self) -> Self {
        match self {
            Self::Unknown { class } => Self::Later { class, retry_after_s: None },
            other => other,
        }
    }
}

/// What an agency says when asked whether it has a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// It has it.
    Delivered {
        /// Its own number for it.
        local_reference: Option<String>,
        /// SHA-256 of the body of its answer.
        evidence: [u8; 32],
    },
    /// It does not: sending again is safe.
    NotThere,
    /// It could not be asked, or its answer does not tell.
    CannotTell,
}

/// An answer that came back, as a hub message.
#[derive(Clone, PartialEq)]
pub struct Inbound {
    /// Stable for this answer whenever it is read again: the idempotency key.
    pub key: String,
    /// Which referral it answers.
    pub referral: ReferralId,
    /// Which action of the hub it is.
    pub action: MessageKind,
    /// The message, its `schema` member included. The caller checks it against the schema.
    pub body: Document,
}

/// A referral whose answers are still awaited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenReferral {
    /// The referral.
    pub referral: ReferralId,
    /// The agency's own number for it, where delivery learnt it.
    pub local_reference: Option<String>,
}

/// What one round of polling found.
pub struct Polled {
    /// In the order in which they happened.
    pub answers: Vec<Inbound>,
    /// Where to go on next time; keep the old one where `None`.
    pub cursor: Option<String>,
    /// What could not be mapped and waits for a person.
    pub triage: Vec<Triage>,
}

/// One answer that no mapping could read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Triage {
    /// The referral, which is known although its answer is not.
    pub referral: ReferralId,
    /// The agency's own number for it.
    pub local_reference: Option<String>,
    /// What is wrong, with candidates where a code is not mapped.
    pub error: MappingError,
    /// SHA-256 of the record as it was read.
    pub evidence: [u8; 32],
}

/// Why a round of polling gave nothing. The cursor does not move.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// Try again later.
    #[error("the agency did not answer the poll: {class}")]
    Later {
        /// The error class.
        class: Code,
        /// How long it asks to be left alone, in seconds, capped.
        retry_after_s: Option<u64>,
    },
    /// It cannot work as it stands.
    #[error("the agency cannot be polled: {class}; correct its agency.toml or its address")]
    Broken {
        /// The error class.
        class: Code,
    },
}

impl From<Exchange> for ExchangeError {
    /// A poll changes nothing at the agency, so whatever is not broken may be tried again.
    fn from(exchange: Exchange) -> Self {
        match exchange {
            Exchange::Broken { class } | Exchange::Refused { code: class } => Self::Broken { class },
            Exchange::Later { class, retry_after_s } => Self::Later { class, retry_after_s },
            Exchange::Unknown { class } => Self::Later { class, retry_after_s: None },
            Exchange::Delivered { .. } => {
                Self::Later { class: class("unreadable-answer"), retry_after_s: None }
            }
        }
    }
}

/// An error class of this crate as a code.
#[expect(
    clippy::expect_used,
    reason = "every slug is a literal shaped like a code, and tests pass through each"
)]
pub(crate) fn class(slug: &'static str) -> Code {
    slug.parse().expect("error classes are shaped like codes")
}
