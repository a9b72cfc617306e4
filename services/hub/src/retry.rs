//! When to try a delivery again: exponential backoff with full jitter, capped, for a bounded number of
//! attempts. The wait is kept in the database as a real time; the case clock has no part in it.

use casework::Timestamp;

/// The rule of retries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// The first wait's upper bound, in milliseconds; it doubles with each attempt.
    pub first_ms: u64,
    /// No wait is longer, in milliseconds.
    pub longest_ms: u64,
    /// After so many attempts it is a dead letter.
    pub attempts_max: u32,
}

impl Default for Retry {
    /// One second up to one hour, 24 attempts.
    fn default() -> Self {
        Self { first_ms: 1_000, longest_ms: 3_600_000, attempts_max: 24 }
    }
}

impl Retry {
    /// When the attempt after `attempt` is due; not before what the agency asked for.
    #[must_use]
    pub fn at(&self, now: Timestamp, attempt: u32, asked_s: Option<u64>, jitter: u64) -> Timestamp {
        let doublings = attempt.saturating_sub(1).min(40);
        let doubled = self.first_ms.saturating_mul(1_u64.checked_shl(doublings).unwrap_or(u64::MAX));
        let bound = doubled.min(self.longest_ms).max(1);
        let asked = asked_s.unwrap_or(0).saturating_mul(1_000).min(self.longest_ms);
        let wait_ms = (jitter % bound).max(asked);
        now.plus_micros(i64::try_from(wait_ms.saturating_mul(1_000)).unwrap_or(i64::MAX))
    }
}
