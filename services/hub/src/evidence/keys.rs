//! Public keys in a bundle: JSON Web Keys in their one spelling, with nothing in them but the key and its
//! name.

use seal::IssuerKey;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::lines::decode;

/// A public key (RFC 7517): Ed25519, P-256 or RSA.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jwk {
    /// `OKP`, `EC` or `RSA`.
    pub kty: String,
    /// The curve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crv: Option<String>,
    /// Its name.
    pub kid: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    n: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    e: Option<String>,
}

/// Lengths of an RSA modulus whose signatures are checked.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;
/// No exponent in use is longer.
const EXPONENT_BYTES_MAX: usize = 4;

impl Jwk {
    /// The key that somebody else's JSON holds, without what else stands there.
    pub(crate) fn of(stated: &Value) -> Option<Self> {
        let text = |name: &str| stated.get(name).and_then(Value::as_str).map(str::to_owned);
        let (crv, x, y, n, e) = (text("crv"), text("x"), text("y"), text("n"), text("e"));
        let key = Self { kty: text("kty")?, crv, kid: text("kid")?, x, y, n, e };
        key.usable().map(|_| key)
    }

    /// An Ed25519 key.
    pub(crate) fn ed25519(kid: &str, public: &[u8]) -> Self {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        let x = Some(URL_SAFE_NO_PAD.encode(public));
        let (kty, crv) = ("OKP".to_owned(), Some("Ed25519".to_owned()));
        Self { kty, crv, kid: kid.to_owned(), x, y: None, n: None, e: None }
    }

    /// The keys of a JWK set; `None` where it is none.
    ///
    /// What stands in it and is of another kind is passed over.
    #[must_use]
    pub fn set(text: &[u8]) -> Option<Vec<Self>> {
        let set: Value = serde_json::from_slice(text).ok()?;
        Some(set.get("keys")?.as_array()?.iter().filter_map(Self::of).collect())
    }

    /// The same key, whatever it is called?
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        let parts = |key: &Self| {
            (key.kty.clone(), key.crv.clone(), key.x.clone(), key.y.clone(), key.n.clone(), key.e.clone())
        };
        parts(self) == parts(other)
    }

    /// What it signs with and what checks that; `None` where it is no key of these kinds.
    pub(super) fn usable(&self) -> Option<(&'static str, IssuerKey)> {
        let part = |text: &Option<String>| text.as_deref().and_then(decode);
        let part_of = |text: &Option<String>, bytes: usize| part(text).filter(|part| part.len() == bytes);
        let has =
            [self.crv.is_some(), self.x.is_some(), self.y.is_some(), self.n.is_some(), self.e.is_some()];
        match (self.kty.as_str(), self.crv.as_deref(), has) {
            ("OKP", Some("Ed25519"), [_, true, false, false, false]) => {
                Some(("EdDSA", IssuerKey::ed25519(part_of(&self.x, 32)?)))
            }
            ("EC", Some("P-256"), [_, true, true, false, false]) => {
                Some(("ES256", IssuerKey::p256(&part_of(&self.x, 32)?, &part_of(&self.y, 32)?)?))
            }
            ("RSA", None, [_, false, false, true, true]) => {
                let (n, e) = (part(&self.n)?, part(&self.e)?);
                let fits = MODULUS_BYTES.contains(&n.len()) && (1..=EXPONENT_BYTES_MAX).contains(&e.len());
                fits.then(|| ("PS256", IssuerKey::rsa(&n, &e)))
            }
            _ => None,
        }
    }
}
