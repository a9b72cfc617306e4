//! How often the cache of verified tokens spares a signature check, and how issuers' keys are fetched. No
//! client, no issuer: a result only.

use casework::Metric;
use metrics::counter;

const LOOKED_UP: &str = "amaan_token_cache_total";
const FETCHED: &str = "amaan_issuer_keys_fetched_total";

/// What is counted here.
pub const METRICS: &[Metric] = &[
    Metric::counter(
        LOOKED_UP,
        &["result"],
        "Tokens looked for among those verified already, by result: hit; miss, which goes on to be verified.",
    ),
    Metric::counter(FETCHED, &["result"], "Fetches of issuers' keys, by result: ok; failed."),
];

pub(crate) fn looked_up(hit: bool) {
    counter!(LOOKED_UP, "result" => if hit { "hit" } else { "miss" }).increment(1);
}

pub(crate) fn fetched(brought: bool) {
    counter!(FETCHED, "result" => if brought { "ok" } else { "failed" }).increment(1);
}
