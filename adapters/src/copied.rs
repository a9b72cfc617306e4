//! The hub's signature over what it hands out: whoever gets a minimised copy can show to others that the hub
//! made it, of which message, and from which places something was taken out or changed. A JWS (RFC 7515) by a
//! key of the hub's own; beside the message in an inbox, as a detached one in a header where an agency's
//! system is called. The original is named by its commitment in the ledger, never by a plain digest: that
//! could be tried against guesses of what was taken out.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use seal::NoteKey;
use serde_json::{Value, json};

/// What the header says it is.
const TYP: &str = "amaan-copy+jws";
/// Servers take lines of 8 KiB; a copy with so many cuts is called without the header.
const HEADER_BYTES_MAX: usize = 6 * 1024;

/// What a copy is a copy of, and the key that says so. The value of neither is in it.
#[derive(Clone)]
pub struct Copied {
    /// The hub's name.
    pub hub: String,
    /// The ledger's commitment to the original, in hexadecimal.
    pub original: String,
    /// JSON Pointers into the original of what was taken out.
    pub removed: Vec<String>,
    /// JSON Pointers into the original of what is shown less exactly.
    pub changed: Vec<String>,
    /// When the message was taken, in seconds: every attempt has the same signature.
    pub at: i64,
    /// The hub's.
    pub key: Arc<NoteKey>,
}

impl Copied {
    /// Over these bytes, with them inside: `header.payload.signature`.
    #[must_use]
    pub fn attached(&self, to: &str, delivery: &str, bytes: &[u8]) -> String {
        let (head, signature, payload) = self.parts(to, delivery, bytes);
        format!("{head}.{payload}.{signature}")
    }

    /// Over these bytes, for a header beside them: `header..signature`. Nothing where it would be too long.
    #[must_use]
    pub fn detached(&self, to: &str, delivery: &str, bytes: &[u8]) -> Option<String> {
        let (head, signature, _) = self.parts(to, delivery, bytes);
        Some(format!("{head}..{signature}")).filter(|text| text.len() <= HEADER_BYTES_MAX)
    }

    fn parts(&self, to: &str, delivery: &str, bytes: &[u8]) -> (String, String, String) {
        let head: Value = json!({
            "alg": "EdDSA", "kid": self.key.name(), "typ": TYP, "iss": self.hub, "aud": to,
            "jti": delivery, "iat": self.at, "original": self.original, "removed": self.removed,
            "changed": self.changed,
        });
        let head = URL_SAFE_NO_PAD.encode(head.to_string());
        let payload = URL_SAFE_NO_PAD.encode(bytes);
        let signature = self.key.sign(&format!("{head}.{payload}"));
        (head, URL_SAFE_NO_PAD.encode(signature), payload)
    }
}

impl std::fmt::Debug for Copied {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Copied({})", self.original)
    }
}
