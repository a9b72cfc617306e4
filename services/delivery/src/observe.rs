//! What delivery counts, and the spans of its steps. A span continues the trace that came with the message,
//! so that a hand-over hours later still belongs to the request that brought it in.

use casework::{AgencyCode, DeliveryId, Metric};
use hub::trace_context;
use metrics::counter;
use tracing::Span;

const HAND_OVERS: &str = "amaan_hand_overs_total";
const RELAYED: &str = "amaan_relayed_total";
const TRIAGE: &str = "amaan_triage_total";
const POLLS: &str = "amaan_polls_total";

/// What this crate counts.
pub const METRICS: &[Metric] = &[
    Metric::counter(
        HAND_OVERS,
        &["agency", "result"],
        "Parcels a worker took, by recipient and result: rested, waits, not-ours, failed, panicked.",
    ),
    Metric::counter(RELAYED, &["agency"], "Deliveries handed to the queue and confirmed by it."),
    Metric::counter(
        TRIAGE,
        &["agency"],
        "Fetched answers that no mapping or no rule takes; a person has to look.",
    ),
    Metric::counter(POLLS, &["agency", "result"], "Rounds of asking an agency for answers: taken, failed."),
];

/// A parcel left a worker.
pub fn handed_over(agency: &AgencyCode, result: &'static str) {
    counter!(HAND_OVERS, "agency" => agency.to_string(), "result" => result).increment(1);
}

/// The queue confirmed this many.
pub fn relayed(agency: &str, count: usize) {
    counter!(RELAYED, "agency" => agency.to_owned()).increment(u64::try_from(count).unwrap_or(0));
}

/// An answer needs a person.
pub fn triage(agency: &AgencyCode) {
    counter!(TRIAGE, "agency" => agency.to_string()).increment(1);
}

/// A round of asking ended.
pub fn polled(agency: &AgencyCode, well: bool) {
    let result = if well { "taken" } else { "failed" };
    counter!(POLLS, "agency" => agency.to_string(), "result" => result).increment(1);
}

/// A message goes to the queue.
#[must_use]
pub fn publishing(delivery: DeliveryId, agency: &AgencyCode, trace: Option<&str>) -> Span {
    let span = tracing::info_span!("publish", otel.kind = "producer", %delivery, %agency);
    trace_context::continued(span, trace)
}

/// A worker has a parcel.
#[must_use]
pub fn handing_over(delivery: DeliveryId, agency: &AgencyCode, trace: Option<&str>) -> Span {
    let span = tracing::info_span!("hand over", otel.kind = "consumer", %delivery, %agency);
    trace_context::continued(span, trace)
}

/// A round of asking an agency.
#[must_use]
pub fn polling(agency: &AgencyCode) -> Span {
    tracing::info_span!("poll", otel.kind = "client", %agency)
}
