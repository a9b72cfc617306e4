//! A leaf's proof and the checkpoint it leads to in one text (c2sp.org/tlog-proof, "Format"): what a
//! receipt carries, and all that somebody without access to the hub needs besides the hub's public key.

use crate::{
    checkpoint::Checkpoint,
    hash::{Hash, leaf_hash},
    note::parse_note,
    text::{self, TextError},
    verify::{PROOF_HASHES_MAX, ProofError, verify_inclusion},
};

/// The first line of the text.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// Why a proof text does not prove a leaf.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// The checkpoint cannot be read.
    #[error("the receipt's checkpoint cannot be read: {0}")]
    Text(#[from] TextError),
    /// The proof does not hold.
    #[error("the receipt does not prove this entry: {0}")]
    Proof(#[from] ProofError),
}

/// An inclusion proof with its checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// The leaf's place, from 0.
    pub index: u64,
    /// From the leaf's sibling up to the root's child (RFC 6962 section 2.1.1).
    pub hashes: Vec<Hash>,
    /// The signed note, verbatim.
    pub checkpoint_note: String,
}

impl TlogProof {
    /// The text form, without the optional `extra` line.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{HEADER}\nindex {}\n", self.index);
        for hash in &self.hashes {
            text.push_str(&text::encode(hash));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.checkpoint_note);
        text
    }

    /// Reads the text form. An `extra` line must be base64 and is dropped: it is not authenticated.
    ///
    /// # Errors
    /// Which part is wrong. The checkpoint is not looked into.
    pub fn parse(proof: &str) -> Result<Self, TextError> {
        let bad = |problem| TextError { format: "transparency log proof", problem };
        let cut = bad("it ends before the checkpoint");
        let (header, rest) = text::line(proof).ok_or(cut)?;
        if header != HEADER {
            return Err(bad("the first line is not c2sp.org/tlog-proof@v1"));
        }
        let (mut line, mut rest) = text::line(rest).ok_or(cut)?;
        if let Some(extra) = line.strip_prefix("extra ") {
            text::decode(extra).ok_or(bad("the extra line is not base64"))?;
            (line, rest) = text::line(rest).ok_or(cut)?;
        }
        let index = line.strip_prefix("index ").and_then(text::decimal);
        let index = index.ok_or(bad("the index line is missing or not a plain decimal"))?;
        let mut hashes = Vec::new();
        (line, rest) = text::line(rest).ok_or(cut)?;
        while !line.is_empty() {
            if hashes.len() == PROOF_HASHES_MAX {
                return Err(bad("it has more hashes than any tree needs"));
            }
            hashes.push(text::hash(line).ok_or(bad("a hash is not 32 bytes in base64"))?);
            (line, rest) = text::line(rest).ok_or(cut)?;
        }
        Ok(Self { index, hashes, checkpoint_note: rest.to_owned() })
    }

    /// Checks that `leaf` (its exact bytes) is in the tree of the checkpoint and returns that checkpoint.
    /// Its signature is *not* checked here; a receipt counts only when that holds too.
    ///
    /// # Errors
    /// When the checkpoint cannot be read or the proof does not hold.
    pub fn verify(&self, leaf: &[u8]) -> Result<Checkpoint, ReceiptError> {
        let (body, _signatures) = parse_note(&self.checkpoint_note)?;
        let checkpoint = Checkpoint::parse(&body)?;
        verify_inclusion(&leaf_hash(leaf), self.index, checkpoint.size, &self.hashes, &checkpoint.root)?;
        Ok(checkpoint)
    }
}
