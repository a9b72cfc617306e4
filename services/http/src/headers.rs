//! Request headers that mean something to the API, read strictly: one value or none, of the form it must
//! have. A value is never repeated in an error.

use actix_web::http::header::{ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, IF_MATCH};
pub use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use hub::Key;
use identity::SignatureDefect;

use crate::problem::Problem;
use crate::routes::Takes;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// An agency's signature over the body.
const SIGNATURE: HeaderName = HeaderName::from_static("amaan-signature");
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// `Idempotency-Replayed: true` marks an answer given before.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// No honest `Accept` header names more forms.
const ACCEPTED_MAX: usize = 32;

/// A header that stands at most once.
enum Single<'a> {
    None,
    One(&'a str),
    /// Twice, or not ASCII.
    Unusable,
}

fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Single<'a> {
    let mut all = headers.get_all(name);
    match (all.next(), all.next()) {
        (None, _) => Single::None,
        (Some(value), None) => value.to_str().map_or(Single::Unusable, |text| Single::One(text.trim())),
        _ => Single::Unusable,
    }
}

/// The bearer token; empty where there is none, or none that could be meant.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> &str {
    let Single::One(text) = single(headers, &AUTHORIZATION) else { return "" };
    let Some((scheme, token)) = text.split_once(' ') else { return "" };
    // RFC 9110 section 11.1: the scheme's case does not matter.
    if scheme.eq_ignore_ascii_case("bearer") { token.trim() } else { "" }
}

/// The idempotency key of a request that writes.
///
/// # Errors
/// `idempotency-key-required`, `idempotency-key-malformed`.
pub fn idempotency_key(headers: &HeaderMap) -> Result<Key, Problem> {
    match single(headers, &IDEMPOTENCY_KEY) {
        Single::None | Single::One("") => Err(Problem::new("idempotency-key-required")),
        Single::One(text) => Key::new(text).ok_or_else(|| Problem::new("idempotency-key-malformed")),
        Single::Unusable => Err(Problem::new("idempotency-key-malformed")),
    }
}

/// The agency's signature over the body, unchecked; `None` where it sent none.
///
/// # Errors
/// [`SignatureDefect::Doubled`].
pub fn signature(headers: &HeaderMap) -> Result<Option<&str>, SignatureDefect> {
    match single(headers, &SIGNATURE) {
        Single::None => Ok(None),
        Single::One(text) => Ok(Some(text)),
        Single::Unusable => Err(SignatureDefect::Doubled),
    }
}

/// The version a caller expects: `"3"` or `3`; `None` where it expects none.
///
/// # Errors
/// `if-match-malformed` for anything else: a list, a weak tag, `*`.
pub fn if_match(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let malformed = || Problem::new("if-match-malformed");
    match single(headers, &IF_MATCH) {
        Single::None => Ok(None),
        Single::One(text) => {
            let quoted = text.strip_prefix('"').map(|rest| rest.strip_suffix('"').ok_or_else(malformed));
            let digits = quoted.unwrap_or(Ok(text))?;
            let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            let version = if plain { digits.parse().ok() } else { None };
            version.map(Some).ok_or_else(malformed)
        }
        Single::Unusable => Err(malformed()),
    }
}

/// Where a listener comes back from; `None` where it begins.
///
/// # Errors
/// `last-event-id-malformed` for anything but an `id` of the stream.
pub fn last_event_id(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let malformed = || Problem::new("last-event-id-malformed");
    match single(headers, &LAST_EVENT_ID) {
        Single::None | Single::One("") => Ok(None),
        Single::One(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            text.parse().map(Some).map_err(|_| malformed())
        }
        Single::One(_) | Single::Unusable => Err(malformed()),
    }
}

/// Does the caller accept what this address answers in? Parameters and weights do not matter here.
///
/// # Errors
/// `not-acceptable`.
pub fn check_accept(headers: &HeaderMap, media: &str) -> Result<(), Problem> {
    if !headers.contains_key(ACCEPT) {
        return Ok(());
    }
    let ours = media.split(';').next().unwrap_or(media);
    let family = ours.split('/').next().unwrap_or(ours);
    let fits = |wanted: &str| {
        let wanted = wanted.split(';').next().unwrap_or("").trim();
        let any_of_family = wanted.strip_suffix("/*").is_some_and(|group| group.eq_ignore_ascii_case(family));
        let plain_json = ours.ends_with("+json") && wanted.eq_ignore_ascii_case("application/json");
        wanted == "*/*" || any_of_family || plain_json || wanted.eq_ignore_ascii_case(ours)
    };
    let texts = headers.get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    let accepted = texts.flat_map(|text| text.split(',')).take(ACCEPTED_MAX).any(fits);
    let detail = || format!("this address answers in `{ours}`");
    if accepted { Ok(()) } else { Err(Problem::new("not-acceptable").detail(detail())) }
}

/// A body may be JSON and nothing else, and never compressed: an uncompressed bound is an honest bound.
///
/// # Errors
/// `body-encoding-refused`, `content-type-refused`.
pub fn check_content(headers: &HeaderMap, takes: Takes) -> Result<(), Problem> {
    let plain = |text: &str| text.eq_ignore_ascii_case("identity");
    match single(headers, &CONTENT_ENCODING) {
        Single::None => {}
        Single::One(text) if plain(text) => {}
        _ => return Err(Problem::new("body-encoding-refused")),
    }
    let refused = || Err(Problem::new("content-type-refused"));
    match single(headers, &CONTENT_TYPE) {
        Single::None => Ok(()),
        Single::One(text) => {
            let media = text.split(';').next().unwrap_or("").trim();
            let json = media.eq_ignore_ascii_case("application/json");
            if json || takes == Takes::Nothing { Ok(()) } else { refused() }
        }
        Single::Unusable => refused(),
    }
}
