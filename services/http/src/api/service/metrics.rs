//! `GET /metrics`: counters and histograms in Prometheus' text form.

use crate::call::Call;
use crate::routes::{Access, Gives, Route, Takes, Verb};
use crate::{answer, process};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/metrics",
    role: None,
    access: Access::Public,
    summary: "Read the metrics",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::text("Metrics in Prometheus' text form; no case, no person."),
    handle: |call| Box::pin(async move { Ok(answer::text(render(&call))) }),
};

fn render(call: &Call) -> String {
    call.shared.api.metrics.render() + &process::render()
}
