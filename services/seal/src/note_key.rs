//! The hub's Ed25519 key, which signs checkpoints (RFC 8032, as c2sp.org/signed-note asks for type 0x01).
//! Signatures are deterministic, so a receipt can be made again, byte for byte, from what the store holds.
//! How a signature becomes a line of a note is the ledger's business.

use ring::signature::{ED25519 as RING_ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use zeroize::Zeroizing;

use crate::{error::SealError, random::secret};

/// The DER head of an Ed25519 private key in PKCS#8 version 1 (RFC 8410 section 7); the seed follows it.
const PKCS8_HEAD: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// A signing key and the name it signs under. Not cloneable and never printed.
pub struct NoteKey {
    name: String,
    pair: Ed25519KeyPair,
    public: [u8; 32],
}

impl NoteKey {
    /// A new private key, PKCS#8 in DER (48 bytes). Version 1 without the public key, because every
    /// library reads that one.
    #[must_use]
    pub fn generate_pkcs8() -> Zeroizing<Vec<u8>> {
        let mut document = Zeroizing::new(Vec::with_capacity(PKCS8_HEAD.len() + 32));
        document.extend(PKCS8_HEAD);
        document.extend_from_slice(secret().as_slice());
        document
    }

    /// The key in a PKCS#8 document of version 1 or 2, to sign as `name` (the ledger's origin).
    ///
    /// # Errors
    /// When the document is not an Ed25519 private key.
    pub fn from_pkcs8(name: impl Into<String>, pkcs8: &[u8]) -> Result<Self, SealError> {
        let pair =
            Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).map_err(|_rejected| SealError::BadNoteKey)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| SealError::BadNoteKey)?;
        Ok(Self { name: name.into(), pair, public })
    }

    /// The key that a seed of 32 bytes makes.
    ///
    /// # Errors
    /// When the seed makes no key.
    pub fn from_seed(name: impl Into<String>, seed: &[u8; 32]) -> Result<Self, SealError> {
        let mut document = Zeroizing::new(Vec::with_capacity(PKCS8_HEAD.len() + 32));
        document.extend(PKCS8_HEAD);
        document.extend_from_slice(seed);
        Self::from_pkcs8(name, &document)
    }

    /// The name the key signs under.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public key (RFC 8032 encoding).
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.public
    }

    /// The signature of a note's body: 64 bytes, the same every time.
    #[must_use]
    pub fn sign(&self, body: &str) -> Vec<u8> {
        self.pair.sign(body.as_bytes()).as_ref().to_vec()
    }
}

impl std::fmt::Debug for NoteKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NoteKey({})", self.name)
    }
}

/// Whether `signature` is this public key's signature of a note's body.
#[must_use]
pub fn verify_note_signature(public: &[u8; 32], body: &str, signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&RING_ED25519, public).verify(body.as_bytes(), signature).is_ok()
}
