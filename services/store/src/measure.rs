//! Metrics of the commit and of the key slots. Counted where it happens, read by whoever installed a
//! recorder; without one it costs next to nothing.

use std::time::Duration;

use casework::Metric;
use metrics::{counter, gauge, histogram};

use crate::Lane;

const BATCH_ORDERS: &str = "amaan_store_batch_orders";
const COMMIT_SECONDS: &str = "amaan_store_commit_duration_seconds";
const COMMIT_FAILURES: &str = "amaan_store_commit_failures_total";
const LANE_ORDERS: &str = "amaan_store_lane_orders";
const LANE_REFUSED: &str = "amaan_store_lane_refused_total";
const KEY_SLOTS: &str = "amaan_key_slots";
const KEY_FAILURES: &str = "amaan_key_slot_failures_total";

/// Up to the writer's bound, 256.
const ORDERS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];
/// From a commit without a wait for the disk to one that made callers give up.
const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// What this crate counts.
pub const METRICS: &[Metric] = &[
    Metric::histogram(BATCH_ORDERS, ORDERS, &[], "Orders in one committed transaction."),
    Metric::histogram(
        COMMIT_SECONDS,
        SECONDS,
        &[],
        "Seconds of one transaction, from its first statement to the return of COMMIT.",
    ),
    Metric::counter(
        COMMIT_FAILURES,
        &[],
        "Transactions that were not committed; halves of a batch that are tried again count too.",
    ),
    Metric::gauge(
        LANE_ORDERS,
        &["lane"],
        "Orders that wait for the writer, by lane: emergency, outcomes, intake, reads.",
    ),
    Metric::counter(
        LANE_REFUSED,
        &["lane"],
        "Orders refused because their lane was full (503 for the caller).",
    ),
    Metric::gauge(KEY_SLOTS, &[], "Unused case keys in memory; a new case takes one."),
    Metric::counter(
        KEY_FAILURES,
        &[],
        "Times the key database gave no new case keys though none was left in memory.",
    ),
];

/// Begins rare counters at zero: a rule that looks for growth would not see the first step of a series that
/// was not there before.
pub fn begin() {
    counter!(COMMIT_FAILURES).increment(0);
    counter!(KEY_FAILURES).increment(0);
    for lane in [Lane::Emergency, Lane::Outcomes, Lane::Intake, Lane::Reads] {
        counter!(LANE_REFUSED, "lane" => word(lane)).increment(0);
    }
}

/// A transaction ended.
pub(crate) fn committed(orders: usize, took: Duration, well: bool) {
    if !well {
        counter!(COMMIT_FAILURES).increment(1);
        return;
    }
    histogram!(BATCH_ORDERS).record(number(orders));
    histogram!(COMMIT_SECONDS).record(took.as_secs_f64());
}

/// How many wait in a lane.
pub(crate) fn lane(lane: Lane, orders: usize) {
    gauge!(LANE_ORDERS, "lane" => word(lane)).set(number(orders));
}

/// A lane was full.
pub(crate) fn lane_refused(lane: Lane) {
    counter!(LANE_REFUSED, "lane" => word(lane)).increment(1);
}

/// Unused keys in memory.
pub(crate) fn key_slots(ready: usize) {
    gauge!(KEY_SLOTS).set(number(ready));
}

/// None left, and none to be had.
pub(crate) fn key_slots_missing() {
    counter!(KEY_FAILURES).increment(1);
}

pub(crate) const fn word(lane: Lane) -> &'static str {
    match lane {
        Lane::Emergency => "emergency",
        Lane::Outcomes => "outcomes",
        Lane::Intake => "intake",
        Lane::Reads => "reads",
    }
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
