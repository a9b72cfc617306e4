//! The key above all others. It comes from outside the databases (a file or a secret store named by
//! configuration), wraps epoch keys, gives webhooks and pseudonyms theirs, and the one that marks identity
//! numbers.

use zeroize::Zeroizing;

use crate::{
    aead::{Lock, Purpose},
    epoch_key::EpochKey,
    error::SealError,
    mark_key::MarkKey,
    note_key::NoteKey,
    random::secret,
    webhook::WebhookKey,
    word_key::WordKey,
};

/// Enough to tell one key from the next.
const COPY_NAME_BYTES: usize = 8;

/// Wraps epoch keys; wiped when dropped, never printed.
#[derive(Clone)]
pub struct RootKey {
    secret: Zeroizing<[u8; 32]>,
}

impl RootKey {
    /// A new random key that lives as long as this value; to keep one, draw 32 bytes with
    /// [`crate::random`], keep those, and use [`RootKey::from_bytes`].
    #[must_use]
    pub fn generate() -> Self {
        Self { secret: secret() }
    }

    /// The key with these 32 bytes. The caller wipes its own copy.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self { secret: Zeroizing::new(bytes) }
    }

    /// The epoch key as the key database holds it (60 bytes), bound to its epoch number.
    #[must_use]
    pub fn wrap_epoch(&self, key: &EpochKey, epoch: u32) -> Vec<u8> {
        self.lock(&epoch.to_be_bytes()).seal(&[], key.secret())
    }

    /// The epoch key that was wrapped under this number.
    ///
    /// # Errors
    /// When the bytes were changed, or belong to another epoch or root key.
    pub fn unwrap_epoch(&self, epoch: u32, wrapped: &[u8]) -> Result<EpochKey, SealError> {
        self.lock(&epoch.to_be_bytes()).open_key(&[], wrapped).map(EpochKey::unwrapped)
    }

    /// The Ed25519 key that signs for a webhook of this name.
    ///
    /// # Errors
    /// Never in practice: every seed makes a key.
    pub fn webhook_key(&self, name: &str) -> Result<WebhookKey, SealError> {
        let lock = Lock { secret: &self.secret, purpose: Purpose::Webhook, id: name.as_bytes() };
        WebhookKey::v1a(&lock.derived())
    }

    /// The Ed25519 key that signs the copies which the hub hands out. Its name is `copy-` and the
    /// beginning of its own digest, so that another root key's is called otherwise.
    ///
    /// # Errors
    /// Never in practice: every seed makes a key.
    pub fn copy_key(&self) -> Result<NoteKey, SealError> {
        let seed = Lock { secret: &self.secret, purpose: Purpose::Copy, id: &[] }.derived();
        let digest = crate::sha256(&NoteKey::from_seed("copy", &seed)?.public());
        let short: String = digest.iter().take(COPY_NAME_BYTES).map(|byte| format!("{byte:02x}")).collect();
        NoteKey::from_seed(format!("copy-{short}"), &seed)
    }

    /// The key that marks identity numbers.
    #[must_use]
    pub fn mark_key(&self) -> MarkKey {
        MarkKey::new(Lock { secret: &self.secret, purpose: Purpose::Mark, id: &[] }.derived())
    }

    /// The key behind the words that stand for values towards this agency.
    #[must_use]
    pub fn word_key(&self, agency: &str) -> WordKey {
        WordKey::derived(
            Lock { secret: &self.secret, purpose: Purpose::Word, id: agency.as_bytes() }.derived(),
        )
    }

    fn lock<'a>(&'a self, id: &'a [u8]) -> Lock<'a> {
        Lock { secret: &self.secret, purpose: Purpose::EpochKey, id }
    }
}

impl std::fmt::Debug for RootKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RootKey(..)")
    }
}
