//! Tokens already verified, by the SHA-256 of their text, so that a caller's hundred requests cost one
//! signature check. Only good tokens come here: a stranger cannot fill it. A token is forgotten with the key
//! that signed it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{Verified, public_key::PublicKey};

/// Two generations of 4096: about 4 MiB, several tokens for every client there will be.
const GENERATION_MAX: usize = 4096;
/// An entry is looked at anew after five minutes even if its token lives on. Keys are refreshed as often,
/// so a key withdrawn by its issuer is of no use after 5 + 5 minutes, even where a refresh never ran.
const HELD_SECONDS_MAX: i64 = 300;

/// Bounded by forgetting: when the young generation is full it becomes the old one, which is dropped.
#[derive(Default)]
pub(crate) struct VerifiedTokens(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    young: HashMap<[u8; 32], Entry>,
    old: HashMap<[u8; 32], Entry>,
}

#[derive(Clone)]
struct Entry {
    verified: Verified,
    key: Arc<PublicKey>,
    until: i64,
}

impl VerifiedTokens {
    /// What a token was found to say, while that still holds at `now`.
    pub(crate) fn get(&self, digest: &[u8; 32], now: i64) -> Option<Verified> {
        let mut held = self.held();
        if let Some(entry) = held.young.get(digest) {
            return entry.at(now);
        }
        let entry = held.old.remove(digest)?;
        let verified = entry.at(now)?;
        held.insert(*digest, entry);
        Some(verified)
    }

    /// Keeps a token verified at `now`.
    pub(crate) fn put(&self, digest: [u8; 32], verified: &Verified, key: Arc<PublicKey>, now: i64) {
        let until = verified.expires_at.min(now.saturating_add(HELD_SECONDS_MAX));
        self.held().insert(digest, Entry { verified: verified.clone(), key, until });
    }

    fn held(&self) -> MutexGuard<'_, Generations> {
        // No code panics while holding it; and a map of verified tokens cannot be half-changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generations {
    fn insert(&mut self, digest: [u8; 32], entry: Entry) {
        if self.young.len() >= GENERATION_MAX {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(digest, entry);
    }
}

impl Entry {
    fn at(&self, now: i64) -> Option<Verified> {
        (now < self.until && !self.key.is_withdrawn()).then(|| self.verified.clone())
    }
}
