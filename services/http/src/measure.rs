//! Metrics of the edge, and the process's recorder. Labels are closed lists of ours: routes, statuses,
//! agencies, services, problem slugs; never a case, a person, a client or anything typed by a caller.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use casework::{AgencyCode, CheckStatus, Metric, MetricKind, Status};
use hub::Submitted;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
pub use metrics_exporter_prometheus::PrometheusHandle as Recorder;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

const BUILD: &str = "amaan_build_info";
const REQUESTS: &str = "amaan_http_requests_total";
const DURATION: &str = "amaan_http_request_duration_seconds";
const PROBLEMS: &str = "amaan_problems_total";
const TOKENS_REFUSED: &str = "amaan_tokens_refused_total";
const SIGNED_IN: &str = "amaan_sign_ins_total";
const DESK_REFUSED: &str = "amaan_desk_refused_total";
const REFERRALS: &str = "amaan_referrals_total";
const STEPS: &str = "amaan_referral_steps_total";
const CHECKS: &str = "amaan_identity_checks_total";
const STREAMS: &str = "amaan_event_streams";
const CERTIFICATES_REFUSED: &str = "amaan_tls_certificates_refused_total";
const CERTIFICATE_ENDS: &str = "amaan_tls_certificate_ends_timestamp_seconds";
const TLS_RELOADS: &str = "amaan_tls_reloads_total";
const TLS_OUTDATED: &str = "amaan_tls_outdated";

/// From a page that is in memory to the longest identity check, 20 s.
const SECONDS: &[f64] = &[0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 20.0];
/// Histograms are tidied every so many requests, so that they stay small though nobody reads `/metrics`.
const KEEP_UP_EVERY: u64 = 1_024;

/// What this crate counts; the process's own numbers are `process::METRICS`.
pub const METRICS: &[Metric] = &[
    Metric::gauge(BUILD, &["version"], "Always 1; the version that runs."),
    Metric::counter(
        REQUESTS,
        &["method", "route", "status"],
        "Requests answered, by method, route and status.",
    ),
    Metric::histogram(
        DURATION,
        SECONDS,
        &["method", "route"],
        "Seconds from a request's head to its answer, by method and route.",
    ),
    Metric::counter(PROBLEMS, &["problem"], "Problems answered, by type."),
    Metric::counter(TOKENS_REFUSED, &["defect"], "Tokens refused, by the rule they break."),
    Metric::counter(SIGNED_IN, &["kind"], "People who signed in, confirmed who they are, or signed out."),
    Metric::counter(
        DESK_REFUSED,
        &["defect"],
        "Logins and visits to the desk refused, by the rule they break.",
    ),
    Metric::counter(
        REFERRALS,
        &["from", "to"],
        "Referrals taken, by sender and receiver: finer would tell of single children.",
    ),
    Metric::counter(
        STEPS,
        &["agency", "step", "status"],
        "Steps of referrals taken over the API, by agency, step and state after it.",
    ),
    Metric::counter(CHECKS, &["from", "status"], "Identity checks, by asking agency and status."),
    Metric::gauge(STREAMS, &[], "Streams of events that are open."),
    Metric::counter(
        CERTIFICATES_REFUSED,
        &["reason"],
        "Client certificates refused in the handshake, by reason; the log has their fingerprints.",
    ),
    Metric::gauge(
        CERTIFICATE_ENDS,
        &["certificate"],
        "When the listener's certificate ends, and the first of its client authorities; 0 without TLS.",
    ),
    Metric::counter(
        TLS_RELOADS,
        &["result"],
        "Changes of the listener's certificate files, by result: ok; refused, and the old stay in force.",
    ),
    Metric::gauge(
        TLS_OUTDATED,
        &[],
        "1 while the listener's certificate files cannot be used and older ones are in force.",
    ),
];

/// The process's recorder with our buckets and words: made by the first call, the same for all.
#[must_use]
pub fn recorder() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(install).clone()
}

