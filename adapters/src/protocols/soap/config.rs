//! `[soap]` in `agency.toml`: the operation's names.

use serde::Deserialize;

/// The one operation asked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The `SOAPAction` header's value, without quotes.
    pub action: String,
    /// The namespace of the operation's element.
    pub namespace: String,
    /// The request element's local name; the response's has `Response` appended.
    pub operation: String,
    /// The member of request and response that must be the same in both.
    pub transaction_field: String,
}
