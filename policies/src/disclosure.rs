//! What one recipient may see of one kind of message: the question and the mask. Applying a mask to a body
//! is the work of `schemas`; a message's own consent can only narrow it further.

use std::collections::BTreeMap;

use casework::{AgencyCode, Categories, Category, Code, MessageKind, Priority, Way, Ways};

/// Everything a mask depends on: codes, nothing of the message's content.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Disclosure {
    /// Who is to be given the message.
    pub recipient: AgencyCode,
    /// Whose message it is.
    pub sender: AgencyCode,
    /// Its kind.
    pub message: MessageKind,
    /// Its schema's version.
    pub version: u16,
    /// The service the recipient is asked for, where there is one.
    pub service: Option<Code>,
    /// The purpose of the referral or check.
    pub purpose: Code,
    /// The basis it is shared on.
    pub basis: Code,
    /// Its priority.
    pub urgency: Priority,
}

/// The categories a recipient may see, and in which way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mask {
    /// Whatever is not in here is removed.
    pub ways: Ways,
    /// Per category the policies that decided: those that give it, or those that forbid it; a category that
    /// no policy names is not in here.
    pub by: BTreeMap<Category, Vec<String>>,
    /// The policies that give something, by name.
    pub policies: Vec<String>,
    /// Why the mask could not be decided; then nothing is allowed and the message must not leave.
    pub failed: Option<String>,
}

impl Mask {
    /// Categories that are seen in this way.
    #[must_use]
    pub fn seen(&self, way: Way) -> Categories {
        self.ways.iter().filter(|(_, of)| **of == way).map(|(category, _)| *category).collect()
    }
}
