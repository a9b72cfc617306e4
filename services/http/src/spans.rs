//! The span of one request: method, route, status, agency, problem. Ids only; never a path, a query, a header
//! or a body.

use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use hub::trace_context;
use tracing::Span;
use tracing::field::Empty;
use uuid::Uuid;

const TRACEPARENT: &str = "traceparent";

/// A new request's span. A caller's `traceparent` is its parent, so that both sides find one another's half
/// of the story; whether it is kept is decided here and not by the caller's flag, and `tracestate` and
/// `baggage`, free text of strangers, are not read.
pub(crate) fn of_request(id: Uuid, request: &ServiceRequest) -> Span {
    let (method, route) = (method(request.method()), route(request.match_pattern()));
    let span = tracing::info_span!(
        "request",
        otel.kind = "server",
        otel.name = format!("{method} {route}"),
        id = %id,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        agency = Empty,
        problem = Empty,
        otel.status_code = Empty,
    );
    let mut sent = request.headers().get_all(TRACEPARENT);
    let parent = sent.next().filter(|_| sent.next().is_none()).and_then(|value| value.to_str().ok());
    trace_context::continued(span, parent)
}

/// What became of it.
pub(crate) fn end(span: &Span, status: u16, agency: &str, problem: &str) {
    // At once: whoever keeps the span writes its fields anew for each record.
    tracing::record_all!(span, http.response.status_code = status, agency = agency, problem = problem);
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

/// One of the methods that the table knows.
pub(crate) fn method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        _ => "other",
    }
}

/// A pattern of ours, never the path: a path holds ids, and an unknown one whatever its sender typed.
pub(crate) fn route(pattern: Option<String>) -> String {
    pattern.map_or_else(|| "none".to_owned(), |pattern| pattern.replace(":.+}", "}"))
}
