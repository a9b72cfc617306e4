//! Metrics of the use cases. Labels are closed lists of ours: agencies, message types, coded outcomes; never
//! a case, a person or a client. What the database knows is read now and then (`gauges.rs`), not at every
//! scrape.

use std::time::Duration;

use casework::{AgencyCode, Delivery, DeliveryStep, Metric, Overdue, TimeSource};
use metrics::{counter, gauge, histogram};
use store::{Principle, Recount};

use crate::{Audited, feeds, follow_retention, gauges};

const CARRIED_REFUSED: &str = "amaan_carried_bodies_refused_total";
const DELIVERIES: &str = "amaan_deliveries_total";
const ATTEMPTS: &str = "amaan_delivery_attempts_total";
const ATTEMPT_SECONDS: &str = "amaan_delivery_attempt_duration_seconds";
const DELIVERED_SECONDS: &str = "amaan_delivered_after_seconds";
const QUEUE_UP: &str = "amaan_queue_up";
const QUEUE_BLOCKED: &str = "amaan_queue_blocked";
const WEBHOOKS: &str = "amaan_webhook_tries_total";
const WITNESSES: &str = "amaan_witness_requests_total";
const ALARMS: &str = "amaan_alarms_total";
const TRACES: &str = "amaan_trace_exports_total";
const SIGNATURES_REFUSED: &str = "amaan_signatures_refused_total";
const OVERDUE: &str = "amaan_clocks_overdue_total";
const AUDITS: &str = "amaan_self_audits_total";
/// What a round of the hub's audit of itself comes to.
const AUDIT_RESULTS: [&str; 3] = ["holds", "broken", "failed"];

