//! A case's key. It seals the bodies of one case, each under a key of its own derived from the object's
//! id. Made ahead as a random slot without a case; destroying every stored copy of it erases the case.

use casework::{KeyId, Sensitive};
use zeroize::Zeroizing;

use crate::{
    aead::{Lock, Purpose},
    error::SealError,
    place::Place,
    random::secret,
};

/// The key of a case; wiped when dropped, never printed.
#[derive(Clone)]
pub struct CaseKey {
    id: KeyId,
    secret: Zeroizing<[u8; 32]>,
}

impl CaseKey {
    /// A new random key to be known by `id`.
    #[must_use]
    pub fn generate(id: KeyId) -> Self {
        Self { id, secret: secret() }
    }

    pub(crate) fn unwrapped(id: KeyId, secret: Zeroizing<[u8; 32]>) -> Self {
        Self { id, secret }
    }

    pub(crate) fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    /// The id by which a body names this key.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Seals a body: `nonce (12) || ciphertext || tag (16)`, 28 bytes longer than `plain`.
    #[must_use]
    pub fn seal(&self, place: &Place<'_>, plain: &[u8]) -> Vec<u8> {
        self.lock(place.object.uuid().as_bytes()).seal(&place.bytes(), plain)
    }

    /// Opens a body that this key sealed for exactly this place.
    ///
    /// # Errors
    /// When the bytes were changed, or belong to another place or key.
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Sensitive<Vec<u8>>, SealError> {
        let mut plain = self.lock(place.object.uuid().as_bytes()).open(&place.bytes(), sealed)?;
        Ok(Sensitive::new(std::mem::take(&mut *plain)))
    }

    fn lock<'a>(&'a self, object: &'a [u8]) -> Lock<'a> {
        Lock { secret: &self.secret, purpose: Purpose::Body, id: object }
    }
}

impl std::fmt::Debug for CaseKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CaseKey({})", self.id)
    }
}
