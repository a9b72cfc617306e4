//! The tree head as text: the note body of c2sp.org/tlog-checkpoint ("Note text"): origin, size and root,
//! a line each. Signing it makes a signed note (see [`crate::note`]); this file signs nothing.

use crate::{
    hash::Hash,
    text::{self, TextError},
};

/// A tree head: which ledger, how many leaves, which root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The ledger's identity, which is also its key's name: a URL without scheme, such as
    /// `hub.example/ledger`. One non-empty line.
    pub origin: String,
    pub size: u64,
    pub root: Hash,
}

impl Checkpoint {
    /// The body that is signed. It ends in a newline.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, text::encode(&self.root))
    }

    /// Reads a body back. Extension lines (optional in the specification, and not recommended there) are
    /// refused: this ledger writes none, and what is not understood must not be trusted.
    ///
    /// # Errors
    /// Which of the three lines is wrong.
    pub fn parse(body: &str) -> Result<Self, TextError> {
        let bad = |problem| TextError { format: "checkpoint", problem };
        let (origin, rest) = text::line(body).ok_or(bad("the origin line is missing"))?;
        let (size, rest) = text::line(rest).ok_or(bad("the size line is missing"))?;
        let (root, rest) = text::line(rest).ok_or(bad("the root line is missing or has no newline"))?;
        if origin.is_empty() {
            return Err(bad("the origin is empty"));
        }
        if !rest.is_empty() {
            return Err(bad("extension lines are not accepted"));
        }
        Ok(Self {
            origin: origin.to_owned(),
            size: text::decimal(size).ok_or(bad("the size is not a plain decimal"))?,
            root: text::hash(root).ok_or(bad("the root is not 32 bytes in base64"))?,
        })
    }
}
