//! How long to leave a database that is down alone: longer after each failure, within a bound. Meanwhile
//! whoever asks is told at once.

use std::time::{Duration, Instant};

use crate::StoreError;

const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(2);

/// The pause between two attempts.
#[derive(Debug, Default)]
pub struct Pause {
    until: Option<Instant>,
    last: Duration,
}

impl Pause {
    /// An error while it lasts.
    pub fn check(&self) -> Result<(), StoreError> {
        match self.until {
            Some(until) if Instant::now() < until => {
                Err(StoreError::Unreachable("it did not a moment ago either".to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// Once more in vain.
    pub fn failed(&mut self) {
        self.last = self.last.saturating_mul(2).clamp(SHORTEST, LONGEST);
        self.until = Instant::now().checked_add(self.last);
    }

    /// It answers again.
    pub fn over(&mut self) {
        *self = Self::default();
    }
}
