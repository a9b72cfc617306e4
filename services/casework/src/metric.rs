//! What a metric is: declared once, in the crate that counts it. Descriptions, buckets,
//! `ops/docs/metrics.md` and the check of dashboards are all made from the declarations. Nothing is counted
//! here.
//!
//! Labels are closed lists of ours; a case, a person, a client or anything typed by a caller never is one.

/// One metric, as Prometheus knows it.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its name, in base units.
    pub name: &'static str,
    /// What is kept of it.
    pub kind: MetricKind,
    /// Its label names.
    pub labels: &'static [&'static str],
    /// What it says, in a sentence or two.
    pub about: &'static str,
}

/// What is kept of a metric.
#[derive(Debug, Clone, Copy)]
pub enum MetricKind {
    /// Only ever grows.
    Counter,
    /// As it is now.
    Gauge,
    /// Counted by size, with these upper bounds.
    Histogram(&'static [f64]),
}

impl Metric {
    /// A counter.
    #[must_use]
    pub const fn counter(name: &'static str, labels: &'static [&'static str], about: &'static str) -> Self {
        Self { name, kind: MetricKind::Counter, labels, about }
    }

    /// A gauge.
    #[must_use]
    pub const fn gauge(name: &'static str, labels: &'static [&'static str], about: &'static str) -> Self {
        Self { name, kind: MetricKind::Gauge, labels, about }
    }

    /// A histogram with these upper bounds.
    #[must_use]
    pub const fn histogram(
        name: &'static str,
        bounds: &'static [f64],
        labels: &'static [&'static str],
        about: &'static str,
    ) -> Self {
        Self { name, kind: MetricKind::Histogram(bounds), labels, about }
    }
}