fn install() -> PrometheusHandle {
    let known = || [METRICS, hub::measure::METRICS, store::measure::METRICS].into_iter().flatten();
    let builder = known().fold(PrometheusBuilder::new(), |builder, metric| match metric.kind {
        // Only an empty list of buckets is refused.
        MetricKind::Histogram(bounds) => builder
            .set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), bounds)
            .unwrap_or_else(|_| PrometheusBuilder::new()),
        _ => builder,
    });
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::warn!("this process already has another metrics recorder; /metrics stays empty");
    }
    known().for_each(describe);
    hub::measure::begin();
    store::measure::begin();
    gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    streams(0);
    gauge!(TLS_OUTDATED).set(0.0);
    certificate_ends("server", 0);
    certificate_ends("client-authority", 0);
    handle
}

/// Tells the recorder what a metric means. The edge knows its own and those of the floors below it.
pub fn describe(metric: &Metric) {
    match metric.kind {
        MetricKind::Counter => describe_counter!(metric.name, metric.about),
        MetricKind::Gauge => describe_gauge!(metric.name, metric.about),
        MetricKind::Histogram(_) => describe_histogram!(metric.name, metric.about),
    }
}

/// One request answered. `route` is a pattern of the table.
pub(crate) fn request(method: &'static str, route: &str, status: u16, took: Duration) {
    let (route, status) = (route.to_owned(), status.to_string());
    counter!(REQUESTS, "method" => method, "route" => route.clone(), "status" => status).increment(1);
    histogram!(DURATION, "method" => method, "route" => route).record(took.as_secs_f64());
}

/// Tidies histograms now and then.
pub(crate) fn keep_up(handle: &PrometheusHandle, served: &AtomicU64) {
    if served.fetch_add(1, Ordering::Relaxed).is_multiple_of(KEEP_UP_EVERY) {
        handle.run_upkeep();
    }
}

/// One problem answered.
pub(crate) fn problem(slug: &'static str) {
    counter!(PROBLEMS, "problem" => slug).increment(1);
}

/// One token refused.
pub(crate) fn token_refused(defect: &'static str) {
    counter!(TOKENS_REFUSED, "defect" => defect).increment(1);
}

/// Somebody signed in, confirmed who they are, or signed out.
pub(crate) fn signed_in(kind: &'static str) {
    counter!(SIGNED_IN, "kind" => kind).increment(1);
}

/// One login or visit refused.
pub(crate) fn desk_refused(defect: &'static str) {
    counter!(DESK_REFUSED, "defect" => defect).increment(1);
}

/// New referrals; a repeated request makes none.
pub(crate) fn submitted(from: &AgencyCode, submitted: &Submitted) {
    if submitted.replayed {
        return;
    }
    for referral in &submitted.referrals {
        let (from, to) = (from.to_string(), referral.to.to_string());
        counter!(REFERRALS, "from" => from, "to" => to).increment(1);
    }
}

/// So many streams of events are open.
pub(crate) fn streams(open: usize) {
    gauge!(STREAMS).set(f64::from(u32::try_from(open).unwrap_or(u32::MAX)));
}

/// A client certificate was refused in the handshake.
pub(crate) fn certificate_refused(reason: &'static str) {
    counter!(CERTIFICATES_REFUSED, "reason" => reason).increment(1);
}

/// When a certificate in force ends.
pub(crate) fn certificate_ends(which: &'static str, seconds: i64) {
    let seconds = u32::try_from(seconds.max(0)).unwrap_or(u32::MAX);
    gauge!(CERTIFICATE_ENDS, "certificate" => which).set(f64::from(seconds));
}

/// The certificate files have changed: are the new ones in force?
pub(crate) fn tls_reloaded(in_force: bool) {
    counter!(TLS_RELOADS, "result" => if in_force { "ok" } else { "refused" }).increment(1);
    gauge!(TLS_OUTDATED).set(if in_force { 0.0 } else { 1.0 });
}

/// A referral took a step.
pub(crate) fn step(agency: &AgencyCode, action: &'static str, status: Status) {
    counter!(STEPS, "agency" => agency.to_string(), "step" => action, "status" => status.as_str())
        .increment(1);
}

/// An identity check was made.
pub(crate) fn checked(from: &AgencyCode, status: CheckStatus) {
    let status = match status {
        CheckStatus::Asked => "asked",
        CheckStatus::Answered => "answered",
        CheckStatus::Refused => "refused",
        CheckStatus::TimedOut => "timed-out",
    };
    counter!(CHECKS, "from" => from.to_string(), "status" => status).increment(1);
}
