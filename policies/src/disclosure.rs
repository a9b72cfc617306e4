//! What one recipient may see of one kind of message: the question and the mask. Applying a mask to a body
//! is the work of `schemas`; a message's own consent can only narrow it further.

use casework::{AgencyCode, Categories, Code, MessageKind, Priority};

/// Everything a mask depends on: codes, nothing of the message's content.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Disclosure {
    /// Who is to be given the message.
    pub recipient: AgencyCode,
    /// Whose message it is.
    pub sender: AgencyCode,
    /// Its kind.
    pub message: MessageKind,
    /// The service the recipient is asked for, where there is one.
    pub service: Option<Code>,
    /// The purpose of the referral or check.
    pub purpose: Code,
    /// The basis it is shared on.
    pub basis: Code,
    /// Its priority.
    pub urgency: Priority,
}

/// The categories a recipient may see.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mask {
    /// Allowed categories; whatever is not in here is removed.
    pub allowed: Categories,
    /// The policies that allowed them, by name.
    pub policies: Vec<String>,
    /// Why the mask could not be decided; then nothing is allowed and the message must not leave.
    pub failed: Option<String>,
}
