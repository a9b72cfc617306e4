//! The one form of everything sealed: `nonce (12) || ciphertext || tag (16)`, AES-256-GCM under a key that
//! HKDF-SHA256 derives for this one object. Since a derived key seals one object, a handful of times at
//! most, random nonces cannot collide in practice and no secret has a message budget to watch.

use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, Salt},
};
use zeroize::Zeroizing;

use crate::{certain::certain, error::SealError, random::random};

/// Sets these keys apart from any other use of the same secret.
const SALT: &[u8] = b"amaan seal v1";

/// What a key is derived for. The labels have one length, so label and id together are unambiguous.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    Body,
    CaseKey,
    EpochKey,
    Webhook,
    Mark,
    Word,
    Copy,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Body => b"body  ",
            Self::CaseKey => b"case  ",
            Self::EpochKey => b"epoch ",
            Self::Webhook => b"hook  ",
            Self::Mark => b"mark  ",
            Self::Word => b"word  ",
            Self::Copy => b"copy  ",
        }
    }
}

/// A secret, what it is used for, and for which object.
pub(crate) struct Lock<'a> {
    pub secret: &'a [u8; 32],
    pub purpose: Purpose,
    pub id: &'a [u8],
}

impl Lock<'_> {
    fn key(&self) -> LessSafeKey {
        let info = [self.purpose.label(), self.id];
        let derived = Salt::new(HKDF_SHA256, SALT).extract(self.secret);
        let okm = certain(derived.expand(&info, &AES_256_GCM));
        LessSafeKey::new(UnboundKey::from(okm))
    }

    /// The derived bytes themselves, for a key of another kind.
    pub fn derived(&self) -> Zeroizing<[u8; 32]> {
        let info = [self.purpose.label(), self.id];
        let derived = Salt::new(HKDF_SHA256, SALT).extract(self.secret);
        let mut bytes = Zeroizing::new([0; 32]);
        certain(certain(derived.expand(&info, HKDF_SHA256)).fill(bytes.as_mut_slice()));
        bytes
    }

    /// Seals `plain` together with `associated`, which is bound but not contained.
    pub fn seal(&self, associated: &[u8], plain: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE_LEN] = random();
        let mut body = Vec::with_capacity(NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
        body.extend_from_slice(plain);
        let aad = Aad::from(associated);
        let nonce_of_ring = Nonce::assume_unique_for_key(nonce);
        let tag = certain(self.key().seal_in_place_separate_tag(nonce_of_ring, aad, &mut body));
        body.splice(0..0, nonce);
        body.extend_from_slice(tag.as_ref());
        body
    }

    /// Opens what [`Lock::seal`] made with the same lock and `associated`.
    pub fn open(&self, associated: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(SealError::TooShort)?;
        let length = body.len().checked_sub(AES_256_GCM.tag_len()).ok_or(SealError::TooShort)?;
        let mut plain = Zeroizing::new(body.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        self.key()
            .open_in_place(nonce, Aad::from(associated), &mut plain)
            .map_err(|ring::error::Unspecified| SealError::NotOpened)?;
        plain.truncate(length);
        Ok(plain)
    }

    /// Opens a wrapped key.
    pub fn open_key(&self, associated: &[u8], sealed: &[u8]) -> Result<Zeroizing<[u8; 32]>, SealError> {
        let plain = self.open(associated, sealed)?;
        let mut key = Zeroizing::new([0; 32]);
        let whole = plain.len() == key.len();
        for (byte, from) in key.iter_mut().zip(plain.iter()) {
            *byte = *from;
        }
        whole.then_some(key).ok_or(SealError::NotOpened)
    }
}
