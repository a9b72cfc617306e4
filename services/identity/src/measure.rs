//! How often the cache of verified tokens spares a signature check. No client, no issuer: a result only.

use casework::Metric;
use metrics::counter;

const LOOKED_UP: &str = "amaan_token_cache_total";

/// What is counted here.
pub const METRICS: &[Metric] = &[Metric::counter(
    LOOKED_UP,
    &["result"],
    "Tokens looked for among those verified already, by result: hit; miss, which goes on to be verified.",
)];

pub(crate) fn looked_up(hit: bool) {
    counter!(LOOKED_UP, "result" => if hit { "hit" } else { "miss" }).increment(1);
}
