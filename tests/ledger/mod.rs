//! The ledger's tree and texts against RFC 6962's own vectors, against two independent implementations
//! (tlog_tiles and signed_note in Rust, `verify.py` in Python), and against themselves for every small
//! tree. Not the store's use of them: that is tested where the store is.

mod every_small_tree;
mod independent;
mod mutated;
mod oracle;
mod receipt;
mod stored_nodes;
mod texts;
mod tiles;
mod vectors;

use std::{collections::BTreeMap, convert::Infallible, sync::LazyLock};

use ledger::{Frontier, Growth, Hash, Nodes, ProofError, leaf_hash, verify_consistency, verify_inclusion};

/// What a store would keep: leaf hashes, stored nodes, and the newest frontier.
#[derive(Clone, Default)]
pub struct Log {
    pub leaves: Vec<Hash>,
    pub stored: BTreeMap<(u8, u64), Hash>,
    pub frontier: Option<Frontier>,
}

impl Log {
    /// Grows by one batch, as the writer does, and returns the batch's growth.
    pub fn grow(&mut self, leaves: Vec<Hash>) -> Growth {
        self.leaves.extend(&leaves);
        let before = self.frontier.take().unwrap_or_else(Frontier::empty);
        let growth = Growth::new(before, leaves);
        for node in growth.filled_tiles() {
            let twice = self.stored.insert((node.level, node.index), node.hash);
            assert_eq!(twice, None, "a node is completed once");
        }
        self.frontier = Some(growth.after());
        growth
    }

    /// A log of `size` numbered leaves grown in one batch.
    pub fn of(size: u64) -> Self {
        let mut log = Self::default();
        log.grow((0..size).map(numbered).collect());
        log
    }

    pub fn root(&self) -> Hash {
        self.frontier.as_ref().map_or_else(ledger::empty_root, Frontier::root)
    }

    /// The root of the first `size` leaves, by RFC 6962's definition and nothing else.
    pub fn root_by_definition(&self, size: u64) -> Hash {
        fn mth(leaves: &[Hash]) -> Hash {
            match leaves {
                [] => ledger::empty_root(),
                [leaf] => *leaf,
                _ => {
                    let split = leaves.len().next_power_of_two() / 2;
                    ledger::node_hash(&mth(&leaves[..split]), &mth(&leaves[split..]))
                }
            }
        }
        mth(&self.leaves[..usize::try_from(size).unwrap()])
    }
}

impl Nodes for Log {
    type Error = Infallible;
    fn leaves(&self, from: u64, to: u64) -> Result<Vec<Hash>, Infallible> {
        assert!(to - from <= 256, "asked for {from}..{to}");
        let run = usize::try_from(from).unwrap()..usize::try_from(to).unwrap();
        Ok(self.leaves[run].to_vec())
    }
    fn stored(&self, level: u8, index: u64) -> Result<Option<Hash>, Infallible> {
        Ok(self.stored.get(&(level, index)).copied())
    }
}

/// The hash of the leaf "leaf 0", "leaf 1" and so on.
pub fn numbered(index: u64) -> Hash {
    // Most tests stay below a thousand leaves and ask for them again and again.
    static FIRST: LazyLock<Vec<Hash>> = LazyLock::new(|| (0..1000).map(hashed).collect());
    fn hashed(index: u64) -> Hash {
        leaf_hash(format!("leaf {index}").as_bytes())
    }
    FIRST.get(usize::try_from(index).unwrap()).copied().unwrap_or_else(|| hashed(index))
}

/// One claim about a tree, to be proven.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    Inclusion { leaf: Hash, index: u64, size: u64, root: Hash },
    Consistency { old: u64, old_root: Hash, new: u64, new_root: Hash },
}

/// Does this proof hold, as expected?
#[track_caller]
pub fn check(claim: &Claim, proof: &[Hash], expect: Result<(), ProofError>) {
    assert_eq!(verify(claim, proof), expect, "{claim:?} with {} hashes", proof.len());
}

pub fn verify(claim: &Claim, proof: &[Hash]) -> Result<(), ProofError> {
    match claim {
        Claim::Inclusion { leaf, index, size, root } => verify_inclusion(leaf, *index, *size, proof, root),
        Claim::Consistency { old, old_root, new, new_root } => {
            verify_consistency(*old, old_root, *new, new_root, proof)
        }
    }
}
