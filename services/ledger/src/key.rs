//! Names and ids of the keys that sign notes (c2sp.org/signed-note, "Format" and "Signatures"), and the
//! one-line text of a public key that verifiers are configured with. The text form `name+id+key` is not
//! part of that specification; it is the verifier key of Go's golang.org/x/mod/sumdb/note, which the
//! tools around C2SP use. No private key and no signature check here.

use sha2::{Digest, Sha256};

use crate::text::{self, TextError};

/// The signature type byte of plain Ed25519 (c2sp.org/signed-note, "Signature types").
pub const ED25519: u8 = 0x01;

/// Whether a text may name a key: not empty, no Unicode space, no plus, and no control character, for a
/// note with one is refused.
#[must_use]
pub fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c == '+' || c < ' ')
}

/// The key's id: the first four bytes of `SHA-256(name || 0x0A || algorithm || public key)`. It tells keys
/// apart and protects nothing.
#[must_use]
pub fn key_id(name: &str, algorithm: u8, public: &[u8]) -> [u8; 4] {
    let digest: [u8; 32] = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', algorithm])
        .chain_update(public)
        .finalize()
        .into();
    let [a, b, c, d, ..] = digest;
    [a, b, c, d]
}

/// An Ed25519 public key and the name it signs under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    pub name: String,
    pub public: [u8; 32],
}

impl VerifierKey {
    /// The id in the signature lines of this key.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        key_id(&self.name, ED25519, &self.public)
    }

    /// `name+8 hexadecimal digits+base64(0x01 || public key)`.
    #[must_use]
    pub fn to_text(&self) -> String {
        let key = text::encode(&[&[ED25519], self.public.as_slice()].concat());
        format!("{}+{:08x}+{key}", self.name, u32::from_be_bytes(self.id()))
    }

    /// Reads the text form and checks that the id fits name and key.
    ///
    /// # Errors
    /// Which part is wrong.
    pub fn parse(vkey: &str) -> Result<Self, TextError> {
        let bad = |problem| TextError { format: "verifier key", problem };
        let mut parts = vkey.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(bad("expected name, id and key with a plus between them"));
        };
        if !is_key_name(name) {
            return Err(bad("the name is empty or has spaces"));
        }
        let key = text::decode(key).ok_or(bad("the key is not base64"))?;
        let public = match key.split_first() {
            Some((&ED25519, public)) => public.try_into().map_err(|_| bad("the key is not 32 bytes long"))?,
            _ => return Err(bad("the key is not an Ed25519 key")),
        };
        let key = Self { name: name.to_owned(), public };
        if id != format!("{:08x}", u32::from_be_bytes(key.id())) {
            return Err(bad("the id does not belong to this name and key"));
        }
        Ok(key)
    }
}
