//! The keys that sign the ledger's heads, under the origin that it has now (C2SP signed note). What they sign
//! is deterministic; they decide nothing about when, nor which of them signs (`ring.rs`).

use std::sync::Arc;

use ledger::{Checkpoint, Signature, VerifierKey, note};
use seal::NoteKey;

/// What signs heads: one key, or while keys change the new one and the earlier one.
pub struct LedgerKey {
    origin: String,
    /// Never none; the first is the one that heads name.
    signers: Vec<Arc<NoteKey>>,
    id: String,
}

impl LedgerKey {
    pub(crate) fn new(origin: String, signers: Vec<Arc<NoteKey>>) -> Self {
        let id = signers.first().map(|first| verifier(&origin, first).id()).unwrap_or_default();
        let id = id.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { origin, signers, id }
    }
    /// The newest key's id, in hexadecimal.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
    /// The ledger's origin in the present epoch.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }
    /// The signed note of a checkpoint. Deterministic: the same head gives the same bytes.
    #[must_use]
    pub fn sign(&self, checkpoint: &Checkpoint) -> String {
        let body = checkpoint.to_text();
        let signature = |key: &Arc<NoteKey>| Signature {
            name: self.origin.clone(),
            key_id: verifier(&self.origin, key).id(),
            bytes: key.sign(&body),
        };
        let signatures: Vec<_> = self.signers.iter().map(signature).collect();
        note(&body, &signatures)
    }
    /// The newest public key as witnesses and verifiers take it.
    #[must_use]
    pub fn vkey(&self) -> String {
        self.signers.first().map(|key| verifier(&self.origin, key).to_text()).unwrap_or_default()
    }
}

fn verifier(origin: &str, key: &NoteKey) -> VerifierKey {
    VerifierKey { name: origin.to_owned(), public: key.public() }
}

impl std::fmt::Debug for LedgerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LedgerKey({})", self.id)
    }
}
