//! Limits: how fast a caller may ask, how much a day, and for how many children. Token buckets are kept in
//! memory by (agency, client, person, kind); budgets in the store, so that they survive a restart and hold
//! for all hubs together. None of them is ever asked by the accept path, but for its own bucket.
//!
//! A refusal here is told as `limit-reached`, with the limit's name and when it is worth trying again. That
//! it is entered in the ledger is the caller's business, as with every refusal.

mod buckets;
mod budgets;
mod known_sessions;
mod settings;

use std::collections::BTreeSet;

use seal::MarkKey;

pub use buckets::Limited;
pub use settings::LimitSettings;

use crate::HubError;
use buckets::Buckets;
use budgets::Leases;
use known_sessions::KnownSessions;

/// All limits of a process.
#[derive(Debug)]
pub struct Limits {
    pub(crate) settings: LimitSettings,
    pub(crate) buckets: Buckets,
    pub(crate) leases: Leases,
    pub(crate) sessions: KnownSessions,
    pub(crate) marks: MarkKey,
    /// Marks of numbers that nobody has a reason to ask for.
    pub(crate) honey: BTreeSet<[u8; 32]>,
}

/// Which limit, and when it is worth trying again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// Its name, that of the setting without its unit.
    pub limit: &'static str,
    /// Seconds.
    pub retry_after: u64,
}

impl Limits {
    /// With these bounds; `marks` and `honey` under one key.
    #[must_use]
    pub fn new(settings: LimitSettings, marks: MarkKey, honey: BTreeSet<[u8; 32]>) -> Self {
        let buckets = Buckets::new(&settings);
        let (leases, sessions) = (Leases::default(), KnownSessions::default());
        Self { settings, buckets, leases, sessions, marks, honey }
    }
}

impl Default for Limits {
    /// The proposed bounds, under a key of its own.
    fn default() -> Self {
        Self::new(LimitSettings::default(), seal::RootKey::generate().mark_key(), BTreeSet::new())
    }
}

impl From<Reached> for HubError {
    fn from(reached: Reached) -> Self {
        Self::Limited(reached)
    }
}
