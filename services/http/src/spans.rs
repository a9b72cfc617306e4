//! The span of one request: method, route, status, agency, problem. Ids only; never a path, a query, a header
//! or a body.

use actix_web::dev::ServiceRequest;
use hub::trace_context;
use tracing::Span;
use tracing::field::Empty;
use uuid::Uuid;

const TRACEPARENT: &str = "traceparent";

/// A new request's span. A caller's `traceparent` is its parent, so that both sides find one another's half
/// of the story; whether it is kept is decided here and not by the caller's flag, and `tracestate` and
/// `baggage`, free text of strangers, are not read.
pub(crate) fn of_request(id: Uuid, request: &ServiceRequest) -> Span {
    let span = tracing::info_span!(
        "request",
        otel.kind = "server",
        otel.name = Empty,
        id = %id,
        http.request.method = Empty,
        http.route = Empty,
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
pub(crate) fn end(span: &Span, method: &str, route: &str, status: u16, agency: &str, problem: &str) {
    span.record("otel.name", format!("{method} {route}"));
    span.record("http.request.method", method);
    span.record("http.route", route);
    span.record("http.response.status_code", status);
    span.record("agency", agency);
    span.record("problem", problem);
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}
