//! One call of an agency's system, watched: a span with protocol and outcome, and its time. What is said in
//! the call never shows.

use std::future::Future;
use std::time::Instant;

use adapters::{Agency, Exchange, Protocol};
use tracing::Instrument;
use tracing::field::Empty;

use crate::measure;

/// Waits for a call and notes how it went.
pub(crate) async fn watched(agency: &Agency, call: impl Future<Output = Exchange>) -> Exchange {
    let span = tracing::info_span!(
        "agency call",
        otel.kind = "client",
        agency = %agency.code,
        protocol = protocol(agency.protocol),
        outcome = Empty,
        class = Empty,
    );
    let started = Instant::now();
    let exchange = call.instrument(span.clone()).await;
    measure::called(&agency.code, started.elapsed());
    let (outcome, class) = told(&exchange);
    span.record("outcome", outcome);
    if let Some(class) = class {
        span.record("class", class);
    }
    exchange
}

const fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::HttpJson => "http-json",
        Protocol::Primero => "primero",
        Protocol::Soap => "soap",
        Protocol::Pull => "pull",
    }
}

/// Outcome and class as words of ours; an agency's own words are not among them.
fn told(exchange: &Exchange) -> (&'static str, Option<&str>) {
    match exchange {
        Exchange::Delivered { .. } => ("delivered", None),
        Exchange::Refused { code } => ("refused", Some(code.as_str())),
        Exchange::Later { class, .. } => ("later", Some(class.as_str())),
        Exchange::Unknown { class } => ("unknown", Some(class.as_str())),
        Exchange::Broken { class } => ("broken", Some(class.as_str())),
    }
}
