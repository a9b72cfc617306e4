//! An agency's signature over the very bytes of a message: a detached JWS (RFC 7515 appendix F) in one
//! header,
//! `Amaan-Signature: header..signature`. Nothing is put into another order or spelling before it is signed,
//! so any JWS library makes one: sign the body, take out the middle part.
//!
//! The protected header says what it is for, so that it is good nowhere else: by whom, for which hub, as
//! which request (RFC 7519 section 5.3 lets `iss` and `aud` stand there). It never brings a key or an
//! extension;
//! `b64` (RFC 7797) would be one. Whose key is whose is `signing_keys.rs`'s.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::core::CoreJwsSigningAlgorithm;
use seal::NoteKey;
use serde_json::{Map, Value, json};

use crate::strict_json::{self, NotStrict};
use crate::token::{KEY_MEMBERS, is_kid};

/// An honest one has about 500 bytes, with RSA of 4,096 bits about 1,200.
const SIGNATURE_BYTES_MAX: usize = 4 * 1024;
/// What the header says it is.
const TYP: &str = "amaan-message+jws";
/// A sender's clock may be so much ahead.
const AHEAD_SECONDS_MAX: i64 = 60;

/// What a signature is for.
#[derive(Debug, Clone, Copy)]
pub struct SignedFor<'a> {
    /// Whose it is: the agency's code (`iss`).
    pub agency: &'a str,
    /// The hub's name (`aud`).
    pub hub: &'a str,
    /// The request's `Idempotency-Key` (`jti`).
    pub key: &'a str,
    /// Method and path, such as `POST /v1/referrals` (`target`).
    pub target: &'a str,
}

/// A rule that a signature breaks. Told to its sender, who is known by then; no variant holds a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SignatureDefect {
    /// The header stands twice, or is no text.
    #[error("the header `Amaan-Signature` stands twice or is no text; send it once")]
    Doubled,
    /// Larger than any honest one.
    #[error("the signature is larger than 4 KiB; send `header..signature` and nothing else")]
    TooLarge,
    /// Not `header..signature`.
    #[error("the signature is not `header..signature`; take the middle part out, the body is what is signed")]
    NotDetached,
    /// A part is no unpadded base64url.
    #[error("a part of the signature is no base64url without padding (RFC 7515 section 2)")]
    BadBase64,
    /// The header is no JSON object.
    #[error("the protected header is no json object")]
    HeaderNotJson,
    /// It names a member twice.
    #[error("the protected header names a member twice")]
    HeaderDuplicate,
    /// No `alg`, `none`, or one that is not believed.
    #[error("`alg` is none of EdDSA, ES256 and PS256")]
    AlgRefused,
    /// Another kind of JWS, or none said.
    #[error("`typ` is not `amaan-message+jws`")]
    TypWrong,
    /// It demands an extension.
    #[error(
        "`crit` or `b64` stands in the protected header; sign the base64url of the body, as RFC 7515 has it"
    )]
    CritPresent,
    /// It brings its key.
    #[error(
        "`jku`, `jwk`, `x5u` or `x5c` stands in the protected header; name a registered key by `kid` alone"
    )]
    KeyInHeader,
    /// No `kid`, or not one.
    #[error("`kid` is missing or no key id; name the registered key that signed")]
    KidMissing,
    /// None of the agency's keys.
    #[error("`kid` names no key that is registered for your agency; ask the hub's operator which are")]
    KidUnknown,
    /// A key of another kind.
    #[error("`alg` does not fit the registered key")]
    AlgKeyMismatch,
    /// Another body, another header, another key.
    #[error("the signature does not fit the body as it arrived; sign exactly the bytes that are sent")]
    SignatureWrong,
    /// Another agency's.
    #[error("`iss` is not your agency's code")]
    IssWrong,
    /// For another hub.
    #[error("`aud` is not this hub's name")]
    AudWrong,
    /// Of another request.
    #[error("`jti` is not the request's `Idempotency-Key`")]
    JtiWrong,
    /// For another address.
    #[error("`target` is not the request's method and path, such as `POST /v1/referrals`")]
    TargetWrong,
    /// No time, or no number.
    #[error("`iat` is missing or no whole number of seconds")]
    IatMalformed,
    /// Signed in the future.
    #[error("`iat` lies more than a minute ahead; compare the clocks")]
    IatFuture,
}

impl SignatureDefect {
    /// All of them, for tables and tests.
    pub const ALL: &'static [Self] = &[
        Self::Doubled,
        Self::TooLarge,
        Self::NotDetached,
        Self::BadBase64,
        Self::HeaderNotJson,
        Self::HeaderDuplicate,
        Self::AlgRefused,
        Self::TypWrong,
        Self::CritPresent,
        Self::KeyInHeader,
        Self::KidMissing,
        Self::KidUnknown,
        Self::AlgKeyMismatch,
        Self::SignatureWrong,
        Self::IssWrong,
        Self::AudWrong,
        Self::JtiWrong,
        Self::TargetWrong,
        Self::IatMalformed,
        Self::IatFuture,
    ];

    /// A stable code.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Doubled => "header-doubled",
            Self::TooLarge => "too-large",
            Self::NotDetached => "not-detached",
            Self::BadBase64 => "bad-base64",
            Self::HeaderNotJson => "header-not-json",
            Self::HeaderDuplicate => "header-duplicate-member",
            Self::AlgRefused => "alg-not-allowed",
            Self::TypWrong => "typ-wrong",
            Self::CritPresent => "crit-present",
            Self::KeyInHeader => "key-in-header",
            Self::KidMissing => "kid-missing",
            Self::KidUnknown => "kid-unknown",
            Self::AlgKeyMismatch => "alg-key-mismatch",
            Self::SignatureWrong => "signature-wrong",
            Self::IssWrong => "iss-wrong",
            Self::AudWrong => "aud-wrong",
            Self::JtiWrong => "jti-wrong",
            Self::TargetWrong => "target-wrong",
            Self::IatMalformed => "iat-malformed",
            Self::IatFuture => "iat-future",
        }
    }
}

