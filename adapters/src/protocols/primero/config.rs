//! `[primero]` in `agency.toml`: the hub's user there, and which fields of a case an answer is read from.

use serde::Deserialize;

/// Primero's settings for the hub's user.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The hub's user name; its password is the link's secret.
    pub user_name: String,
    /// The fields of a case that `inbound.jq` sees; no other is taken from an answer.
    pub case_fields: Vec<String>,
}
