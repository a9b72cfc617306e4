//! The tree's right edge: how many leaves, and the roots of the complete subtrees they form. It is all a
//! writer must keep to grow the tree and to know its root; 64 hashes at the very most.

use crate::hash::{Hash, empty_root, fold_peaks};

/// The largest number of leaves: what a database's signed 64-bit column holds, with room for a batch.
pub const SIZE_MAX: u64 = 1 << 62;

/// A size and peaks that cannot belong to one tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadFrontier {
    /// Every set bit of the size is one complete subtree.
    #[error("a tree of {size} leaves has {wanted} peaks, not {found}: read the head again or rebuild it")]
    Peaks { size: u64, wanted: u32, found: usize },
    /// Peaks as bytes are whole hashes of 32 bytes.
    #[error("{bytes} bytes are not a whole number of hashes: read the head again or rebuild it")]
    Bytes { bytes: usize },
    /// Larger than [`SIZE_MAX`].
    #[error("a tree of {size} leaves is larger than this ledger grows")]
    Size { size: u64 },
}

/// The compact form of a tree of `size` leaves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    // INVARIANT: one peak per set bit of `size`, largest subtree first.
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The tree without leaves.
    #[must_use]
    pub fn empty() -> Self {
        Self { size: 0, peaks: Vec::new() }
    }

    /// The frontier with these peaks, left to right.
    ///
    /// # Errors
    /// When the number of peaks does not fit the size. Whether they are the *right* hashes only the root
    /// can tell: compare [`Frontier::root`] with the one stored beside it.
    pub fn from_parts(size: u64, peaks: Vec<Hash>) -> Result<Self, BadFrontier> {
        if size > SIZE_MAX {
            return Err(BadFrontier::Size { size });
        }
        let wanted = size.count_ones();
        if usize::try_from(wanted) != Ok(peaks.len()) {
            return Err(BadFrontier::Peaks { size, wanted, found: peaks.len() });
        }
        Ok(Self { size, peaks })
    }

    /// The inverse of [`Frontier::peaks_bytes`].
    ///
    /// # Errors
    /// As [`Frontier::from_parts`], and when the bytes are not whole hashes.
    pub fn from_peaks_bytes(size: u64, bytes: &[u8]) -> Result<Self, BadFrontier> {
        let (peaks, rest) = bytes.as_chunks::<32>();
        if !rest.is_empty() {
            return Err(BadFrontier::Bytes { bytes: bytes.len() });
        }
        Self::from_parts(size, peaks.to_vec())
    }

    /// For [`crate::Growth`], which keeps the invariant by construction.
    pub(crate) fn grown(size: u64, peaks: Vec<Hash>) -> Self {
        Self { size, peaks }
    }

    /// The number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the complete subtrees, left to right.
    #[must_use]
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// The peaks one after another, 32 bytes each.
    #[must_use]
    pub fn peaks_bytes(&self) -> Vec<u8> {
        self.peaks.concat()
    }

    /// The root of the tree: RFC 6962's `MTH`.
    #[must_use]
    pub fn root(&self) -> Hash {
        fold_peaks(&self.peaks).unwrap_or_else(empty_root)
    }

    /// The peak that is the complete subtree `index` of `level`, if it is one.
    pub(crate) fn peak(&self, level: u32, index: u64) -> Option<Hash> {
        let subtrees = self.size.checked_shr(level)?;
        if subtrees & 1 == 0 || subtrees - 1 != index {
            return None;
        }
        // Each higher set bit of the size is a peak to the left of this one.
        let position = subtrees.count_ones() - 1;
        self.peaks.get(usize::try_from(position).ok()?).copied()
    }
}
