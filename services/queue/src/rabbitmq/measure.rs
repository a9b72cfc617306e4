//! What is counted, per agency and never per child. Named here once, for whoever draws it.

use casework::{AgencyCode, Metric};
use metrics::{counter, gauge};

use crate::QueueState;

pub(super) const PUBLISHED: &str = "amaan_queue_published_total";
const RETURNED: &str = "amaan_queue_returned_total";
pub(super) const NACKED: &str = "amaan_queue_nacked_total";
pub(super) const ERRORS: &str = "amaan_queue_publish_errors_total";
pub(super) const CONSUMED: &str = "amaan_queue_consumed_total";
pub(super) const REDELIVERED: &str = "amaan_queue_redelivered_total";
const MALFORMED: &str = "amaan_queue_malformed_total";
const DEAD: &str = "amaan_queue_dead_lettered_total";
const CANARIES_LOST: &str = "amaan_queue_canaries_lost_total";
const RECONNECTS: &str = "amaan_queue_reconnects_total";
const STATE: &str = "amaan_queue_state";

/// What this crate counts, where a broker carries.
pub const METRICS: &[Metric] = &[
    Metric::counter(PUBLISHED, &["agency"], "Parcels the broker confirmed."),
    Metric::counter(RETURNED, &["agency"], "Parcels the broker gave back because nothing is bound."),
    Metric::counter(NACKED, &["agency"], "Parcels the broker refused."),
    Metric::counter(ERRORS, &["agency", "kind"], "Parcels that were not published, by kind."),
    Metric::counter(CONSUMED, &["agency"], "Parcels brought to this hub's workers."),
    Metric::counter(REDELIVERED, &["agency"], "Parcels the broker brought again."),
    Metric::counter(MALFORMED, &["queue"], "Messages that are no parcel."),
    Metric::counter(DEAD, &["agency"], "Parcels in the dead-letter queue."),
    Metric::counter(CANARIES_LOST, &[], "Canaries that did not come back."),
    Metric::counter(RECONNECTS, &["side"], "Connections to the broker that were lost, by side."),
    Metric::gauge(STATE, &[], "The broker: 2 up, 1 blocked, 0 down."),
];

pub(super) fn count(name: &'static str, agency: &AgencyCode) {
    counter!(name, "agency" => agency.to_string()).increment(1);
}

pub(super) fn returned(agency: &AgencyCode, parcels: usize) {
    counter!(RETURNED, "agency" => agency.to_string()).increment(u64::try_from(parcels).unwrap_or(u64::MAX));
}

pub(super) fn malformed(queue: &str) {
    counter!(MALFORMED, "queue" => queue.to_owned()).increment(1);
}

pub(super) fn dead(agency: &str) {
    counter!(DEAD, "agency" => agency.to_owned()).increment(1);
}

pub(super) fn failed(agency: &AgencyCode, kind: &'static str) {
    counter!(ERRORS, "agency" => agency.to_string(), "kind" => kind).increment(1);
}

pub(super) fn canary_lost() {
    counter!(CANARIES_LOST).increment(1);
}

pub(super) fn lost(side: &'static str) {
    counter!(RECONNECTS, "side" => side).increment(1);
}

pub(super) fn state(state: QueueState) {
    gauge!(STATE).set(match state {
        QueueState::Up => 2.0,
        QueueState::Blocked => 1.0,
        QueueState::Down { .. } => 0.0,
    });
}
