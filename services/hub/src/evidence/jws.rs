//! The three signatures of a bundle, all JWS in compact form (RFC 7515): agencies' over their messages, the
//! hub's over copies and over the whole. What a header has to say is told as pairs; more may stand in it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::keys::Jwk;
use super::leaf::object;
use super::lines::decode;

/// A JWS, not checked.
pub(super) struct Jws<'a> {
    head: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
    members: Value,
}

impl<'a> Jws<'a> {
    /// The parts; the middle one is empty where the payload stands elsewhere.
    pub fn read(text: &'a str) -> Option<Self> {
        let mut parts = text.split('.');
        let (head, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let text =
            String::from_utf8(decode(head)?).ok().filter(|text| text.is_ascii() && !has_surrogates(text))?;
        decode(payload)?;
        Some(Self { head, payload, signature: decode(signature)?, members: object(&text)? })
    }

    /// A member that is a text.
    pub fn says(&self, name: &str) -> Option<&str> {
        self.members.get(name).and_then(Value::as_str)
    }

    /// The payload inside.
    pub fn inside(&self) -> Option<Vec<u8>> {
        if self.payload.is_empty() { None } else { decode(self.payload) }
    }

    pub const fn is_detached(&self) -> bool {
        self.payload.is_empty()
    }

    /// Does the header say all this?
    pub fn says_all(&self, pairs: &[(&str, &str)]) -> bool {
        pairs.iter().all(|(name, value)| self.says(name) == Some(value))
    }

    /// Pointers that the header lists.
    pub fn list(&self, name: &str) -> Vec<String> {
        let items = self.members.get(name).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Did this key sign it, with these bytes where it is detached?
    pub fn is_signed_by(&self, key: &Jwk, detached: Option<&[u8]>) -> bool {
        let Some((alg, usable)) = key.usable() else { return false };
        if self.says("alg") != Some(alg) || self.says("kid") != Some(&key.kid) {
            return false;
        }
        let mut input = format!("{}.", self.head);
        match detached {
            Some(bytes) => URL_SAFE_NO_PAD.encode_string(bytes, &mut input),
            None => input.push_str(self.payload),
        }
        usable.has_signed(input.as_bytes(), &self.signature)
    }
}

/// Halves of a character that only some readers take alone.
fn has_surrogates(text: &str) -> bool {
    text.as_bytes()
        .windows(4)
        .any(|four| matches!(four, [b'\\', b'u', b'd' | b'D', b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F']))
}
