//! One key of an issuer's key set: what it is for, by the library's reading of it, and the parts that its
//! signatures are checked with. The checking itself is `seal`'s.

use std::sync::atomic::{AtomicBool, Ordering};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::{
    JsonWebKey, JsonWebKeyAlgorithm, JsonWebKeyUse,
    core::{CoreJsonWebKey, CoreJsonWebKeyType, CoreJwsSigningAlgorithm},
};
use seal::IssuerKey;
use serde_json::Value;

use crate::TokenDefect;

/// A key, with its parts decoded once; `None` for kinds that no believed token is signed with.
pub(crate) struct PublicKey {
    stated: CoreJsonWebKey,
    parts: Option<IssuerKey>,
    /// Its issuer no longer publishes it.
    withdrawn: AtomicBool,
}

impl PublicKey {
    pub(crate) fn new(stated: CoreJsonWebKey) -> Self {
        Self { parts: parts(&stated), stated, withdrawn: AtomicBool::new(false) }
    }

    /// Can it check a signature of a kind that is believed?
    pub(crate) const fn is_usable(&self) -> bool {
        self.parts.is_some()
    }

    /// Its id, where it has one.
    pub(crate) fn id(&self) -> Option<&str> {
        self.stated.key_id().map(|id| id.as_str())
    }

    /// The key as JSON.
    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::to_value(&self.stated).ok()
    }

    /// Is it this very key, with all that is stated of it?
    pub(crate) fn is(&self, stated: &CoreJsonWebKey) -> bool {
        self.stated == *stated
    }

    /// From now on nothing that it signed is believed.
    pub(crate) fn withdraw(&self) {
        self.withdrawn.store(true, Ordering::Release);
    }

    pub(crate) fn is_withdrawn(&self) -> bool {
        self.withdrawn.load(Ordering::Acquire)
    }

    /// Is this its id?
    pub(crate) fn is_called(&self, kid: &str) -> bool {
        self.stated.key_id().is_some_and(|id| id.as_str() == kid)
    }

    /// Did it sign this, in the way the token says?
    pub(crate) fn check(
        &self,
        alg: &CoreJwsSigningAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), TokenDefect> {
        let key = self.parts.as_ref().filter(|_| self.is_for(alg)).ok_or(TokenDefect::AlgKeyMismatch)?;
        let fits = match alg {
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256 => key.has_signed_by_rs256(message, signature),
            _ => key.has_signed(message, signature),
        };
        if fits { Ok(()) } else { Err(TokenDefect::SignatureWrong) }
    }

    /// RFC 7517 sections 4.1, 4.2 and 4.4: kind, use and algorithm, where the key states them.
    fn is_for(&self, alg: &CoreJwsSigningAlgorithm) -> bool {
        let signs = self.stated.key_use().is_none_or(JsonWebKeyUse::allows_signature);
        let stated = match self.stated.signing_alg() {
            JsonWebKeyAlgorithm::Unspecified => true,
            JsonWebKeyAlgorithm::Algorithm(stated) => stated == alg,
            JsonWebKeyAlgorithm::Unsupported => false,
        };
        signs && stated && kind_for(alg).as_ref() == Some(self.stated.key_type())
    }
}

/// The kind of key that signs so; of those that `token` lets through.
fn kind_for(alg: &CoreJwsSigningAlgorithm) -> Option<CoreJsonWebKeyType> {
    match alg {
        CoreJwsSigningAlgorithm::EdDsa => Some(CoreJsonWebKeyType::OctetKeyPair),
        CoreJwsSigningAlgorithm::EcdsaP256Sha256 => Some(CoreJsonWebKeyType::EllipticCurve),
        CoreJwsSigningAlgorithm::RsaSsaPssSha256 | CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256 => {
            Some(CoreJsonWebKeyType::RSA)
        }
        _ => None,
    }
}

/// The library keeps the parts to itself; its JSON has them.
fn parts(key: &CoreJsonWebKey) -> Option<IssuerKey> {
    let written = serde_json::to_value(key).ok()?;
    let part = |name: &str| {
        let text = written.get(name).and_then(Value::as_str)?;
        URL_SAFE_NO_PAD.decode(text).ok()
    };
    match (key.key_type(), written.get("crv").and_then(Value::as_str)) {
        (CoreJsonWebKeyType::OctetKeyPair, Some("Ed25519")) => Some(IssuerKey::ed25519(part("x")?)),
        (CoreJsonWebKeyType::EllipticCurve, Some("P-256")) => IssuerKey::p256(&part("x")?, &part("y")?),
        (CoreJsonWebKeyType::RSA, _) => Some(IssuerKey::rsa(&part("n")?, &part("e")?)),
        _ => None,
    }
}
