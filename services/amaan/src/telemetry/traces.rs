//! Traces for an OpenTelemetry collector, by OTLP over HTTP in protobuf. Only spans of our own code leave,
//! with the ids and codes that they carry; log lines do not go along. Off unless configured.
//!
//! The one place that knows the tracing library: the rest of the house opens spans with `tracing` and asks
//! `hub::trace_context`.

use std::time::Duration;

use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState, TracerProvider,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider};
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

use super::exporter::Through;
use super::ours::is_our_span;
use crate::failure::Failure;

/// Spans that wait; more are dropped. 4,096 of about 1 KiB: 4 MiB.
const WAITING_MAX: usize = 4_096;
const BATCH_MAX: usize = 512;
const SEND_EVERY: Duration = Duration::from_secs(2);
/// How long the last spans may take when the program ends.
pub const LAST_WORDS: Duration = Duration::from_secs(5);
/// Where a collector takes traces, after the address of the collector itself (OTLP specification).
const PATH: &str = "/v1/traces";

/// Where traces go, and as whose.
pub struct Traces {
    /// The collector, without `/v1/traces`.
    pub collector: egress::Url,
    /// A client that may call it.
    pub http: egress::Client,
    /// Of a hundred traces, so many are kept.
    pub sample_percent: u32,
    /// This process among those of one hub.
    pub instance: String,
}

/// What makes, gathers and sends spans.
pub fn provider(traces: &Traces) -> Result<SdkTracerProvider, Failure> {
    let endpoint = format!("{}{PATH}", traces.collector.as_str().trim_end_matches('/'));
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Through::new(traces.http.clone()))
        .with_endpoint(endpoint)
        .with_timeout(LAST_WORDS)
        .build()
        .map_err(Failure::at("setting up traces"))?;
    let batches = BatchConfigBuilder::default()
        .with_max_queue_size(WAITING_MAX)
        .with_max_export_batch_size(BATCH_MAX)
        .with_scheduled_delay(SEND_EVERY)
        .build();
    let processor = BatchSpanProcessor::builder(exporter).with_batch_config(batches).build();
    // By the trace's id alone: every part of a trace decides alike, and no caller's flag decides for us.
    let sampler = Sampler::TraceIdRatioBased(f64::from(traces.sample_percent) / 100.0);
    let resource = Resource::builder_empty().with_service_name("amaan").with_attributes([
        KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        KeyValue::new("service.instance.id", traces.instance.clone()),
    ]);
    let provider = SdkTracerProvider::builder().with_span_processor(processor).with_sampler(sampler);
    Ok(provider.with_resource(resource.build()).build())
}

/// The layer that turns our spans into theirs.
pub fn layer<S>(provider: &SdkTracerProvider) -> impl Layer<S> + Send + Sync + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("amaan"))
        .with_location(false)
        .with_target(false)
        .with_level(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_filter(filter_fn(is_our_span))
}

/// Trace contexts as text, for the rest of the house.
pub struct Contexts;

impl hub::trace_context::Tracer for Contexts {
    fn traceparent(&self, span: &Span) -> Option<String> {
        let context = span.context();
        let held = context.span();
        let ids = held.span_context();
        let (trace, span, flags) = (ids.trace_id(), ids.span_id(), ids.trace_flags().to_u8());
        ids.is_valid().then(|| format!("00-{trace}-{span}-{flags:02x}"))
    }

    fn adopt(&self, span: &Span, parent: &str) {
        let Some(remote) = remote(parent) else { return };
        // It fails where the span is switched off or was entered: then it is a trace of its own.
        _ = span.set_parent(Context::new().with_remote_span_context(remote));
    }
}

/// Never with a `tracestate`.
fn remote(parent: &str) -> Option<SpanContext> {
    let mut parts = parent.split('-').skip(1);
    let trace = TraceId::from_hex(parts.next()?).ok()?;
    let span = SpanId::from_hex(parts.next()?).ok()?;
    Some(SpanContext::new(trace, span, TraceFlags::SAMPLED, true, TraceState::default()))
}
