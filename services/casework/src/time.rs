//! Points in time, and the two readings of "now" that a decision gets. Nothing here reads a clock.

use std::fmt;

use chrono::{DateTime, FixedOffset, Utc};
use serde::{Deserialize, Serialize};

/// Pakistan Standard Time, UTC+5 the year round (no daylight saving since 2009).
const PAKISTAN: FixedOffset = match FixedOffset::east_opt(5 * 3600) {
    Some(offset) => offset,
    None => unreachable!(),
};

/// Microseconds since 1970-01-01T00:00:00Z: what both engines store without loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }
    /// Microseconds since the epoch.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }
    /// This time moved by so many microseconds, held at the ends of the range.
    #[must_use]
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }
    /// This time moved by so many seconds, held at the ends of the range.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }
    /// Whole minutes from `earlier` to this time, never below zero.
    #[must_use]
    pub fn minutes_since(self, earlier: Self) -> i64 {
        (self.0.saturating_sub(earlier.0) / 60_000_000).max(0)
    }
    /// The same instant as a chrono time in Pakistan's offset; the epoch where chrono cannot hold it.
    #[must_use]
    pub fn in_pakistan(self) -> DateTime<FixedOffset> {
        // In the last five hours that chrono can hold, Pakistan is already beyond them.
        let held = DateTime::<Utc>::from_timestamp_micros(self.0)
            .filter(|utc| utc.naive_utc().checked_add_offset(PAKISTAN).is_some());
        held.unwrap_or_default().with_timezone(&PAKISTAN)
    }
    /// When a day is over in Pakistan.
    #[must_use]
    pub fn end_of_day(day: chrono::NaiveDate) -> Self {
        Self::start_of_day(day.succ_opt().unwrap_or(day))
    }
    /// When a day begins in Pakistan.
    #[must_use]
    pub fn start_of_day(day: chrono::NaiveDate) -> Self {
        let local = day.and_time(chrono::NaiveTime::MIN).and_local_timezone(PAKISTAN);
        local.earliest().map_or_else(Self::default, |at| Self(at.timestamp_micros()))
    }
    /// From a chrono time.
    #[must_use]
    pub const fn from_chrono(time: &DateTime<Utc>) -> Self {
        Self(time.timestamp_micros())
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 with Pakistan's offset, whole seconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_pakistan().to_rfc3339_opts(chrono::SecondsFormat::Secs, false))
    }
}

/// What a decision knows of the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The time entries carry: never before the newest entry's.
    pub at: Timestamp,
    /// The database clock as read, before that clamp; deadlines are computed from it.
    pub unclamped: Timestamp,
}

/// Something that tells the time. `store` has the real one (database clock plus the case-clock offset).
pub trait TimeSource: Send + Sync {
    /// The case time now.
    fn now(&self) -> Timestamp;
}
