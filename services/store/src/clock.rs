//! Case time: the database machine's clock plus an offset that the sandbox raises while it plays the past.
//! Outside the sandbox the offset is zero. It is never lowered. Leases and backoff use real time, which on
//! PostgreSQL is the server's clock too, read in every transaction: so hubs on several machines agree. Tokens
//! and TLS do not ask this clock.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use casework::{TimeSource, Timestamp};

use crate::StoreError;

/// What a shared database says of the time.
pub struct Moment {
    /// Its own clock.
    pub micros: i64,
    /// The kept offset of the case clock, as any hub raised it last.
    pub offset: Option<String>,
}

/// The store's clock.
#[derive(Debug, Default)]
pub struct CaseClock {
    offset_micros: AtomicI64,
    /// How far the database's clock is ahead of this machine's.
    ahead_micros: AtomicI64,
}

impl CaseClock {
    /// The offset that the store keeps, at opening.
    pub(crate) fn start(&self, offset_micros: i64) {
        self.offset_micros.store(offset_micros, Ordering::Release);
    }

    /// Follows the database's clock.
    pub(crate) fn follow(&self, moment: &Moment) {
        self.ahead_micros.store(moment.micros.saturating_sub(machine()), Ordering::Release);
    }

    /// Follows the database's clock, and the offset that another hub has raised.
    pub(crate) fn observe(&self, moment: &Moment) -> Result<(), StoreError> {
        self.follow(moment);
        if let Some(kept) = &moment.offset {
            self.raise(parse_offset(kept)?);
        }
        Ok(())
    }

    pub(crate) fn offset(&self) -> i64 {
        self.offset_micros.load(Ordering::Acquire)
    }

    /// Raises the offset to this value; a lower one changes nothing.
    pub(crate) fn raise(&self, micros: i64) {
        self.offset_micros.fetch_max(micros, Ordering::AcqRel);
    }

    /// How far the database's clock was ahead of this machine's at the last commit, in seconds; below zero
    /// where it was behind. Always zero where both are one machine.
    #[must_use]
    pub fn ahead_seconds(&self) -> i64 {
        self.ahead_micros.load(Ordering::Acquire) / 1_000_000
    }

    /// Real time, for leases and backoff.
    #[must_use]
    pub fn real(&self) -> Timestamp {
        Timestamp::from_micros(machine().saturating_add(self.ahead_micros.load(Ordering::Acquire)))
    }
}

/// A kept offset.
pub fn parse_offset(kept: &str) -> Result<i64, StoreError> {
    kept.parse().map_err(|_| StoreError::Unreadable("the kept offset of the case clock".to_owned()))
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the system clock for the store")]
fn machine() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

impl TimeSource for CaseClock {
    fn now(&self) -> Timestamp {
        self.real().plus_micros(self.offset())
    }
}
