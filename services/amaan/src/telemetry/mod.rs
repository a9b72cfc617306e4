//! What the program tells of itself while it runs: log lines on stderr and, where a collector is configured,
//! traces. Metrics are counted where things happen and shown by the API. Set up once, before anything is
//! started; nothing here ever stops the hub.

mod exporter;
mod gauges;
mod logs;
mod metrics;
mod ours;
mod panics;
mod traces;

use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

pub use gauges::keep_gauges;
pub use logs::{Format, Logs, is_filter};
pub use metrics::{metrics_page, recorder};
pub use traces::Traces;

use crate::failure::Failure;

/// What was started, and has to be finished.
pub struct Telemetry {
    provider: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Logs as these settings say, and traces if there is somebody to take them. Within a runtime.
    pub fn start(logs: &Logs, traces: Option<&Traces>) -> Result<Self, Failure> {
        let provider = traces.map(traces::provider).transpose()?;
        let spans = provider.as_ref().map(traces::layer);
        let subscriber = tracing_subscriber::registry().with(logs::layer(logs)).with(spans);
        subscriber.try_init().map_err(Failure::at("setting up the log"))?;
        if provider.is_some() {
            hub::trace_context::follow_with(Box::new(traces::Contexts));
        }
        panics::tell_as_log_lines();
        Ok(Self { provider })
    }

    /// Sends the spans that still wait, within a few seconds: a collector that is down keeps nobody up.
    pub async fn finish(self) {
        let Some(provider) = self.provider else { return };
        let ended = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(traces::LAST_WORDS));
        if !matches!(ended.await, Ok(Ok(()))) {
            tracing::warn!("the last spans did not reach the collector");
        }
    }
}
