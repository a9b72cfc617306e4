//! Trees large enough for stored nodes: what a writer stores, what a reader needs of it, and what happens
//! when some of it is missing, wrong or short.

use std::{cell::Cell, sync::LazyLock};

use ledger::{
    Frontier, Growth, Hash, Nodes, ProveError, consistency_proof, inclusion_proof, leaf_hash, root_at,
};

use super::{Claim, Log, check, numbered, verify};

/// Past one node of level 16 and some of level 8, with a ragged end.
const LEAVES: u64 = 65_536 + 256 * 3 + 77;

/// Grown in batches as a writer would see them.
static LARGE: LazyLock<Log> = LazyLock::new(|| {
    let mut log = Log::default();
    let mut batches = [1_u64, 255, 256, 3, 1000, 4096, 17].into_iter().cycle();
    while (log.leaves.len() as u64) < LEAVES {
        let from = log.leaves.len() as u64;
        let to = (from + batches.next().unwrap() * 7).min(LEAVES);
        log.grow((from..to).map(numbered).collect());
    }
    log
});

/// Counts what a proof reads.
struct Counted<'a>(&'a Log, Cell<u64>);

impl Nodes for Counted<'_> {
    type Error = std::convert::Infallible;
    fn leaves(&self, from: u64, to: u64) -> Result<Vec<Hash>, Self::Error> {
        self.1.set(self.1.get() + 1);
        self.0.leaves(from, to)
    }
    fn stored(&self, level: u8, index: u64) -> Result<Option<Hash>, Self::Error> {
        self.0.stored(level, index)
    }
    fn stored_run(&self, level: u8, from: u64, to: u64) -> Result<Option<Vec<Hash>>, Self::Error> {
        self.1.set(self.1.get() + 1);
        (from..to).map(|index| self.stored(level, index)).collect()
    }
}

#[test]
fn each_full_tile_is_stored_once_and_is_right() {
    let log = &*LARGE;
    let levels = |level| log.stored.keys().filter(|(at, _)| *at == level).count();
    assert_eq!((levels(8), levels(16), levels(24)), (259, 1, 0));
    for ((level, index), hash) in log.stored.iter().filter(|((level, index), _)| *level > 8 || index % 9 == 0)
    {
        let leaves = 1 << level;
        let from = usize::try_from(*index).unwrap() * leaves;
        let alone = Growth::new(Frontier::empty(), log.leaves[from..from + leaves].to_vec());
        assert_eq!(*hash, alone.after().root(), "level {level}, index {index}");
    }
}

#[test]
fn proofs_read_a_few_runs_and_hold() {
    let log = &*LARGE;
    let root = log.root();
    assert_eq!(root, log.root_by_definition(LEAVES));
    for index in [0, 1, 255, 256, 40_000, 65_535, 65_536, LEAVES - 78, LEAVES - 1] {
        let counted = Counted(log, Cell::new(0));
        let proof = inclusion_proof(&counted, index, LEAVES).unwrap();
        assert!(counted.1.get() <= 6, "leaf {index} reads {} runs", counted.1.get());
        check(&Claim::Inclusion { leaf: numbered(index), index, size: LEAVES, root }, &proof, Ok(()));
    }
    for old in [1, 255, 256, 257, 65_535, 65_536, 65_537, LEAVES - 1] {
        let old_root = root_at(log, old).unwrap();
        assert!(old > 300 || old_root == log.root_by_definition(old));
        let proof = consistency_proof(log, old, LEAVES).unwrap();
        check(&Claim::Consistency { old, old_root, new: LEAVES, new_root: root }, &proof, Ok(()));
    }
}

#[test]
fn missing_nodes_are_recomputed_and_wrong_ones_noticed() {
    let mut log = LARGE.clone();
    let root = log.root();
    let claim = Claim::Inclusion { leaf: numbered(LEAVES - 1), index: LEAVES - 1, size: LEAVES, root };
    log.stored.remove(&(16, 0));
    log.stored.remove(&(8, 11));
    let proof = inclusion_proof(&log, LEAVES - 1, LEAVES).unwrap();
    check(&claim, &proof, Ok(()));

    log.stored.insert((16, 0), leaf_hash(b"altered"));
    let proof = inclusion_proof(&log, LEAVES - 1, LEAVES).unwrap();
    assert!(verify(&claim, &proof).is_err());
}

#[test]
fn a_store_that_returns_too_little_gives_no_proof() {
    struct Short<'a>(&'a Log);
    impl Nodes for Short<'_> {
        type Error = std::convert::Infallible;
        fn leaves(&self, from: u64, to: u64) -> Result<Vec<Hash>, Self::Error> {
            self.0.leaves(from, to - 1)
        }
        fn stored(&self, level: u8, index: u64) -> Result<Option<Hash>, Self::Error> {
            self.0.stored(level, index)
        }
    }
    let log = Log::of(300);
    let missing = Err(ProveError::Missing { level: 0, index: 256 });
    assert_eq!(inclusion_proof(&Short(&log), 299, 300), missing);
}

#[test]
fn a_frontier_survives_storage_and_refuses_what_does_not_fit() {
    for size in [0, 1, 2, 3, 255, 256, 745] {
        let frontier = Log::of(size).frontier.unwrap();
        let bytes = frontier.peaks_bytes();
        assert_eq!(Frontier::from_peaks_bytes(size, &bytes), Ok(frontier.clone()));
        assert_eq!(Frontier::from_parts(size, frontier.peaks().to_vec()), Ok(frontier));
        assert!(Frontier::from_peaks_bytes(size, &[bytes.as_slice(), &[0]].concat()).is_err());
        assert!(Frontier::from_peaks_bytes(size, &[bytes.as_slice(), &[0; 32]].concat()).is_err());
    }
    assert!(Frontier::from_parts(7, vec![[0; 32]; 2]).is_err());
    assert!(Frontier::from_parts(1 << 63, vec![[0; 32]]).is_err());
}
