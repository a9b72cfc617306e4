//! Which trace something belongs to, as the text of a W3C `traceparent`: it travels with a message through
//! outbox and queue, so that the hand-over hours later is a span of the trace in which the message came in.
//!
//! No tracing library is known here. The program may follow spans with one ([`follow_with`]); without, there
//! is no trace context and nothing travels. `tracestate` and baggage never travel: they are free text of
//! whoever sent them.

use std::sync::OnceLock;

use tracing::Span;

/// `00-`, 32 digits, `-`, 16 digits, `-`, 2 digits.
const LENGTH: usize = 55;

/// What the program's tracing knows of spans.
pub trait Tracer: Send + Sync {
    /// The `traceparent` of a span, where it has one.
    fn traceparent(&self, span: &Span) -> Option<String>;
    /// Makes a span that has not been entered yet the child of a span elsewhere; `parent` is well formed.
    fn adopt(&self, span: &Span, parent: &str);
}

static TRACER: OnceLock<Box<dyn Tracer>> = OnceLock::new();

/// Follows spans from now on: once in a process, like its recorder of metrics. A second one changes nothing.
pub fn follow_with(tracer: Box<dyn Tracer>) {
    _ = TRACER.set(tracer);
}

/// The `traceparent` of what runs now, to be kept beside a message.
#[must_use]
pub fn current() -> Option<String> {
    TRACER.get()?.traceparent(&Span::current())
}

/// The same span as a part of the trace that `parent` tells of; unchanged where that is nothing or not well
/// formed. Call it before the span is entered.
#[must_use]
pub fn continued(span: Span, parent: Option<&str>) -> Span {
    if let (Some(tracer), Some(parent)) = (TRACER.get(), parent.filter(|parent| is_traceparent(parent))) {
        tracer.adopt(&span, parent);
    }
    span
}

/// W3C Trace Context, level 1, version 00; lower-case digits, neither id all zeros.
#[must_use]
pub fn is_traceparent(text: &str) -> bool {
    let digits = |part: &str, count: usize| {
        part.len() == count && part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let some = |part: &str| part.bytes().any(|b| b != b'0');
    let parts: Vec<&str> = if text.len() == LENGTH { text.split('-').collect() } else { Vec::new() };
    match parts.as_slice() {
        ["00", trace, span, flags] => {
            digits(trace, 32) && digits(span, 16) && digits(flags, 2) && some(trace) && some(span)
        }
        _ => false,
    }
}
