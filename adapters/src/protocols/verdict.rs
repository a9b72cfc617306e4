//! What an answer or its absence means, for every protocol alike. The rule delivery builds on: `Later` only
//! where the agency certainly does not have the message, `Unknown` wherever it might.
//!
//! | what came | class |
//! |---|---|
//! | no connection; nothing was sent | later |
//! | sent, then time-out, reset, too large an answer | unknown |
//! | 408, 425, 429, 500, 503: the agency's system says it did not take it | later, `Retry-After` honoured |
//! | 401, 403, 407: credentials may be changing | later |
//! | 410, 422 | refused |
//! | other 4xx, 501, 505: an address, a form or a setting is wrong | broken |
//! | 502, 504 and other 5xx: somebody in between says it does not know | unknown |
//! | 3xx: never followed; after a 302 or 303 it may well have been taken | unknown |
//! | 2xx that is not the protocol's answer: a portal's page, garbage | unknown |
//!
//! `[errors]` in `agency.toml` overrides single statuses of an error.

use casework::Code;
use chrono::DateTime;
use egress::{EgressError, Response};
use serde_json::Value;

use crate::{
    agency::Agency,
    codes::Direction,
    exchange::{Exchange, class},
    manifest::ErrorClass,
};

/// Longest wait an agency can ask for: one hour. Longer than that, somebody should look.
const RETRY_AFTER_SECONDS_MAX: u64 = 3_600;
/// Longest number an agency gives a message, in characters.
const REFERENCE_CHARS_MAX: usize = 80;

/// What a call that brought no answer means.
pub fn of_failure(error: &EgressError) -> Exchange {
    match error {
        EgressError::NotConnected { .. } => Exchange::later(error.code()),
        EgressError::NoAnswer { .. } | EgressError::TooLarge { .. } => Exchange::unknown(error.code()),
        EgressError::NotAllowed(_) | EgressError::BadRequest(_) => Exchange::broken(error.code()),
    }
}

/// What an answer other than 2xx means at this agency.
pub fn of_status(agency: &Agency, answer: &Response) -> Exchange {
    let said = agency.errors.get(&answer.status).copied();
    match said.unwrap_or_else(|| usual(answer.status)) {
        ErrorClass::Later => {
            Exchange::Later { class: class(later_slug(answer.status)), retry_after_s: retry_after(answer) }
        }
        ErrorClass::Refused => Exchange::Refused { code: refusal(agency, answer) },
        ErrorClass::Broken => Exchange::broken("rejected-by-agency"),
        ErrorClass::Unknown if (300..400).contains(&answer.status) => Exchange::unknown("redirected"),
        ErrorClass::Unknown => Exchange::unknown("unclear-answer"),
    }
}

const fn usual(status: u16) -> ErrorClass {
    match status {
        401 | 403 | 407 | 408 | 425 | 429 | 500 | 503 => ErrorClass::Later,
        410 | 422 => ErrorClass::Refused,
        400..=499 | 501 | 505 => ErrorClass::Broken,
        _ => ErrorClass::Unknown,
    }
}

const fn later_slug(status: u16) -> &'static str {
    match status {
        401 | 403 | 407 => "credentials",
        429 => "too-many-requests",
        _ => "agency-unavailable",
    }
}

/// The refusal in our words: the agency's own code through `codes.csv` list `refusal`, or the bare status.
/// The agency's word is never taken over: it may hold anything.
fn refusal(agency: &Agency, answer: &Response) -> Code {
    let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let said = body.as_ref().and_then(|body| body.get("error")).and_then(Value::as_str);
    let ours = said.and_then(|said| agency.codes.map(Direction::Inbound, "refusal", said).ok());
    let ours = ours.and_then(|ours| ours.parse().ok());
    ours.or_else(|| format!("refused-{}", answer.status).parse().ok()).unwrap_or_else(|| class("refused"))
}

/// Seconds the agency asks to be left alone, capped. A date counts from the answer's own `Date`, so that no
/// clock is read and none can be wrong.
fn retry_after(answer: &Response) -> Option<u64> {
    let text = answer.header("retry-after")?.trim();
    let seconds = match text.parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_) => {
            let from = DateTime::parse_from_rfc2822(answer.header("date")?).ok()?;
            let until = DateTime::parse_from_rfc2822(text).ok()?;
            u64::try_from(until.signed_duration_since(from).num_seconds()).unwrap_or(0)
        }
    };
    Some(seconds.min(RETRY_AFTER_SECONDS_MAX))
}

/// An agency's number for a message: short, printable, nothing that could be markup or a sentence.
pub fn reference(value: Option<&Value>) -> Option<String> {
    let text = value?.as_str()?;
    let fits = matches!(text.chars().count(), 1..=REFERENCE_CHARS_MAX);
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:".contains(&byte));
    (fits && plain).then(|| text.to_owned())
}
