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
    /// It answered, and must not be used: that is no outage, and is said until it is over.
    suspect: Option<String>,
}

impl Pause {
    /// Tries, unless it was tried in vain a moment ago.
    pub fn between<T>(&mut self, open: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.check()?;
        match open() {
            Ok(opened) => {
                *self = Self::default();
                Ok(opened)
            }
            Err(error) => {
                self.suspect = match &error {
                    StoreError::LedgerSuspect(why) => Some(why.clone()),
                    _ => None,
                };
                self.last = self.last.saturating_mul(2).clamp(SHORTEST, LONGEST);
                self.until = Instant::now().checked_add(self.last);
                Err(error)
            }
        }
    }

    fn check(&self) -> Result<(), StoreError> {
        match self.until {
            Some(until) if Instant::now() < until => Err(match &self.suspect {
                Some(why) => StoreError::LedgerSuspect(why.clone()),
                None => StoreError::Unreachable("it did not a moment ago either".to_owned()),
            }),
            _ => Ok(()),
        }
    }
}
