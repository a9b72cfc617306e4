//! Reading complete subtrees back from what a store keeps: leaf hashes, and the nodes of levels 8, 16 and
//! 24. Whatever lies between is recomputed from at most 256 of them, so a store holds n/255 nodes more
//! than leaves, and a proof reads two runs a level. A stored node that is missing is recomputed from the
//! level below; a stored node that is wrong yields a proof that does not verify.

use std::collections::HashMap;

use crate::{
    hash::{Hash, fold_complete, node_hash},
    prove::ProveError,
    span::Node,
};

/// The levels a store keeps. Every eighth, so that 256 nodes of one make a node of the next: the tiles of
/// c2sp.org/tlog-tiles. Above level 24 (2^24 leaves a node) too few nodes exist to be worth a fourth.
pub const STORED_LEVELS: [u8; 3] = [8, 16, 24];

/// Levels from one stored level to the next, and how many nodes of one make a node of the next.
pub(crate) const TILE_LEVELS: u32 = 8;
pub(crate) const TILE_NODES: u64 = 1 << TILE_LEVELS;

/// A reader of the stored tree. Implemented by a store, for one snapshot of it.
pub trait Nodes {
    /// Why the store cannot answer.
    type Error;

    /// The leaf hashes `from..to`, in order. At most 256 are asked for at once.
    ///
    /// # Errors
    /// When the store cannot be read. Fewer hashes than asked for are noticed by the caller.
    fn leaves(&self, from: u64, to: u64) -> Result<Vec<Hash>, Self::Error>;

    /// The stored node `index` of `level` (8, 16 or 24); `None` if it was never written.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn stored(&self, level: u8, index: u64) -> Result<Option<Hash>, Self::Error>;

    /// The stored nodes `from..to` of one level; `None` if one of them is missing. At most 256 are asked
    /// for at once. A store that can answer with one query overrides this.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn stored_run(&self, level: u8, from: u64, to: u64) -> Result<Option<Vec<Hash>>, Self::Error> {
        (from..to).map(|index| self.stored(level, index)).collect()
    }
}

/// The tiles read for one proof: each is read once, however many of its nodes the proof needs.
pub(crate) struct Tiles<'a, N: Nodes> {
    nodes: &'a N,
    /// Leaves of the tree that is proven. Nothing to the right of it is asked for.
    size: u64,
    read: HashMap<(u8, u64), Vec<Hash>>,
}

impl<'a, N: Nodes> Tiles<'a, N> {
    pub fn new(nodes: &'a N, size: u64) -> Self {
        Self { nodes, size, read: HashMap::new() }
    }

    /// The hash of a complete subtree.
    pub fn node(&mut self, node: Node) -> Result<Hash, ProveError<N::Error>> {
        let base = base_level(node.level);
        let above = node.level - u32::from(base);
        if above > TILE_LEVELS {
            let child = |side| Node { level: node.level - 1, index: node.index * 2 + side };
            return Ok(node_hash(&self.node(child(0))?, &self.node(child(1))?));
        }
        let first = node.index << above;
        let tile = first / TILE_NODES;
        if !self.read.contains_key(&(base, tile)) {
            let hashes = self.tile(base, tile)?;
            self.read.insert((base, tile), hashes);
        }
        let start = usize::try_from(first % TILE_NODES).ok();
        start
            .zip(self.read.get(&(base, tile)))
            .and_then(|(start, hashes)| hashes.get(start..start + (1_usize << above)))
            .and_then(fold_complete)
            .ok_or(ProveError::Missing { level: base, index: first })
    }

    /// All complete nodes of one tile, at most 256.
    fn tile(&self, base: u8, tile: u64) -> Result<Vec<Hash>, ProveError<N::Error>> {
        let from = tile * TILE_NODES;
        let to = (from + TILE_NODES).min(self.size >> base);
        let run = match lower_level(base) {
            None => self.nodes.leaves(from, to).map_err(ProveError::Nodes)?,
            Some(lower) => match self.nodes.stored_run(base, from, to).map_err(ProveError::Nodes)? {
                Some(run) => run,
                None => (from..to).map(|index| self.recomputed(lower, index)).collect::<Result<_, _>>()?,
            },
        };
        if u64::try_from(run.len()) != Ok(to.saturating_sub(from)) {
            return Err(ProveError::Missing { level: base, index: from });
        }
        Ok(run)
    }

    /// A stored node that should be there and is not: the root of the full tile below it. Such tiles are
    /// not kept in memory, for one missing level 24 node stands on 16 million leaves.
    fn recomputed(&self, lower: u8, tile: u64) -> Result<Hash, ProveError<N::Error>> {
        let nodes = self.tile(lower, tile)?;
        fold_complete(&nodes).ok_or(ProveError::Missing { level: lower, index: tile * TILE_NODES })
    }
}

/// The highest kept level not above `level`; 0 is the leaves.
fn base_level(level: u32) -> u8 {
    STORED_LEVELS.into_iter().rev().find(|kept| u32::from(*kept) <= level).unwrap_or(0)
}

/// The kept level below a kept one; `None` for the leaves.
fn lower_level(base: u8) -> Option<u8> {
    match base {
        0 => None,
        8 => Some(0),
        16 => Some(8),
        _ => Some(16),
    }
}
