//! Log lines on stderr: JSON, one object a line, or text for a person at a terminal. Both escape control
//! characters, so that nothing that came from outside can forge a line or move a cursor.

use tracing::Subscriber;
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use super::ours::{may_be_shown, names_something};

/// Stands over the configured filter, for one run: `AMAAN_LOG=info,hub=debug`.
const VARIABLE: &str = "AMAAN_LOG";

/// How a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    Text,
}

/// What is written, and how.
#[derive(Debug, Clone)]
pub struct Logs {
    pub filter: String,
    pub format: Format,
}

impl Default for Logs {
    /// For commands that have no configuration: what went wrong.
    fn default() -> Self {
        Self { filter: "error".to_owned(), format: Format::Json }
    }
}

/// Is this a filter?
pub fn is_filter(text: &str) -> bool {
    EnvFilter::try_new(text).is_ok()
}

/// The layer that writes. Spans with ids are kept whatever the filter says: the lines within carry their ids.
pub fn layer<S>(logs: &Logs) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let filter = EnvFilter::try_from_env(VARIABLE).or_else(|_| EnvFilter::try_new(&logs.filter));
    let filter = filter.unwrap_or_else(|_| EnvFilter::new("error"));
    let filter = filter.or(filter_fn(names_something)).and(filter_fn(may_be_shown));
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    match logs.format {
        Format::Json => lines.json().with_filter(filter).boxed(),
        Format::Text => lines.with_filter(filter).boxed(),
    }
}
