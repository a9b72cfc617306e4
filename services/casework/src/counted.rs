//! What a count of the whole ledger came to: principles 1 and 2, recomputed. An entry of numbers; the table
//! by agency stands behind its digest. Counting is `store`'s, this is only what is written down of it.

use serde::{Deserialize, Serialize};

use crate::Digest;

/// A count of everything there is, as an entry says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// How many entries were counted: those before this size of the ledger.
    pub size: u64,
    /// Deliveries that were made.
    pub created: u64,
    /// The agency's system has it.
    pub delivered: u64,
    /// The agency's system or policy said no.
    pub refused: u64,
    /// Waits for a person.
    pub undeliverable: u64,
    /// Its life was over first.
    pub expired: u64,
    /// Called back.
    pub withdrawn: u64,
    /// Queued, held, sent, waiting.
    pub in_flight: u64,
    /// Referrals that are not closed.
    pub open: u64,
    /// What breaks principle 1: nothing accepted is lost.
    pub lost: u64,
    /// What breaks principle 2: no child without an owner and a clock.
    pub unowned: u64,
    /// The first thing that does not fit, by its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// SHA-256 of the table by agency, first 32 hexadecimal digits.
    pub agencies: Digest,
}

impl Counted {
    /// Do both principles hold?
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.lost == 0 && self.unowned == 0
    }
}
