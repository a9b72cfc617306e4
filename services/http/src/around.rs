//! What every request gets, pages and unknown paths too: an id, headers that keep a browser and its caches
//! out of mischief, one line in the log and its place in the metrics. Nothing here looks at a body or a
//! query.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpRequest};
use casework::Caller;
use tracing::{Instrument, Span};
use uuid::Uuid;

use crate::server::Shared;
use crate::{measure, spans, tls};

/// For every answer. The content security policy allows our own style sheet and nothing else: no script, no
/// frame, no foreign host. `no-store`: an answer may be about a child.
const HEADERS: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-robots-tag", "noindex"),
    ("cache-control", "no-store"),
];
const REQUEST_ID: &str = "request-id";

/// The id of a request; also the `instance` of its problem.
#[derive(Debug, Clone, Copy)]
struct Numbered(Uuid);

/// Who asked: the agency, and its client, an opaque label.
struct AskedBy {
    agency: String,
    client: String,
}

/// Which problem was answered.
struct Answered(&'static str);

/// The id this request got.
pub(crate) fn request_id(request: &HttpRequest) -> Uuid {
    request.extensions().get::<Numbered>().map_or(Uuid::nil(), |id| id.0)
}

/// Keeps who asked, for the log.
pub(crate) fn name_caller(request: &HttpRequest, caller: &Caller) {
    request.extensions_mut().insert(AskedBy {
        agency: caller.agency.to_string(),
        client: format!("{}/{}", caller.agency, caller.client),
    });
}

/// Keeps what was answered, for the log.
pub(crate) fn name_problem(request: &HttpRequest, slug: &'static str) {
    request.extensions_mut().insert(Answered(slug));
}

/// Around every request.
pub(crate) async fn around<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let started = Instant::now();
    let id = Uuid::now_v7();
    request.extensions_mut().insert(Numbered(id));
    // Whatever is logged on the way, here or in the hub, carries the id.
    let span = spans::of_request(id, &request);
    let mut response = next.call(request).instrument(span.clone()).await?;
    dress(response.headers_mut(), id);
    if tls::is_of_old(response.request()) {
        // Who stays connected shows its certificate anew, to those in force now.
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    record(&response, id, started, &span);
    Ok(response)
}

fn dress(headers: &mut HeaderMap, id: Uuid) {
    for (name, value) in HEADERS {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(HeaderName::from_static(REQUEST_ID), value);
    }
}

fn record<B>(response: &ServiceResponse<B>, id: Uuid, started: Instant, span: &Span) {
    let request = response.request();
    let status = response.status().as_u16();
    let took = started.elapsed();
    let (method, route) = (spans::method(request.method()), spans::route(request.match_pattern()));
    measure::request(method, &route, status, took);
    if let Some(shared) = request.app_data::<Data<Shared>>() {
        measure::keep_up(&shared.api.metrics, &shared.served);
    }
    let extensions = request.extensions();
    let asked = extensions.get::<AskedBy>();
    let client = asked.map_or("-", |asked| asked.client.as_str());
    let problem = extensions.get::<Answered>().map_or("-", |answered| answered.0);
    spans::end(span, status, asked.map_or("-", |asked| asked.agency.as_str()), problem);
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(request = %id, method, route, status, client, problem, ms, "answered");
}