/// A signature whose form is right and that has not been checked.
pub(crate) struct Detached<'a> {
    head: &'a str,
    pub(crate) signature: Vec<u8>,
    pub(crate) alg: CoreJwsSigningAlgorithm,
    pub(crate) kid: String,
    members: Map<String, Value>,
}

impl<'a> Detached<'a> {
    /// Splits, decodes and checks the header's form.
    pub(crate) fn parse(text: &'a str) -> Result<Self, SignatureDefect> {
        if text.len() > SIGNATURE_BYTES_MAX {
            return Err(SignatureDefect::TooLarge);
        }
        let (head, signature) = text.split_once("..").ok_or(SignatureDefect::NotDetached)?;
        if head.contains('.') || signature.contains('.') {
            return Err(SignatureDefect::NotDetached);
        }
        let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| SignatureDefect::BadBase64);
        let members = strict_json::object(&decoded(head)?).map_err(|problem| match problem {
            NotStrict::Malformed => SignatureDefect::HeaderNotJson,
            NotStrict::Duplicate => SignatureDefect::HeaderDuplicate,
        })?;
        let (alg, kid) = form(&members)?;
        Ok(Self { head, signature: decoded(signature)?, alg, kid, members })
    }

    /// What was signed (RFC 7515 section 5.1 step 8).
    pub(crate) fn input(&self, body: &[u8]) -> Vec<u8> {
        input(self.head, body).into_bytes()
    }

    /// Is it for this? Asked once it is known that the agency's key signed the header.
    pub(crate) fn is_for(&self, meant: &SignedFor<'_>, now: i64) -> Result<(), SignatureDefect> {
        let says = |name: &str, value: &str| self.members.get(name).and_then(Value::as_str) == Some(value);
        let all = [
            ("iss", meant.agency, SignatureDefect::IssWrong),
            ("aud", meant.hub, SignatureDefect::AudWrong),
            ("jti", meant.key, SignatureDefect::JtiWrong),
            ("target", meant.target, SignatureDefect::TargetWrong),
        ];
        if let Some((_, _, defect)) = all.iter().find(|(name, value, _)| !says(name, value)) {
            return Err(*defect);
        }
        let signed = self.members.get("iat").and_then(Value::as_i64).ok_or(SignatureDefect::IatMalformed)?;
        if signed > now.saturating_add(AHEAD_SECONDS_MAX) { Err(SignatureDefect::IatFuture) } else { Ok(()) }
    }
}

fn form(members: &Map<String, Value>) -> Result<(CoreJwsSigningAlgorithm, String), SignatureDefect> {
    let alg = match members.get("alg").and_then(Value::as_str) {
        Some("EdDSA") => CoreJwsSigningAlgorithm::EdDsa,
        Some("ES256") => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        Some("PS256") => CoreJwsSigningAlgorithm::RsaSsaPssSha256,
        _ => return Err(SignatureDefect::AlgRefused),
    };
    if ["crit", "b64"].iter().any(|member| members.contains_key(*member)) {
        return Err(SignatureDefect::CritPresent);
    }
    if KEY_MEMBERS.iter().any(|member| members.contains_key(*member)) {
        return Err(SignatureDefect::KeyInHeader);
    }
    if members.get("typ").and_then(Value::as_str) != Some(TYP) {
        return Err(SignatureDefect::TypWrong);
    }
    let kid = members.get("kid").and_then(Value::as_str).unwrap_or_default();
    if is_kid(kid) { Ok((alg, kid.to_owned())) } else { Err(SignatureDefect::KidMissing) }
}

fn input(head: &str, body: &[u8]) -> String {
    let mut text = String::with_capacity(head.len().saturating_add(body.len().saturating_mul(2)));
    text.push_str(head);
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(body, &mut text);
    text
}

/// The value of `Amaan-Signature` for a message: what an agency's system does before it sends.
#[must_use]
pub fn sign_message(key: &NoteKey, body: &[u8], meant: &SignedFor<'_>, now: i64) -> String {
    let head = json!({
        "alg": "EdDSA", "kid": key.name(), "typ": TYP, "iss": meant.agency, "aud": meant.hub,
        "jti": meant.key, "target": meant.target, "iat": now,
    });
    let head = URL_SAFE_NO_PAD.encode(head.to_string());
    let signature = key.sign(&input(&head, body));
    format!("{head}..{}", URL_SAFE_NO_PAD.encode(signature))
}
