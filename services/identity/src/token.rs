//! The outer form of a token: three parts, a header that asks for nothing unusual, a signature by a key of
//! the issuer. The claims are parsed here, because the issuer's name stands in them, but judged only after
//! the signature, in `claims`.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::core::CoreJwsSigningAlgorithm;
use serde_json::{Map, Value};

use crate::{
    TokenDefect,
    public_key::PublicKey,
    strict_json::{self, NotStrict},
};

/// Far above an honest token (about 700 bytes), low enough to parse for any stranger.
pub(crate) const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// Thumbprints have 43 characters, names of cloud keys up to about 80.
const KID_CHARS_MAX: usize = 128;
/// Header members by which a token would choose its own key.
pub(crate) const KEY_MEMBERS: [&str; 4] = ["jku", "jwk", "x5u", "x5c"];

/// What a token is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// An access token (RFC 9068).
    Access,
    /// An ID token; `rs256` where its issuer can sign in no better way.
    Id { rs256: bool },
}

/// A token whose form is right and whose signature has not been looked at.
pub(crate) struct Token<'a> {
    signing_input: &'a str,
    signature: Vec<u8>,
    alg: CoreJwsSigningAlgorithm,
    /// The key it says it was signed with.
    pub(crate) kid: String,
    /// Its claims, still nobody's word.
    pub(crate) claims: Map<String, Value>,
}

impl<'a> Token<'a> {
    /// Splits, decodes and checks the header.
    pub(crate) fn parse(text: &'a str, form: Form) -> Result<Self, TokenDefect> {
        let (signing_input, signature) = text.rsplit_once('.').ok_or(TokenDefect::NotThreeParts)?;
        let (header, claims) = signing_input.split_once('.').ok_or(TokenDefect::NotThreeParts)?;
        if claims.contains('.') {
            return Err(TokenDefect::NotThreeParts);
        }
        let header = strict_json::object(&decode(header)?).map_err(|problem| match problem {
            NotStrict::Malformed => TokenDefect::HeaderNotJson,
            NotStrict::Duplicate => TokenDefect::HeaderDuplicate,
        })?;
        let (alg, kid) = check_header(&header, form)?;
        let signature = decode(signature)?;
        if signature.is_empty() {
            return Err(TokenDefect::SignatureMissing);
        }
        let claims = strict_json::object(&decode(claims)?).map_err(|problem| match problem {
            NotStrict::Malformed => TokenDefect::ClaimsNotJson,
            NotStrict::Duplicate => TokenDefect::ClaimsDuplicate,
        })?;
        Ok(Self { signing_input, signature, alg, kid, claims })
    }

    /// The issuer it names; only used to choose whose keys must have signed it.
    pub(crate) fn issuer(&self) -> Result<&str, TokenDefect> {
        self.claims.get("iss").and_then(Value::as_str).ok_or(TokenDefect::IssMissing)
    }

    /// Did one of these keys sign it? There is more than one only where an issuer gives two keys one id.
    /// Gives the one that did.
    pub(crate) fn check_signature(&self, keys: &[Arc<PublicKey>]) -> Result<Arc<PublicKey>, TokenDefect> {
        let mut defect = TokenDefect::KidUnknown;
        for key in keys {
            match key.check(&self.alg, self.signing_input.as_bytes(), &self.signature) {
                Ok(()) => return Ok(Arc::clone(key)),
                Err(found) => defect = found,
            }
        }
        Err(defect)
    }
}

fn decode(part: &str) -> Result<Vec<u8>, TokenDefect> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenDefect::BadBase64)
}

fn check_header(
    header: &Map<String, Value>,
    form: Form,
) -> Result<(CoreJwsSigningAlgorithm, String), TokenDefect> {
    let alg = match header.get("alg").map(Value::as_str) {
        None => return Err(TokenDefect::AlgMissing),
        Some(Some("EdDSA")) => CoreJwsSigningAlgorithm::EdDsa,
        Some(Some("ES256")) => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        Some(Some("PS256")) => CoreJwsSigningAlgorithm::RsaSsaPssSha256,
        Some(Some("RS256")) if form == (Form::Id { rs256: true }) => {
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256
        }
        Some(Some(other)) if other.eq_ignore_ascii_case("none") => return Err(TokenDefect::AlgNone),
        Some(_) => return Err(TokenDefect::AlgRefused),
    };
    if header.contains_key("crit") {
        return Err(TokenDefect::CritPresent);
    }
    if KEY_MEMBERS.iter().any(|member| header.contains_key(*member)) {
        return Err(TokenDefect::KeyInHeader);
    }
    if header.contains_key("cty") {
        return Err(TokenDefect::Nested);
    }
    check_typ(header, form)?;
    let kid = header.get("kid").ok_or(TokenDefect::KidMissing)?.as_str().unwrap_or_default();
    if !is_kid(kid) {
        return Err(TokenDefect::KidMalformed);
    }
    Ok((alg, kid.to_owned()))
}

/// RFC 9068 section 4: `at+jwt` or `application/at+jwt`; media types compare without case. An ID token need
/// not say what it is, but may not say that it is something else (RFC 8725 section 3.11).
fn check_typ(header: &Map<String, Value>, form: Form) -> Result<(), TokenDefect> {
    let known: &[&str] = match form {
        Form::Access => &["at+jwt", "application/at+jwt"],
        Form::Id { .. } => &["JWT"],
    };
    let Some(typ) = header.get("typ") else {
        return if form == Form::Access { Err(TokenDefect::TypMissing) } else { Ok(()) };
    };
    let typ = typ.as_str().unwrap_or_default();
    let fits = known.iter().any(|known| typ.eq_ignore_ascii_case(known));
    if fits { Ok(()) } else { Err(TokenDefect::TypWrong) }
}

/// Key ids are only ever compared; the form is checked so that a forged one cannot even cost a fetch.
pub(crate) fn is_kid(kid: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-_.:=+/~@".contains(&b);
    matches!(kid.len(), 1..=KID_CHARS_MAX) && kid.bytes().all(allowed) && !kid.contains("..")
}
