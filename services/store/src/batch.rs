//! A committed batch as its callers share it: the tree before, the leaves added, and the signed checkpoint
//! after. From it each caller renders its own proof, beside the writer.

use casework::Timestamp;
use ledger::{Growth, Hash};

/// What a batch did to the tree.
pub struct Batch {
    /// Orders committed together.
    pub orders: usize,
    /// Old frontier and new leaves.
    pub growth: Growth,
    /// Size after the batch.
    pub size: u64,
    /// Root after it.
    pub root: Hash,
    /// Case time of the batch.
    pub at: Timestamp,
    /// The signed checkpoint (C2SP signed note), made after COMMIT.
    pub checkpoint: String,
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Batch(to {})", self.size)
    }
}
