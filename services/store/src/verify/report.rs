//! What `audit verify` reports: findings in ledger order, each with a stable word and the entries it is
//! about.

use serde::Serialize;

/// Findings kept. A deleted entry may make thousands of states wrong; the first ones tell the story.
pub const FINDINGS_MAX: usize = 1_000;

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
    /// Which row, where it is one beside the ledger: a short digest of its name, the same each time.
    #[serde(skip)]
    pub row: Option<String>,
}

/// Bytes of a row's digest: it tells findings apart, and proves nothing.
const DIGEST_BYTES: usize = 8;

/// A short digest of a row's name.
#[must_use]
pub fn row_digest(name: &str) -> String {
    let digest = seal::sha256(name.as_bytes());
    digest.iter().take(DIGEST_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

/// Entries that an earlier epoch signed and that are gone, as the first entry of a later one says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LostRange {
    /// The epoch that says so.
    pub epoch: u64,
    /// The first that is gone.
    pub first: u64,
    /// The last, as far as a checkpoint that was compared knows.
    pub last: u64,
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
    /// Epochs that began after the first.
    #[serde(skip_serializing_if = "is_none")]
    pub epochs: u64,
    /// Entries that are gone and known to be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<LostRange>,
    /// Everything that does not hold, in ledger order; at most 1,000.
    pub findings: Vec<Finding>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
const fn is_none(count: &u64) -> bool {
    *count == 0
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
            self.findings.push(Finding { kind, first, last, detail: detail.into(), row: None });
        }
    }

    /// The same of one row, told of one entry.
    pub(super) fn add_row(&mut self, kind: &'static str, at: u64, row: &str, detail: impl Into<String>) {
        if self.findings.len() < FINDINGS_MAX {
            let (detail, row) = (detail.into(), Some(row_digest(row)));
            self.findings.push(Finding { kind, first: at, last: at, detail, row });
        }
    }
}
