//! The claims of an ID token whose signature fits, by OpenID Connect Core section 3.1.3.7: exactly this
//! client, this login, now. Pure; the time is an argument.

use serde_json::{Map, Value};

use super::{Asked, Identified, LoginDefect, Ticket};
use crate::TokenDefect;

/// How far the provider's clock may be ahead of or behind ours.
const SKEW_SECONDS: i64 = 10;
/// A login takes no longer (the life of its ticket), so no honest token for it is older.
const AGE_SECONDS_MAX: i64 = super::TICKET_SECONDS;
/// OpenID Connect Core section 2: a subject has at most 255 ASCII characters.
const SUBJECT_CHARS_MAX: usize = 255;

/// For whom the token has to be.
pub(crate) struct Expected<'a> {
    pub issuer: &'a str,
    pub client: &'a str,
    pub acr: Option<&'a str>,
    pub ticket: &'a Ticket,
    pub asked: Asked,
}

/// Who it speaks of, if every rule holds at `now` (seconds since 1970).
pub(crate) fn check(
    claims: &Map<String, Value>,
    expected: &Expected<'_>,
    now: i64,
) -> Result<Identified, LoginDefect> {
    if text(claims, "iss") != Some(expected.issuer) {
        return Err(TokenDefect::IssUnknown.into());
    }
    check_audience(claims, expected.client)?;
    check_times(claims, now)?;
    match claims.get("nonce").map(Value::as_str) {
        None => return Err(LoginDefect::NonceMissing),
        Some(nonce) if expected.ticket.fits("nonce", nonce.unwrap_or_default()) => {}
        Some(_) => return Err(LoginDefect::NonceWrong),
    }
    let auth_time = check_auth_time(claims, expected.asked, now)?;
    let acr = text(claims, "acr");
    if expected.acr.is_some_and(|wanted| acr != Some(wanted)) {
        return Err(LoginDefect::AcrWrong);
    }
    let subject = text(claims, "sub").filter(|subject| is_subject(subject)).ok_or(TokenDefect::SubMissing)?;
    let acr = acr.filter(|acr| is_subject(acr)).map(str::to_owned);
    Ok(Identified { issuer: expected.issuer.to_owned(), subject: subject.to_owned(), auth_time, acr })
}

/// Steps 3 to 5: ours and nobody else's, whatever `azp` says beside it.
fn check_audience(claims: &Map<String, Value>, client: &str) -> Result<(), LoginDefect> {
    let named: Vec<&Value> = match claims.get("aud") {
        None | Some(Value::Null) => return Err(TokenDefect::AudMissing.into()),
        Some(Value::Array(several)) => several.iter().collect(),
        Some(one) => vec![one],
    };
    match named.as_slice() {
        [] => return Err(TokenDefect::AudMissing.into()),
        [one] if one.as_str() == Some(client) => {}
        several if several.iter().any(|one| one.as_str() == Some(client)) => {
            return Err(TokenDefect::AudMany.into());
        }
        _ => return Err(TokenDefect::AudWrong.into()),
    }
    match claims.get("azp") {
        Some(azp) if azp.as_str() != Some(client) => Err(LoginDefect::AzpWrong),
        _ => Ok(()),
    }
}

/// Steps 9 and 10.
fn check_times(claims: &Map<String, Value>, now: i64) -> Result<(), LoginDefect> {
    let exp = seconds(claims, "exp")?.ok_or(TokenDefect::ExpMissing)?;
    let iat = seconds(claims, "iat")?.ok_or(TokenDefect::IatMissing)?;
    if seconds(claims, "nbf")?.is_some_and(|nbf| nbf > now.saturating_add(SKEW_SECONDS)) {
        return Err(TokenDefect::NotYetValid.into());
    }
    if exp.saturating_add(SKEW_SECONDS) <= now {
        return Err(TokenDefect::Expired.into());
    }
    if iat > now.saturating_add(SKEW_SECONDS) {
        return Err(TokenDefect::IatFuture.into());
    }
    if iat < now.saturating_sub(AGE_SECONDS_MAX) {
        return Err(LoginDefect::IatStale);
    }
    Ok(())
}

/// Step 13: `max_age` was sent, so when the person was last asked has to be said.
fn check_auth_time(claims: &Map<String, Value>, asked: Asked, now: i64) -> Result<i64, LoginDefect> {
    let auth_time = seconds(claims, "auth_time")?.ok_or(LoginDefect::AuthTimeMissing)?;
    if auth_time > now.saturating_add(SKEW_SECONDS) {
        return Err(LoginDefect::AuthTimeFuture);
    }
    let oldest = match asked {
        Asked::WithinSeconds(max_age) => now.saturating_sub(max_age),
        Asked::AnewSince(begun) => begun,
    };
    if auth_time < oldest.saturating_sub(SKEW_SECONDS) {
        return Err(LoginDefect::AuthTimeStale);
    }
    Ok(auth_time)
}

fn seconds(claims: &Map<String, Value>, claim: &str) -> Result<Option<i64>, LoginDefect> {
    let Some(value) = claims.get(claim) else { return Ok(None) };
    value.as_i64().map(Some).ok_or_else(|| TokenDefect::TimeMalformed.into())
}

fn text<'a>(claims: &'a Map<String, Value>, claim: &str) -> Option<&'a str> {
    claims.get(claim)?.as_str()
}

fn is_subject(text: &str) -> bool {
    matches!(text.len(), 1..=SUBJECT_CHARS_MAX)
        && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
}
