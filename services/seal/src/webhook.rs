//! The key under which a webhook's events are signed, by the Standard Webhooks specification: Ed25519
//! (`v1a`), whose public key the receiver may show to anybody, or a secret shared with the receiver (`v1`,
//! HMAC-SHA256 by the crate `standardwebhooks`). What is signed is always `id.timestamp.payload`.

use base64::{Engine, engine::general_purpose::STANDARD};
use standardwebhooks::Webhook;
use zeroize::Zeroizing;

use crate::{SealError, note_key::NoteKey};

/// How a shared secret is written.
const SECRET_PREFIX: &str = "whsec_";
/// How a public key is written.
const PUBLIC_PREFIX: &str = "whpk_";
/// The specification asks for 24 to 64 bytes.
const SECRET_BYTES_MIN: usize = 24;
const SECRET_BYTES_MAX: usize = 64;

/// Signs for one webhook; never printed.
pub struct WebhookKey(Kind);

enum Kind {
    V1a(NoteKey),
    V1(Webhook),
}

impl WebhookKey {
    /// The Ed25519 key with this seed.
    ///
    /// # Errors
    /// Where the seed makes no key.
    pub fn v1a(seed: &[u8; 32]) -> Result<Self, SealError> {
        Ok(Self(Kind::V1a(NoteKey::from_seed("webhook", seed)?)))
    }

    /// The secret that `whsec_` and base64 write.
    ///
    /// # Errors
    /// [`SealError::BadWebhookSecret`] where the text is none, or too short to be one.
    pub fn v1(secret: &str) -> Result<Self, SealError> {
        let bad = SealError::BadWebhookSecret;
        let text = secret.strip_prefix(SECRET_PREFIX).ok_or(bad)?;
        let mut bytes = Zeroizing::new(STANDARD.decode(text).map_err(|_| bad)?);
        if !(SECRET_BYTES_MIN..=SECRET_BYTES_MAX).contains(&bytes.len()) {
            return Err(bad);
        }
        Webhook::from_bytes(std::mem::take(&mut *bytes)).map(|key| Self(Kind::V1(key))).map_err(|_| bad)
    }

    /// Which signature it makes: `v1a` or `v1`.
    #[must_use]
    pub const fn scheme(&self) -> &'static str {
        match self.0 {
            Kind::V1a(_) => "v1a",
            Kind::V1(_) => "v1",
        }
    }

    /// The public key to check `v1a` signatures with; none for a shared secret.
    #[must_use]
    pub fn public(&self) -> Option<String> {
        match &self.0 {
            Kind::V1a(key) => Some(format!("{PUBLIC_PREFIX}{}", STANDARD.encode(key.public()))),
            Kind::V1(_) => None,
        }
    }

    /// The value of `webhook-signature` for this event, sent at this second since 1970.
    ///
    /// # Errors
    /// [`SealError::BadWebhookPayload`] where the payload is no UTF-8.
    pub fn sign(&self, id: &str, timestamp: i64, payload: &[u8]) -> Result<String, SealError> {
        let bad = SealError::BadWebhookPayload;
        match &self.0 {
            Kind::V1a(key) => {
                let payload = std::str::from_utf8(payload).map_err(|_| bad)?;
                let signature = key.sign(&format!("{id}.{timestamp}.{payload}"));
                Ok(format!("v1a,{}", STANDARD.encode(signature)))
            }
            Kind::V1(key) => key.sign(id, timestamp, payload).map_err(|_| bad),
        }
    }
}

impl std::fmt::Debug for WebhookKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WebhookKey({})", self.scheme())
    }
}
