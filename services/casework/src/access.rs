//! Who acts, and on whose word: the caller a registry named, and the permit a policy set gave. Neither is
//! decided here.

use serde::{Deserialize, Serialize};

use crate::{AgencyCode, Pseudonym};

/// A SHA-256 digest as lower-case hexadecimal, or its first 16 characters where a leaf has no room.
pub type Digest = String;

/// By which door an act came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// An agency's system, by token.
    Api,
    /// A person, by the web desk.
    Web,
    /// An agency's answer that an adapter fetched.
    Adapter,
    /// The hub itself: delivery, clocks, sweeps.
    Hub,
}

/// Someone the registry knows. Never built from a token's free claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The agency the registry gives this client.
    pub agency: AgencyCode,
    /// Its stand-in in the ledger.
    pub actor: Pseudonym,
    /// The door.
    pub via: Via,
    /// The registry's roles, for example `caseworker`, `analyst`, `operator`.
    pub roles: Vec<String>,
    /// Scopes of the token, already cut down to those the registry allows.
    pub scopes: Vec<String>,
    /// Which client, for idempotency keys and limits; an opaque label without personal data.
    pub client: String,
}

impl Caller {
    /// Does the caller's token carry this scope?
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| held == scope)
    }
    /// Does the registry give the caller this role?
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|held| held == role)
    }
}

/// A policy set's yes, and what it looked at: if that moved meanwhile, the permit is stale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    /// Digest of the policy set in force (first 16 hexadecimal digits).
    pub policy_set: Digest,
    /// The policies that decided, by name.
    pub policies: Vec<String>,
    /// Version of the referral that was looked at; `None` where there was none yet.
    pub read_version: Option<u64>,
}
