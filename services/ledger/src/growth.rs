//! One batch of new leaves on an old frontier. It proves every new leaf in the grown tree and yields the
//! nodes worth storing, without reading a stored node: whatever lies left of the batch is an old peak.
//! Shared after a commit, so that each caller renders its own proof beside the writer.

use crate::{
    frontier::Frontier,
    hash::{Hash, fold_peaks, node_hash},
    span::{Node, audit_path, whole},
    tiles::STORED_LEVELS,
};

/// A node of level 8, 16 or 24 that became complete: what a store keeps so that old proofs stay cheap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredNode {
    /// 8, 16 or 24: the node covers `2^level` leaves.
    pub level: u8,
    /// The node's place in its level, from 0.
    pub index: u64,
    pub hash: Hash,
}

/// The nodes of one level that became complete with the batch.
struct Completed {
    first: u64,
    nodes: Vec<Hash>,
}

/// The old frontier and the tree nodes its new leaves complete. Memory and work: two hashes per leaf.
pub struct Growth {
    before: Frontier,
    size: u64,
    /// By level, from the leaves up; ends before the first level without a new complete node.
    levels: Vec<Completed>,
}

impl Growth {
    /// Grows `before` by `leaves` (leaf hashes, in order). An empty batch is allowed and changes nothing.
    #[must_use]
    pub fn new(before: Frontier, leaves: Vec<Hash>) -> Self {
        // Lossless: a vector of hashes is far shorter than 2^62, and so is the frontier.
        let size = before.size() + u64::try_from(leaves.len()).unwrap_or(0);
        let mut levels = Vec::new();
        let mut level = 0;
        let mut current = Completed { first: before.size(), nodes: leaves };
        while !current.nodes.is_empty() {
            let next = parents(&before, level, &current);
            levels.push(current);
            current = next;
            level += 1;
        }
        Self { before, size, levels }
    }

    /// The frontier of the grown tree.
    #[must_use]
    pub fn after(&self) -> Frontier {
        let peaks = whole(self.size).nodes().into_iter().filter_map(|node| self.node(node)).collect();
        Frontier::grown(self.size, peaks)
    }

    /// The inclusion proof of leaf `index` in the grown tree, leaf's sibling first (RFC 6962 section
    /// 2.1.1). `None` unless the leaf is one of this batch.
    #[must_use]
    pub fn inclusion(&self, index: u64) -> Option<Vec<Hash>> {
        if index < self.before.size() || index >= self.size {
            return None;
        }
        audit_path(index, self.size)
            .into_iter()
            .map(|sibling| {
                let nodes: Option<Vec<Hash>> = sibling.nodes().into_iter().map(|n| self.node(n)).collect();
                fold_peaks(&nodes?)
            })
            .collect()
    }

    /// The level 8, 16 and 24 nodes that became complete with this batch, lower levels first: about one
    /// for each 255 leaves. The writer stores them in the batch's own transaction.
    #[must_use]
    pub fn filled_tiles(&self) -> Vec<StoredNode> {
        let mut filled = Vec::new();
        for level in STORED_LEVELS {
            let Some(completed) = self.levels.get(usize::from(level)) else { break };
            let places = completed.first..;
            filled.extend(places.zip(&completed.nodes).map(|(index, hash)| StoredNode {
                level,
                index,
                hash: *hash,
            }));
        }
        filled
    }

    /// A complete subtree of the grown tree that is new or an old peak. Every node of a proof of a new
    /// leaf is one of the two: a node left of the batch hangs below a parent that reaches into it.
    fn node(&self, node: Node) -> Option<Hash> {
        let level = usize::try_from(node.level).ok()?;
        let new = self.levels.get(level).and_then(|completed| {
            let place = node.index.checked_sub(completed.first)?;
            completed.nodes.get(usize::try_from(place).ok()?).copied()
        });
        new.or_else(|| self.before.peak(node.level, node.index))
    }
}

/// The nodes completed one level above. If the first new child is a right one, its left sibling was
/// complete before and stands as the old peak of its level.
fn parents(before: &Frontier, level: u32, children: &Completed) -> Completed {
    let old_left = children.first.checked_sub(1).and_then(|index| before.peak(level, index));
    let row: Vec<Hash> = old_left.into_iter().chain(children.nodes.iter().copied()).collect();
    let (pairs, _incomplete) = row.as_chunks::<2>();
    Completed {
        first: children.first / 2,
        nodes: pairs.iter().map(|[left, right]| node_hash(left, right)).collect(),
    }
}
