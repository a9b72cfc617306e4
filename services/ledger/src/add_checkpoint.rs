//! What a log sends to a witness (c2sp.org/tlog-witness, "add-checkpoint"): the size the witness saw last,
//! the proof that the tree grew from there, and the new checkpoint. Text only; what a witness makes of it is
//! [`crate::judge`]'s.

use crate::{
    hash::Hash,
    text::{self, TextError},
};

/// Proof lines a request may have.
const PROOF_LINES_MAX: usize = 63;

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size of the checkpoint that the witness cosigned last; 0 where it never did.
    pub old: u64,
    /// From that size to the new one (RFC 6962 section 2.1.2).
    pub proof: Vec<Hash>,
    /// The signed note, verbatim.
    pub checkpoint_note: String,
}

impl AddCheckpoint {
    /// The request's body.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("old {}\n", self.old);
        for hash in &self.proof {
            text.push_str(&text::encode(hash));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.checkpoint_note);
        text
    }

    /// Reads a body. The checkpoint is not looked into.
    ///
    /// # Errors
    /// Which part is wrong.
    pub fn parse(body: &str) -> Result<Self, TextError> {
        let bad = |problem| TextError { format: "request to a witness", problem };
        let cut = bad("it ends before the checkpoint");
        let (old, rest) = text::line(body).ok_or(cut)?;
        let old = old.strip_prefix("old ").and_then(text::decimal);
        let old = old.ok_or(bad("the first line is not `old` and a plain decimal"))?;
        let mut proof = Vec::new();
        let (mut line, mut rest) = text::line(rest).ok_or(cut)?;
        while !line.is_empty() {
            if proof.len() == PROOF_LINES_MAX {
                return Err(bad("it has more than 63 proof lines"));
            }
            proof.push(text::hash(line).ok_or(bad("a proof line is not 32 bytes in base64"))?);
            (line, rest) = text::line(rest).ok_or(cut)?;
        }
        Ok(Self { old, proof, checkpoint_note: rest.to_owned() })
    }
}
