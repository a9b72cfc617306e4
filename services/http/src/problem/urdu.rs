//! The same words of every problem in Urdu (`ur.toml`), for its page. Answers stay English: programs read
//! them. Not yet reviewed by a native speaker of the field; the pages say so.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

const FILE: &str = include_str!("ur.toml");

/// What a problem's page says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Translated {
    /// As `Kind::title`.
    pub title: String,
    /// As `Kind::meaning`.
    pub meaning: String,
    /// As `Kind::advice`.
    pub advice: String,
}

/// All of them by slug. A file that does not read is an empty list, and a test that fails.
pub static URDU: LazyLock<BTreeMap<String, Translated>> = LazyLock::new(|| {
    toml::from_str(FILE).unwrap_or_else(|error| {
        tracing::error!(%error, "the words of problems in Urdu do not read");
        BTreeMap::new()
    })
});
