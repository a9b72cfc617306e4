//! The key that wraps the case keys of a span of time, so that the root key wraps few keys and can be
//! changed without touching every case.

use casework::KeyId;
use zeroize::Zeroizing;

use crate::{
    aead::{Lock, Purpose},
    case_key::CaseKey,
    error::SealError,
    random::secret,
};

/// Wraps case keys; wiped when dropped, never printed.
#[derive(Clone)]
pub struct EpochKey {
    secret: Zeroizing<[u8; 32]>,
}

impl EpochKey {
    /// A new random key.
    #[must_use]
    pub fn generate() -> Self {
        Self { secret: secret() }
    }

    pub(crate) fn unwrapped(secret: Zeroizing<[u8; 32]>) -> Self {
        Self { secret }
    }

    pub(crate) fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    /// The case key as the key database holds it (60 bytes), bound to its id.
    #[must_use]
    pub fn wrap(&self, key: &CaseKey) -> Vec<u8> {
        self.lock(key.id().uuid().as_bytes()).seal(&[], key.secret())
    }

    /// The case key that was wrapped under this id.
    ///
    /// # Errors
    /// When the bytes were changed, or belong to another id or epoch.
    pub fn unwrap(&self, id: KeyId, wrapped: &[u8]) -> Result<CaseKey, SealError> {
        let secret = self.lock(id.uuid().as_bytes()).open_key(&[], wrapped)?;
        Ok(CaseKey::unwrapped(id, secret))
    }

    fn lock<'a>(&'a self, id: &'a [u8]) -> Lock<'a> {
        Lock { secret: &self.secret, purpose: Purpose::CaseKey, id }
    }
}

impl std::fmt::Debug for EpochKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EpochKey(..)")
    }
}