/// An agency's call: from loopback to the longest exchange, 30 s.
const CALL_SECONDS: &[f64] = &[0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
/// From the next moment to the longest retry, a day.
const WAY_SECONDS: &[f64] = &[0.25, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3_600.0, 14_400.0, 86_400.0];

const CONSERVATION: Metric = Metric::gauge(
    "amaan_conservation_ok",
    &[],
    "1 while the newest count of everything, from the ledger, found both principles kept; 0 where it did \
     not.",
);
const VIOLATIONS: Metric = Metric::gauge(
    "amaan_invariant_violations",
    &["invariant"],
    "What the newest count found broken, by invariant: nothing-lost (a delivery), nobody-unowned (a \
     referral).",
);

const RECORD_HOLDS: Metric = Metric::gauge(
    "amaan_record_holds",
    &[],
    "0 while the newest round of the hub's audit of itself found entries, tree or states otherwise than \
     they were signed; else 1, also before the first round.",
);
const AUDIT_SECONDS: Metric = Metric::gauge(
    "amaan_self_audit_duration_seconds",
    &[],
    "How long the newest round of the hub's audit of itself took.",
);
const AUDIT_ENTRIES: Metric =
    Metric::gauge("amaan_self_audit_entries", &[], "Entries that the newest round of that audit read.");

const POLICY_SETS_REFUSED: Metric = Metric::gauge(
    "amaan_policy_sets_refused",
    &[],
    "Sets of policies that cannot be used: the one in the folder, the one that two people approved.",
);
const POLICIES_CHANGED: Metric = Metric::counter(
    "amaan_policies_changed_total",
    &[],
    "How often another set of policies came into force in this process.",
);

/// What is counted here.
pub const METRICS: &[Metric] = &[
    Metric::counter(
        CARRIED_REFUSED,
        &["agency"],
        "Bodies brought by the queue that were not what was stored; the stored one was used.",
    ),
    Metric::counter(
        SIGNATURES_REFUSED,
        &["defect"],
        "Messages refused for their agency's signature, by the rule it breaks.",
    ),
    Metric::counter(
        DELIVERIES,
        &["agency", "type", "outcome"],
        "Deliveries that came to rest, by recipient, message type and outcome: delivered, refused, \
         undeliverable, expired.",
    ),
    Metric::counter(
        ATTEMPTS,
        &["agency", "type", "outcome"],
        "Outcomes of attempts to deliver, by recipient, message type and outcome: those of a delivery, and \
         retry.",
    ),
    Metric::histogram(
        ATTEMPT_SECONDS,
        CALL_SECONDS,
        &["agency"],
        "Seconds of one call of an agency's system, all its steps together.",
    ),
    Metric::histogram(
        DELIVERED_SECONDS,
        WAY_SECONDS,
        &["agency"],
        "Seconds from the acceptance of a message to its delivery, by recipient, in case time.",
    ),
    Metric::counter(
        OVERDUE,
        &["agency", "clock", "rung"],
        "Rungs climbed by overdue clocks, by whose people have to see to it (hub: its operator), clock and \
         rung.",
    ),
    Metric::gauge(QUEUE_UP, &[], "1 while the queue takes messages; the in-process one always does."),
    Metric::gauge(QUEUE_BLOCKED, &[], "1 while the broker asks its publishers to wait."),
    Metric::counter(
        ALARMS,
        &["alarm"],
        "What an operator has to look at: policy-error, key-loss, no-adapter, task-panicked, panicked, \
         ledger-suspect, clock-unanswered, webhook-disabled, conservation-broken, honey-record, \
         break-glass-unreviewed, policy-set-refused, erased-keys-back. Also lines in the log.",
    ),
    Metric::counter(TRACES, &["result"], "Batches of spans for the collector, by result: sent, failed."),
    Metric::counter(
        WEBHOOKS,
        &["webhook", "result"],
        "Events posted to webhooks, by webhook and result: taken, failed.",
    ),
    Metric::counter(
        WITNESSES,
        &["witness", "result"],
        "Checkpoints offered to witnesses, by witness and result: cosigned, behind (another hub asks too), \
         silent (no answer to believe), refused (it saw more, or another history).",
    ),
    gauges::WAITING,
    gauges::OLDEST,
    gauges::FOR_PEOPLE,
    gauges::LEDGER,
    gauges::BREAKER,
    gauges::CEASES,
    gauges::CLOSED,
    gauges::HEAD_AGE,
    gauges::STORE_UP,
    gauges::WEBHOOKS_DISABLED,
    gauges::INCIDENTS,
    gauges::AGREEMENTS_ENDING,
    follow_retention::OVER,
    POLICY_SETS_REFUSED,
    POLICIES_CHANGED,
    feeds::SILENT,
    feeds::LAST,
    feeds::UNANSWERED,
    Metric::counter(
        AUDITS,
        &["result"],
        "Rounds of the hub's audit of itself, by result: holds, broken (something is not what was signed), \
         failed (the store could not be read).",
    ),
    RECORD_HOLDS,
    AUDIT_SECONDS,
    AUDIT_ENTRIES,
    CONSERVATION,
    VIOLATIONS,
];

/// Words of alarms.
const ALARM_WORDS: &[&str] = &[
    "policy-error",
    "key-loss",
    "no-adapter",
    "task-panicked",
    "panicked",
    "ledger-suspect",
    "clock-unanswered",
    "webhook-disabled",
    "conservation-broken",
    "honey-record",
    "break-glass-unreviewed",
    "erased-keys-back",
];

/// Begins rare counters at zero, and what a round of the audit sets: a rule that looks for growth would not
/// see the first step of a series that was not there before.
pub fn begin() {
    for alarm in ALARM_WORDS {
        counter!(ALARMS, "alarm" => *alarm).increment(0);
    }
    gauge!(RECORD_HOLDS.name).set(1.0);
    gauge!(AUDIT_SECONDS.name).set(0.0);
    gauge!(AUDIT_ENTRIES.name).set(0.0);
    for result in AUDIT_RESULTS {
        counter!(AUDITS, "result" => result).increment(0);
    }
    for result in ["sent", "failed"] {
        counter!(TRACES, "result" => result).increment(0);
    }
}

/// An attempt's outcome was entered.
pub(crate) fn outcome(delivery: &Delivery, step: DeliveryStep, now: &impl TimeSource) {
    let Some(outcome) = word(step) else { return };
    let (agency, kind) = (delivery.to.to_string(), delivery.message.schema_name());
    counter!(ATTEMPTS, "agency" => agency.clone(), "type" => kind, "outcome" => outcome).increment(1);
    if step == DeliveryStep::Retry {
        return;
    }
    counter!(DELIVERIES, "agency" => agency.clone(), "type" => kind, "outcome" => outcome).increment(1);
    if step == DeliveryStep::Delivered {
        let micros = now.now().micros().saturating_sub(delivery.created.micros());
        let took = Duration::from_micros(u64::try_from(micros).unwrap_or(0));
        histogram!(DELIVERED_SECONDS, "agency" => agency).record(took.as_secs_f64());
    }
}

const fn word(step: DeliveryStep) -> Option<&'static str> {
    match step {
        DeliveryStep::Delivered => Some("delivered"),
        DeliveryStep::Refused => Some("refused"),
        DeliveryStep::Retry => Some("retry"),
        DeliveryStep::Undeliverable => Some("undeliverable"),
        DeliveryStep::Expired => Some("expired"),
        DeliveryStep::Sent
        | DeliveryStep::Replayed
        | DeliveryStep::Resolved
        | DeliveryStep::Withdrawn
        | DeliveryStep::Discarded => None,
    }
}

