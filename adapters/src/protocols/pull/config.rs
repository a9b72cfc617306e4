//! `[pull]` in `agency.toml`: empty, and there so that every protocol has its table.

use serde::Deserialize;

/// No settings: the inbox is the hub's.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {}
