//! Reading what a caller sent: the bearer secret, the delivery headers, a JSON body, and the hub's ids inside
//! an agency's own form. Nothing here answers; each protocol words its own errors.

use std::str::FromStr;

use actix_web::{HttpRequest, http::header::AUTHORIZATION};
use casework::{DeliveryId, MessageKind, ReferralId};
use serde_json::Value;

/// Levels of a form searched for an id; the agencies' forms have three.
const DEPTH_MAX: u8 = 16;

/// The token after `Bearer`.
pub(crate) fn bearer(request: &HttpRequest) -> Option<&str> {
    header(request, AUTHORIZATION.as_str())?.strip_prefix("Bearer ")
}

/// The delivery the hub names in a header: `Idempotency-Key`, or `X-Amaan-Delivery` where that is absent.
pub(crate) fn delivery(request: &HttpRequest) -> Option<DeliveryId> {
    let named = header(request, "idempotency-key").or_else(|| header(request, "x-amaan-delivery"));
    named?.parse().ok()
}

/// The attempt's number, where the hub tells it in `X-Amaan-Attempt`.
pub(crate) fn attempt(request: &HttpRequest) -> Option<u32> {
    header(request, "x-amaan-attempt")?.parse().ok()
}

/// The first referral id anywhere in a form.
pub(crate) fn referral_in(form: &Value) -> Option<ReferralId> {
    find(form, 0)
}

/// The kind of message a form names anywhere by its schema's name.
pub(crate) fn kind_in(form: &Value) -> Option<MessageKind> {
    find(form, 0)
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

/// The first id or kind of that type among the words of a text, as in `[amaan rf_...]`.
pub(crate) fn named_in<T: FromStr>(text: &str) -> Option<T> {
    let of_a_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    text.split(|c| !of_a_word(c)).find_map(|word| word.parse().ok())
}

fn find<T: FromStr>(value: &Value, depth: u8) -> Option<T> {
    let deeper = depth.saturating_add(1);
    match value {
        _ if depth > DEPTH_MAX => None,
        Value::String(text) => named_in(text),
        Value::Array(items) => items.iter().find_map(|item| find(item, deeper)),
        Value::Object(members) => members.values().find_map(|member| find(member, deeper)),
        _ => None,
    }
}
