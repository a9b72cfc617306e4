//! The keys that one agency signs its messages with: a JWK set (RFC 7517) that it gave to the hub's operator,
//! public parts only. Two stand in it while one takes the other's place; nothing is ever fetched.

use std::collections::BTreeSet;
use std::sync::Arc;

use casework::Sensitive;
use openidconnect::core::CoreJsonWebKey;
use serde_json::{Value, json};

use crate::TokenDefect;
use crate::public_key::PublicKey;
use crate::signature::{Detached, SignatureDefect, SignedFor};
use crate::token::is_kid;

/// Two systems, each with a key and the one that takes its place.
const KEYS_MAX: usize = 4;
/// What only a private or a shared key has (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1).
const SECRET_MEMBERS: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "k"];

/// One agency's keys.
#[derive(Clone)]
pub struct SigningKeys(Arc<[PublicKey]>);

/// Why a set of keys is not taken. Holds no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSigningKeys {
    /// No JWK set.
    #[error("it is no JWK set (RFC 7517 section 5): `{{\"keys\": [...]}}`")]
    NotASet,
    /// None, or too many.
    #[error("it has no key, or more than {KEYS_MAX}")]
    Count,
    /// A secret part.
    #[error(
        "it holds a private or shared key, with which whoever has seen it can sign: have the agency make \
         another, and keep only the public part here"
    )]
    Secret,
    /// Another kind.
    #[error("a key is none of Ed25519, P-256 and RSA, or not for signing")]
    Kind,
    /// No id, or one that stands twice.
    #[error("a key has no `kid`, or two have the same")]
    Kid,
}

/// A signature that was checked: by this agency, over these bytes, for this request. Only [`SigningKeys`]
/// makes one.
#[derive(Debug, Clone)]
pub struct AgencySignature(Sensitive<String>);

impl AgencySignature {
    /// As it was sent.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.expose()
    }
}

impl SigningKeys {
    /// The keys of a JWK set.
    ///
    /// # Errors
    /// [`BadSigningKeys`].
    pub fn read(set: &[u8]) -> Result<Self, BadSigningKeys> {
        let set: Value = serde_json::from_slice(set).map_err(|_| BadSigningKeys::NotASet)?;
        let keys = set.get("keys").and_then(Value::as_array).ok_or(BadSigningKeys::NotASet)?;
        if !(1..=KEYS_MAX).contains(&keys.len()) {
            return Err(BadSigningKeys::Count);
        }
        let keys: Vec<PublicKey> = keys.iter().map(key).collect::<Result<_, _>>()?;
        let ids: BTreeSet<&str> = keys.iter().filter_map(PublicKey::id).filter(|id| is_kid(id)).collect();
        if ids.len() == keys.len() { Ok(Self(keys.into())) } else { Err(BadSigningKeys::Kid) }
    }

    /// The set of one Ed25519 key (RFC 8037), as an agency hands it over.
    #[must_use]
    pub fn set_of(key: &seal::NoteKey) -> Value {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        let x = URL_SAFE_NO_PAD.encode(key.public());
        let one = json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": key.name(), "x": x });
        json!({ "keys": [one] })
    }

    /// The public key of this name, for whoever checks a signature elsewhere.
    #[must_use]
    pub fn stated(&self, kid: &str) -> Option<Value> {
        self.0.iter().find(|key| key.is_called(kid)).and_then(PublicKey::json)
    }

    /// Did one of these keys sign these bytes, for this? The bytes are not read as anything.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check(
        &self,
        text: &str,
        body: &[u8],
        meant: &SignedFor<'_>,
        now: i64,
    ) -> Result<AgencySignature, SignatureDefect> {
        let detached = Detached::parse(text)?;
        let key =
            self.0.iter().find(|key| key.is_called(&detached.kid)).ok_or(SignatureDefect::KidUnknown)?;
        key.check(&detached.alg, &detached.input(body), &detached.signature).map_err(|defect| {
            if defect == TokenDefect::AlgKeyMismatch {
                SignatureDefect::AlgKeyMismatch
            } else {
                SignatureDefect::SignatureWrong
            }
        })?;
        detached.is_for(meant, now)?;
        Ok(AgencySignature(Sensitive::new(text.to_owned())))
    }
}

impl std::fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().filter_map(PublicKey::id)).finish()
    }
}

fn key(stated: &Value) -> Result<PublicKey, BadSigningKeys> {
    if SECRET_MEMBERS.iter().any(|member| stated.get(*member).is_some()) {
        return Err(BadSigningKeys::Secret);
    }
    let stated: CoreJsonWebKey = serde_json::from_value(stated.clone()).map_err(|_| BadSigningKeys::Kind)?;
    let key = PublicKey::new(stated);
    if key.is_usable() { Ok(key) } else { Err(BadSigningKeys::Kind) }
}
