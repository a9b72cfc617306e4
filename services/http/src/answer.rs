//! How answers are dressed: JSON, the version as `ETag`, and whether they were given before.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::{Value, json};

use crate::headers::REPLAYED;
use crate::problem::Problem;
use crate::routes::{JSON, TEXT};

/// Room for most answers, so that they are not moved about while they are written.
const ANSWER_BYTES: usize = 4096;

/// 200 with JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<HttpResponse, Problem> {
    with_status(StatusCode::OK, value)
}

/// 200 with JSON that is followed by spaces up to a whole multiple of this length, so that the length of an
/// answer tells nothing of it. White space after a JSON text belongs to no value (RFC 8259 section 2).
pub(crate) fn padded(value: &impl Serialize, length: usize) -> Result<HttpResponse, Problem> {
    let mut body = serde_json::to_vec(value).map_err(|_| Problem::new("internal"))?;
    body.resize(body.len().next_multiple_of(length.max(1)), b' ');
    Ok(HttpResponse::Ok().content_type(JSON).body(body))
}

/// JSON with another status.
pub(crate) fn with_status(status: StatusCode, value: &impl Serialize) -> Result<HttpResponse, Problem> {
    let mut body = Vec::with_capacity(ANSWER_BYTES);
    serde_json::to_writer(&mut body, value).map_err(|error| {
        tracing::error!(category = ?error.classify(), "an answer could not be written as JSON");
        Problem::new("internal")
    })?;
    Ok(HttpResponse::build(status).content_type(JSON).body(body))
}

/// 200 with plain text.
pub(crate) fn text(body: String) -> HttpResponse {
    HttpResponse::Ok().content_type(TEXT).body(body)
}

/// A page of a list; `next_cursor` is null on the last one.
pub(crate) fn page(data: Value, next_cursor: Option<String>) -> Result<HttpResponse, Problem> {
    json(&json!({ "data": data, "next_cursor": next_cursor }))
}

/// Adds the version of what is answered.
pub(crate) fn versioned(answer: HttpResponse, version: u64) -> HttpResponse {
    header(answer, ETAG, &format!("\"{version}\""))
}

/// Marks an answer given before.
pub(crate) fn marked(answer: HttpResponse, replayed: bool) -> HttpResponse {
    if replayed { header(answer, REPLAYED, "true") } else { answer }
}

/// Adds a header of ours.
pub(crate) fn header(mut answer: HttpResponse, name: HeaderName, value: &str) -> HttpResponse {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers_mut().insert(name, value);
    }
    answer
}
