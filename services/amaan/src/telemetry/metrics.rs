//! All metrics of the house in one list: what the recorder is told of them, and `ops/docs/metrics.md`, made
//! from the declarations. A test compares; a metric without its row cannot be merged.

use std::fmt::Write;

use amaan_http::measure::describe;
use casework::{Metric, MetricKind};

/// Part of the house, and what it counts.
const ALL: &[(&str, &[Metric])] = &[
    ("The edge (`services/http`)", amaan_http::measure::METRICS),
    ("Tokens (`services/identity`)", identity::measure::METRICS),
    ("Use cases, backlog and ledger (`services/hub`)", hub::measure::METRICS),
    ("Delivery (`services/delivery`)", delivery::observe::METRICS),
    ("The broker (`services/queue`)", queue::METRICS),
    ("The commit and case keys (`services/store`)", store::measure::METRICS),
    ("The process (read from `/proc` at each scrape)", amaan_http::process::METRICS),
];

const HEAD: &str = "\
# Metrics

Made by `amaan config print --metrics`; do not edit by hand.

`GET /metrics` shows them in Prometheus' text form. Names have base units; labels are closed lists of the
hub's own words. A case, a referral, a delivery, a person or a client is never a label, and nothing a caller
typed. How they are used: [observability.md](observability.md).
";

/// The process's recorder, told what everything means.
pub fn recorder() -> amaan_http::measure::Recorder {
    let recorder = amaan_http::measure::recorder();
    delivery::observe::METRICS.iter().for_each(describe);
    queue::METRICS.iter().for_each(describe);
    identity::measure::METRICS.iter().for_each(describe);
    recorder
}

/// The whole page.
pub fn metrics_page() -> String {
    let mut page = HEAD.to_owned();
    for (part, metrics) in ALL {
        _ = write!(page, "\n## {part}\n\n| metric | kind | labels | meaning |\n|---|---|---|---|\n");
        for metric in *metrics {
            let kind = match metric.kind {
                MetricKind::Counter => "counter",
                MetricKind::Gauge => "gauge",
                MetricKind::Histogram(_) => "histogram",
            };
            let labels: Vec<String> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
            _ = writeln!(page, "| `{}` | {kind} | {} | {} |", metric.name, labels.join(", "), metric.about);
        }
    }
    page
}
