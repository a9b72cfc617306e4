//! Somebody signed in at the web desk, proved once more who they are, or left. The entry names the person by
//! stand-in as its actor; how they proved it, and from where, stands nowhere. It moves no state: sessions are
//! work rows, and losing them loses no fact.

use serde::{Deserialize, Serialize};

use crate::AgencyCode;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionTurn {
    /// A session began.
    SignedIn,
    /// The provider asked the person anew, for a dangerous act.
    Confirmed,
    /// The person ended it.
    SignedOut,
}

/// A turn of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionMoved {
    /// Whose person.
    pub agency: AgencyCode,
    /// What happened.
    pub turn: SessionTurn,
}
