//! `[http_json]` in `agency.toml`: the paths below the endpoint.

use serde::Deserialize;

/// Paths as segments, without slashes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where a referral request is posted.
    pub referrals: Vec<String>,
    /// Where every other message is posted.
    pub messages: Vec<String>,
    /// Where a delivery is asked for, the delivery id following; empty where the agency cannot be asked.
    pub by_delivery: Vec<String>,
}
