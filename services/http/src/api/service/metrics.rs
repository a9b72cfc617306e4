//! `GET /metrics`: counters and histograms in Prometheus' text form.

use crate::measure::Recorder;
use crate::routes::{Access, Gives, Route, Takes, Verb};
use crate::{answer, process};

/// Served here only where no stranger comes, and otherwise on a listener of its own: see
/// [`crate::Roles::without_metrics`].
pub(crate) const PATH: &str = "/metrics";

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: PATH,
    role: None,
    access: Access::Public,
    summary: "Read the metrics",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::text("Metrics in Prometheus' text form; no case, no person."),
    handle: |call| Box::pin(async move { Ok(answer::text(page(&call.shared.api.metrics))) }),
};

/// All of them.
pub(crate) fn page(metrics: &Recorder) -> String {
    metrics.render() + &process::render()
}
