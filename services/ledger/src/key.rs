//! Names and ids of the keys that sign notes (c2sp.org/signed-note, "Format" and "Signatures"), and the
//! one-line text of a public key that verifiers are configured with. The text form `name+id+key` is not
//! part of that specification; it is the verifier key of Go's golang.org/x/mod/sumdb/note, which the
//! tools around C2SP use. No private key and no signature check here.

use sha2::{Digest, Sha256};

use crate::text::{self, TextError};

/// The signature type byte of plain Ed25519 (c2sp.org/signed-note, "Signature types").
pub const ED25519: u8 = 0x01;

/// The signature type byte of a witness's timestamped Ed25519 cosignature (c2sp.org/tlog-cosignature).
pub const COSIGNATURE: u8 = 0x04;

/// Digits of an epoch's number: as many as every number of an evidence bundle may have.
const EPOCH_DIGITS_MAX: usize = 15;

/// Whether a text may name a key: not empty, no Unicode space, no plus, and no control character, for a
/// note with one is refused.
#[must_use]
pub fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c == '+' || c < ' ')
}

/// The origin that a ledger began with: an epoch's, `hub.example/2-0a1b2c3d`, is without its last segment.
#[must_use]
pub fn first_origin(origin: &str) -> &str {
    match origin.rsplit_once('/') {
        Some((first, label)) if is_epoch(label) => first,
        _ => origin,
    }
}

/// An epoch's number and eight small hexadecimal digits.
fn is_epoch(label: &str) -> bool {
    let Some((number, drawn)) = label.split_once('-') else { return false };
    let is_number = number.len() <= EPOCH_DIGITS_MAX
        && !number.starts_with('0')
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number && drawn.len() == 8 && drawn.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
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
        write(&self.name, ED25519, &self.public)
    }

    /// Reads the text form and checks that the id fits name and key.
    ///
    /// # Errors
    /// Which part is wrong.
    pub fn parse(vkey: &str) -> Result<Self, TextError> {
        let (name, public) = read(vkey, ED25519, "the key is not an Ed25519 key")?;
        Ok(Self { name, public })
    }
}

/// A witness's Ed25519 public key and the name it cosigns under. Its own type, because the same key under the
/// other signature type would be another key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CosignerKey {
    pub name: String,
    pub public: [u8; 32],
}

impl CosignerKey {
    /// The id in the signature lines of this key.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        key_id(&self.name, COSIGNATURE, &self.public)
    }

    /// `name+8 hexadecimal digits+base64(0x04 || public key)`.
    #[must_use]
    pub fn to_text(&self) -> String {
        write(&self.name, COSIGNATURE, &self.public)
    }

    /// Reads the text form and checks that the id fits name and key.
    ///
    /// # Errors
    /// Which part is wrong.
    pub fn parse(vkey: &str) -> Result<Self, TextError> {
        let (name, public) = read(vkey, COSIGNATURE, "the key is not a witness's (type 0x04)")?;
        Ok(Self { name, public })
    }
}

fn write(name: &str, algorithm: u8, public: &[u8; 32]) -> String {
    let key = text::encode(&[&[algorithm], public.as_slice()].concat());
    format!("{name}+{:08x}+{key}", u32::from_be_bytes(key_id(name, algorithm, public)))
}

fn read(vkey: &str, algorithm: u8, other: &'static str) -> Result<(String, [u8; 32]), TextError> {
    let bad = |problem| TextError { format: "verifier key", problem };
    let mut parts = vkey.splitn(3, '+');
    let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(bad("expected name, id and key with a plus between them"));
    };
    if !is_key_name(name) {
        return Err(bad("the name is empty or has spaces"));
    }
    let key = text::decode(key).ok_or(bad("the key is not base64"))?;
    let public: [u8; 32] = match key.split_first() {
        Some((found, public)) if *found == algorithm => {
            public.try_into().map_err(|_| bad("the key is not 32 bytes long"))?
        }
        _ => return Err(bad(other)),
    };
    if id != format!("{:08x}", u32::from_be_bytes(key_id(name, algorithm, &public))) {
        return Err(bad("the id does not belong to this name and key"));
    }
    Ok((name.to_owned(), public))
}
