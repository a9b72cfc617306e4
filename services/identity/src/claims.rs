//! The claims of a token whose signature fits, by RFC 9068 section 4: exactly this issuer, exactly this
//! audience, a short life, and a client. Pure; the time is an argument.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use crate::{Thumbprint, TokenDefect, Verified};

/// How far the issuer's clock may be ahead of or behind ours.
const SKEW_SECONDS: i64 = 10;
/// Tokens should live five minutes; twice that is the most, because a stolen one works as long.
const LIFETIME_SECONDS_MAX: i64 = 600;
/// Longer names than any issuer gives.
const NAME_BYTES_MAX: usize = 255;
/// More scopes than there are.
const SCOPES_MAX: usize = 64;

/// What the claims say, if every rule holds at `now` (seconds since 1970).
pub(crate) fn check(
    claims: &Map<String, Value>,
    issuer: &str,
    audience: &str,
    now: i64,
) -> Result<Verified, TokenDefect> {
    check_audience(claims, audience)?;
    let expires_at = check_times(claims, now)?;
    let bound_to = binding(claims)?;
    let subject = name(claims, "sub").ok_or(TokenDefect::SubMissing)?;
    let client = name(claims, "client_id").ok_or(TokenDefect::ClientIdMissing)?;
    name(claims, "jti").ok_or(TokenDefect::JtiMissing)?;
    let scopes = scopes(claims)?;
    let auth_time = seconds(claims, "auth_time")?;
    Ok(Verified { issuer: issuer.to_owned(), client, subject, scopes, expires_at, bound_to, auth_time })
}

fn check_audience(claims: &Map<String, Value>, audience: &str) -> Result<(), TokenDefect> {
    let named: Vec<&Value> = match claims.get("aud") {
        None | Some(Value::Null) => return Err(TokenDefect::AudMissing),
        Some(Value::Array(several)) => several.iter().collect(),
        Some(one) => vec![one],
    };
    match named.as_slice() {
        [] => Err(TokenDefect::AudMissing),
        [one] if one.as_str() == Some(audience) => Ok(()),
        [_] => Err(TokenDefect::AudWrong),
        several if several.iter().any(|one| one.as_str() == Some(audience)) => Err(TokenDefect::AudMany),
        _ => Err(TokenDefect::AudWrong),
    }
}

/// `exp` and `iat` are required by RFC 9068 section 2.2, `nbf` holds where it stands. Gives `exp`.
fn check_times(claims: &Map<String, Value>, now: i64) -> Result<i64, TokenDefect> {
    let exp = seconds(claims, "exp")?.ok_or(TokenDefect::ExpMissing)?;
    let iat = seconds(claims, "iat")?.ok_or(TokenDefect::IatMissing)?;
    if seconds(claims, "nbf")?.is_some_and(|nbf| nbf > now.saturating_add(SKEW_SECONDS)) {
        return Err(TokenDefect::NotYetValid);
    }
    if exp.saturating_add(SKEW_SECONDS) <= now {
        return Err(TokenDefect::Expired);
    }
    if iat > now.saturating_add(SKEW_SECONDS) {
        return Err(TokenDefect::IatFuture);
    }
    // From whichever is later: an old `iat` must not excuse a long life, nor a late one stretch it.
    let lives = exp.saturating_sub(iat);
    let left = exp.saturating_sub(now);
    if lives > LIFETIME_SECONDS_MAX || left > LIFETIME_SECONDS_MAX.saturating_add(SKEW_SECONDS) {
        return Err(TokenDefect::ExpTooFar);
    }
    Ok(exp)
}

/// The certificate it is bound to (RFC 8705 section 3.1). A confirmation that is not understood is none.
fn binding(claims: &Map<String, Value>) -> Result<Option<Thumbprint>, TokenDefect> {
    let Some(cnf) = claims.get("cnf") else { return Ok(None) };
    let members = cnf.as_object().filter(|members| !members.is_empty()).ok_or(TokenDefect::CnfMalformed)?;
    let (1, Some(thumbprint)) = (members.len(), members.get("x5t#S256")) else {
        return Err(TokenDefect::BoundOtherwise);
    };
    let decoded = thumbprint.as_str().and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let thumbprint = decoded.and_then(|bytes| bytes.try_into().ok());
    thumbprint.map(Some).ok_or(TokenDefect::CnfMalformed)
}

fn seconds(claims: &Map<String, Value>, claim: &str) -> Result<Option<i64>, TokenDefect> {
    let Some(value) = claims.get(claim) else { return Ok(None) };
    value.as_i64().map(Some).ok_or(TokenDefect::TimeMalformed)
}

fn name(claims: &Map<String, Value>, claim: &str) -> Option<String> {
    let text = claims.get(claim)?.as_str()?;
    let plain = matches!(text.len(), 1..=NAME_BYTES_MAX) && !text.chars().any(char::is_control);
    plain.then(|| text.to_owned())
}

fn scopes(claims: &Map<String, Value>) -> Result<Vec<String>, TokenDefect> {
    let Some(value) = claims.get("scope") else { return Ok(Vec::new()) };
    let text = value.as_str().ok_or(TokenDefect::ScopeMalformed)?;
    let scopes: Vec<String> = text.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
    let plain = scopes.iter().all(|scope| scope.len() <= NAME_BYTES_MAX && scope.is_ascii());
    if scopes.len() > SCOPES_MAX || !plain { Err(TokenDefect::ScopeMalformed) } else { Ok(scopes) }
}
