//! Sessions that counted when this process looked last. Whoever comes with one is no stranger, and is not
//! kept out because of strangers at the same address, as behind a reverse proxy. It decides which limit
//! counts and nothing else: whether a session counts is asked of the store each time.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// More than people who work at once; past it all are forgotten, and known again with their next visit.
const KEPT_MAX: usize = 10_000;

/// Hashes of secrets.
#[derive(Debug, Default)]
pub struct KnownSessions(Mutex<BTreeSet<String>>);

impl KnownSessions {
    pub fn has(&self, id: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(id)
    }

    pub fn note(&self, id: &str, counts: bool) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !counts {
            known.remove(id);
            return;
        }
        if known.len() >= KEPT_MAX {
            known.clear();
        }
        known.insert(id.to_owned());
    }
}