/// A rung was climbed.
pub(crate) fn overdue(step: &Overdue) {
    let (agency, rung) = (step.whom.to_string(), step.rung.to_string());
    counter!(OVERDUE, "agency" => agency, "clock" => step.clock.as_str(), "rung" => rung).increment(1);
}

/// One call of an agency's system ended.
pub(crate) fn called(agency: &AgencyCode, took: Duration) {
    histogram!(ATTEMPT_SECONDS, "agency" => agency.to_string()).record(took.as_secs_f64());
}

/// One event was posted.
pub(crate) fn webhook_tried(webhook: &str, taken: bool) {
    let result = if taken { "taken" } else { "failed" };
    counter!(WEBHOOKS, "webhook" => webhook.to_owned(), "result" => result).increment(1);
}

/// A witness was offered a checkpoint.
pub(crate) fn witness_asked(witness: &str, result: &'static str) {
    counter!(WITNESSES, "witness" => witness.to_owned(), "result" => result).increment(1);
}

/// Another set of policies is in force.
pub(crate) fn policies_changed() {
    counter!(POLICIES_CHANGED.name).increment(1);
}

/// So many sets cannot be used.
pub(crate) fn policy_sets_refused(count: usize) {
    // Shown from the start, as none.
    counter!(POLICIES_CHANGED.name).increment(0);
    gauge!(POLICY_SETS_REFUSED.name).set(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
}

/// Something for an operator; it stands in the log with the same word.
pub fn alarm(alarm: &'static str) {
    counter!(ALARMS, "alarm" => alarm).increment(1);
}

/// A count of everything came to this.
pub(crate) fn conservation(found: &Recount) {
    gauge!(CONSERVATION.name).set(f64::from(u8::from(found.holds())));
    for (principle, count) in
        [(Principle::NothingLost, found.lost), (Principle::NobodyUnowned, found.unowned)]
    {
        let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        gauge!(VIOLATIONS.name, "invariant" => principle.as_str()).set(count);
    }
}

/// A round of the hub's audit of itself came to this.
pub(crate) fn audited(found: &Audited) {
    let holds = found.findings.is_empty();
    counter!(AUDITS, "result" => if holds { "holds" } else { "broken" }).increment(1);
    gauge!(RECORD_HOLDS.name).set(f64::from(u8::from(holds)));
    gauge!(AUDIT_SECONDS.name).set(found.took.as_secs_f64());
    gauge!(AUDIT_ENTRIES.name).set(f64::from(u32::try_from(found.entries).unwrap_or(u32::MAX)));
}

/// A round could not read the store.
pub(crate) fn audit_failed() {
    counter!(AUDITS, "result" => "failed").increment(1);
}

/// A batch of spans left, or did not.
pub fn trace_export(sent: bool) {
    counter!(TRACES, "result" => if sent { "sent" } else { "failed" }).increment(1);
}

/// Does the queue take messages, and does it ask to wait?
pub fn queue(up: bool, blocked: bool) {
    gauge!(QUEUE_UP).set(f64::from(u8::from(up)));
    gauge!(QUEUE_BLOCKED).set(f64::from(u8::from(blocked)));
}

/// A message's signature is not what it should be.
pub(crate) fn signature_defect(defect: &'static str) {
    counter!(SIGNATURES_REFUSED, "defect" => defect).increment(1);
}

/// The queue brought something else than what was stored.
pub fn carried_refused(agency: &AgencyCode) {
    counter!(CARRIED_REFUSED, "agency" => agency.to_string()).increment(1);
}
