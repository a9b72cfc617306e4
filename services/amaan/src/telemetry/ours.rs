//! Which log targets are our own code. Ours write ids and constant messages only; what a library writes at
//! `debug` or `trace` (a header, a frame, a statement) nobody has looked at, so it is never shown.

use tracing::{Level, Metadata};

/// Crates of the house, as log targets begin.
const CRATES: &[&str] = &[
    "adapters",
    "amaan",
    "amaan_http",
    "casework",
    "delivery",
    "egress",
    "hub",
    "identity",
    "ledger",
    "oversight",
    "policies",
    "queue",
    "schemas",
    "seal",
    "simulator",
    "store",
];

pub fn is_ours(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    CRATES.contains(&target.split_once("::").map_or(target, |(first, _)| first))
}

/// A span of ours: its fields are what makes the lines within it findable.
pub fn is_our_span(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && is_ours(metadata) && *metadata.level() <= Level::INFO
}

/// A span of ours that says whose lines those within it are. That of a commit and of a call name no one
/// thing, and every line within them has such a span around it.
pub fn names_something(metadata: &Metadata<'_>) -> bool {
    is_our_span(metadata) && !matches!(metadata.name(), "commit" | "agency call")
}

/// May this be shown at all, whatever the filter says? Nothing of the broker's client: it warns of a returned
/// message by printing it whole, and calls each end of a connection an error. The queue says itself what
/// matters.
pub fn may_be_shown(metadata: &Metadata<'_>) -> bool {
    let of_broker = metadata.target().starts_with("lapin");
    is_ours(metadata) || (*metadata.level() <= Level::WARN && !of_broker)
}
