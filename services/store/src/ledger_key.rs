//! The key that signs the ledger's heads, under the ledger's own name (C2SP signed note). What it signs is
//! deterministic; it decides nothing about when.

use ledger::{Checkpoint, Signature, VerifierKey, note};
use seal::NoteKey;

/// The key that signs heads.
pub struct LedgerKey {
    key: NoteKey,
    id: String,
    id_bytes: [u8; 4],
}

impl LedgerKey {
    pub(crate) fn new(key: NoteKey) -> Self {
        let id_bytes = VerifierKey { name: key.name().to_owned(), public: key.public() }.id();
        let id = id_bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { key, id, id_bytes }
    }
    /// The key id, in hexadecimal.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
    /// The ledger's origin.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.key.name()
    }
    /// The signed note of a checkpoint. Deterministic: the same head gives the same bytes.
    #[must_use]
    pub fn sign(&self, checkpoint: &Checkpoint) -> String {
        let body = checkpoint.to_text();
        let bytes = self.key.sign(&body);
        note(&body, &[Signature { name: self.origin().to_owned(), key_id: self.id_bytes, bytes }])
    }
    /// The public key as witnesses and verifiers take it.
    #[must_use]
    pub fn vkey(&self) -> String {
        VerifierKey { name: self.origin().to_owned(), public: self.key.public() }.to_text()
    }
}

impl std::fmt::Debug for LedgerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LedgerKey({})", self.id)
    }
}
