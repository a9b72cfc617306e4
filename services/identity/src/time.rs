//! Real time, as tokens and key fetches see it: never the sandbox's case clock (DESIGN section 5). A trait
//! only so that tests can move it.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The two readings a verifier needs.
pub trait TokenTime: Send + Sync + 'static {
    /// Seconds since 1970-01-01T00:00:00Z, for the claims.
    fn unix_seconds(&self) -> i64;
    /// Time since some fixed moment, never going back, for how old fetched keys are.
    fn monotonic(&self) -> Duration;
}

/// The machine's clocks.
#[derive(Debug, Clone, Copy)]
pub struct RealTime(Instant);

impl Default for RealTime {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl TokenTime for RealTime {
    #[expect(clippy::disallowed_methods, reason = "tokens live in real time, never in case time")]
    fn unix_seconds(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    }
    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}
