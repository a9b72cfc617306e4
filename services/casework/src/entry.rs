//! An entry of the ledger and the bytes of its leaf: JSON, members in one order, at most 1 KiB. Entries hold
//! no personal data; the commitment binds them to the sealed message they speak of.

use serde::{Deserialize, Serialize};

use crate::{Digest, Event, Pseudonym, Timestamp, Via};

/// A leaf is never larger: what needs more belongs in a sealed body.
pub const LEAF_BYTES_MAX: usize = 1024;
/// The layout of leaves written by this version.
const LEAF_VERSION: u8 = 1;

/// Bytes that are not a leaf, or an entry that is too large for one.
#[derive(Debug, thiserror::Error)]
pub enum LeafError {
    /// Not JSON of the expected shape.
    #[error("not a ledger leaf of version {LEAF_VERSION}: {0}")]
    Shape(#[from] serde_json::Error),
    /// Larger than [`LEAF_BYTES_MAX`].
    #[error("a ledger leaf of {0} bytes; at most {LEAF_BYTES_MAX} are allowed")]
    Size(usize),
    /// Reading it back did not give the same entry.
    #[error("a ledger leaf that does not read back as it was written")]
    Unfaithful,
}

/// What binds an entry to the message it speaks of, without telling anything about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commitment {
    /// HMAC-SHA-256(opening, exact message bytes) in hexadecimal.
    pub message: Digest,
    /// The same over the agency's signature, where the message came with one.
    pub signature: Option<Digest>,
}

/// How sure it is whose message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Assurance {
    /// Its agency signed it with a registered key.
    Signed,
    /// It came over an authenticated connection, and nobody signed it: the lower assurance.
    Unsigned,
}

impl Assurance {
    /// Of a message with or without a signature.
    #[must_use]
    pub const fn of(signed: bool) -> Self {
        if signed { Self::Signed } else { Self::Unsigned }
    }
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Unsigned => "unsigned",
        }
    }
}

/// What happened, when, by whom, under which policies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Layout version.
    v: u8,
    /// Case time in microseconds; never before the entry before it.
    pub at: Timestamp,
    /// Whose act, as a pseudonym.
    pub actor: Pseudonym,
    /// By which door.
    pub via: Via,
    /// First 16 hexadecimal digits of the policy set's digest, where a policy was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Digest>,
    /// HMAC-SHA-256(opening, exact message bytes) in hexadecimal, where the entry speaks of a message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitment: Option<Digest>,
    /// HMAC-SHA-256(opening, the agency's detached signature over the message) in hexadecimal, where it
    /// signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Digest>,
    /// The fact.
    pub event: Event,
}

/// An entry as this program writes it, and what reads it fastest.
#[derive(Deserialize)]
#[serde(remote = "Entry")]
struct Written {
    v: u8,
    at: Timestamp,
    actor: Pseudonym,
    via: Via,
    #[serde(default)]
    policy: Option<Digest>,
    #[serde(default)]
    commitment: Option<Digest>,
    #[serde(default)]
    signature: Option<Digest>,
    #[serde(with = "crate::in_order")]
    event: Event,
}

impl Entry {
    /// An entry of this version.
    #[must_use]
    pub fn new(
        at: Timestamp,
        actor: Pseudonym,
        via: Via,
        policy: Option<Digest>,
        commitment: Option<Commitment>,
        event: Event,
    ) -> Self {
        let (commitment, signature) = commitment.map_or((None, None), |of| (Some(of.message), of.signature));
        Self { v: LEAF_VERSION, at, actor, via, policy, commitment, signature, event }
    }

    /// The leaf's bytes, read back once to be sure of them.
    ///
    /// # Errors
    /// [`LeafError::Size`] over 1 KiB; [`LeafError::Unfaithful`] if the bytes do not give this entry again.
    pub fn to_leaf(&self) -> Result<Vec<u8>, LeafError> {
        let mut leaf = Vec::with_capacity(LEAF_BYTES_MAX);
        serde_json::to_writer(&mut leaf, self)?;
        if leaf.len() > LEAF_BYTES_MAX {
            return Err(LeafError::Size(leaf.len()));
        }
        // INVARIANT: what is hashed is what `apply` will read.
        if Self::from_leaf(&leaf)? != *self {
            return Err(LeafError::Unfaithful);
        }
        Ok(leaf)
    }

    /// The entry in a leaf's bytes.
    ///
    /// # Errors
    /// [`LeafError::Shape`] where they are not one, or of another version.
    pub fn from_leaf(leaf: &[u8]) -> Result<Self, LeafError> {
        let entry = Self::as_written(leaf).or_else(|_| serde_json::from_slice(leaf))?;
        if entry.v == LEAF_VERSION {
            return Ok(entry);
        }
        Err(LeafError::Shape(serde::de::Error::custom("another version")))
    }

    fn as_written(leaf: &[u8]) -> Result<Self, serde_json::Error> {
        // As text: then no string in it has to be looked through for its encoding again.
        let text = str::from_utf8(leaf).map_err(serde::de::Error::custom)?;
        let mut json = serde_json::Deserializer::from_str(text);
        let entry = Written::deserialize(&mut json)?;
        json.end().map(|()| entry)
    }
}
