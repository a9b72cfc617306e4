//! Case time: the database machine's clock plus an offset that the sandbox raises while it plays the past.
//! Outside the sandbox the offset is zero. It is never lowered. Tokens, leases and backoff use real time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use casework::{TimeSource, Timestamp};

/// The store's clock.
#[derive(Debug, Default)]
pub struct CaseClock {
    offset_micros: AtomicI64,
}

impl CaseClock {
    pub(crate) fn with_offset(micros: i64) -> Self {
        Self { offset_micros: AtomicI64::new(micros) }
    }

    pub(crate) fn offset(&self) -> i64 {
        self.offset_micros.load(Ordering::Acquire)
    }

    /// Raises the offset to this value; a lower one changes nothing.
    pub(crate) fn raise(&self, micros: i64) {
        self.offset_micros.fetch_max(micros, Ordering::AcqRel);
    }

    /// Real time, for leases and backoff.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system clock for the store")]
    pub fn real(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

impl TimeSource for CaseClock {
    fn now(&self) -> Timestamp {
        self.real().plus_micros(self.offset())
    }
}
