//! The agencies' own wall clock. Their systems know nothing of the hub's case clock, so a referral that the
//! sandbox plays into the past carries today's date here.

use std::time::{SystemTime, UNIX_EPOCH};

use casework::Timestamp;
use chrono::{DateTime, Datelike, Utc};

/// Now, as this machine's clock shows it.
#[expect(
    clippy::disallowed_methods,
    reason = "an agency's system has a clock of its own, which is the machine's"
)]
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// The form Primero writes: UTC with milliseconds.
pub(crate) fn utc_millis(at: Timestamp) -> String {
    at.in_pakistan().to_utc().format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// A time in RFC 3339, or a bare date read as its first moment in UTC.
pub(crate) fn parse(text: &str) -> Option<DateTime<Utc>> {
    let full = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    DateTime::parse_from_rfc3339(&full).ok().map(|time| time.to_utc())
}

/// The year in Pakistan, for file numbers.
pub(crate) fn year(at: Timestamp) -> i32 {
    at.in_pakistan().year()
}
