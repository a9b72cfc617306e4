//! Rows that are settled, as sums: what the entries made of them is added, what lies in the tables is taken
//! away, and where nothing is left over they were the same rows. So nothing need be held of what came to its
//! end, however much that is.
//!
//! Summed are SHA-256 digests under a key drawn for this one run: whoever edits the store cannot know it, and
//! so cannot find rows whose digests make up for one another. A sum for each of some buckets tells about
//! where a difference lies; which row it is, a second reading finds out (`tables.rs`).

use std::collections::BTreeSet;

use super::tables::StateRow;
use crate::rows::Feed;

/// Of one table. Enough that a single wrong row makes few others be read again.
const BUCKETS: usize = 256;
const TABLES: usize = 5;

/// A table and a part of it.
pub type Bucket = (u8, u8);

type Sum = (u128, u128);

/// One sum for each bucket of each table.
pub struct Sums {
    key: [u8; 32],
    sums: Vec<Sum>,
    bytes: Vec<u8>,
    /// Buckets with a row that was seen to be wrong.
    wrong: BTreeSet<Bucket>,
}

impl Sums {
    pub fn new() -> Self {
        let sums = vec![(0, 0); BUCKETS.saturating_mul(TABLES)];
        Self { key: seal::random(), sums, bytes: Vec::new(), wrong: BTreeSet::new() }
    }

    /// A row as the entries made it.
    pub fn add<R: StateRow>(&mut self, row: &R) {
        let digest = self.digest::<R>(row);
        if let Some(sum) = self.sum(bucket::<R>(row.id())) {
            *sum = (sum.0.wrapping_add(digest.0), sum.1.wrapping_add(digest.1));
        }
    }

    /// A row as it lies in its table, or one that moves on and is settled no more.
    pub fn take<R: StateRow>(&mut self, id: &str, row: &impl Feed) {
        let digest = self.digest::<R>(row);
        if let Some(sum) = self.sum(bucket::<R>(id)) {
            *sum = (sum.0.wrapping_sub(digest.0), sum.1.wrapping_sub(digest.1));
        }
    }

    pub fn mark_wrong(&mut self, bucket: Bucket) {
        self.wrong.insert(bucket);
    }

    /// Where something is left over.
    pub fn left_over(self) -> BTreeSet<Bucket> {
        let mut found = self.wrong;
        for (table, sums) in (0_u8..).zip(self.sums.chunks(BUCKETS)) {
            let differs = (0..=u8::MAX).zip(sums).filter(|(_, sum)| **sum != (0, 0));
            found.extend(differs.map(|(part, _)| (table, part)));
        }
        found
    }

    fn sum(&mut self, (table, part): Bucket) -> Option<&mut Sum> {
        self.sums.get_mut(usize::from(table).saturating_mul(BUCKETS).saturating_add(usize::from(part)))
    }

    fn digest<R: StateRow>(&mut self, row: &impl Feed) -> Sum {
        self.bytes.clear();
        self.bytes.extend_from_slice(&self.key);
        self.bytes.push(R::TABLE);
        row.feed(&mut self.bytes);
        let digest = seal::sha256(&self.bytes);
        let half = |bytes: &[u8]| bytes.iter().fold(0_u128, |all, byte| (all << 8) | u128::from(*byte));
        let (first, second) = digest.split_at(16);
        (half(first), half(second))
    }
}

/// The last digits of an id are random, or nearly.
pub fn bucket<R: StateRow>(id: &str) -> Bucket {
    let mixed = |all: u8, byte: &u8| all.wrapping_mul(31).wrapping_add(*byte);
    (R::TABLE, id.as_bytes().iter().fold(0, mixed))
}
