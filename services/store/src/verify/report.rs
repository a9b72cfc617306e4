//! What `audit verify` reports: findings in ledger order, each with a stable word and the entries it is
//! about.

use serde::Serialize;

/// Findings kept. A deleted entry may make thousands of states wrong; the first ones tell the story.
const FINDINGS_MAX: usize = 1_000;

/// Something that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// A stable word: `entry-altered`, `entry-missing`, `head-mismatch`, `tail-cut`, `state-mismatch`, ...
    pub kind: &'static str,
    /// The first bad entry, or the first of the range.
    pub first: u64,
    /// The last of the range; the same as `first` where one entry is known to be bad.
    pub last: u64,
    /// In words.
    pub detail: String,
}

/// What was checked and found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct VerifyReport {
    /// Entries read.
    pub entries: u64,
    /// Heads recomputed.
    pub heads: u64,
    /// Checkpoints from outside that the tree was compared with.
    pub compared: u64,
    /// Cases, referrals, deliveries, checks and rows of registers held in memory at once, at most.
    pub held_max: u64,
    /// The tables differ from the entries, or might: all was read once more to see where.
    pub read_again: bool,
    /// The newest root, hexadecimal.
    pub root: String,
    /// Everything that does not hold, in ledger order; at most 1,000.
    pub findings: Vec<Finding>,
}

impl VerifyReport {
    /// Nothing found?
    #[must_use]
    pub fn verified(&self) -> bool {
        self.findings.is_empty()
    }

    /// How many findings it still takes.
    pub(super) const fn room(&self) -> usize {
        FINDINGS_MAX.saturating_sub(self.findings.len())
    }

    pub(super) fn add(&mut self, kind: &'static str, first: u64, last: u64, detail: impl Into<String>) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding { kind, first, last, detail: detail.into() });
        }
    }
}
