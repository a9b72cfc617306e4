//! The three hashes of RFC 6962 section 2.1 (empty tree, leaf, node) and the two ways of folding a run of
//! them. Not a general hash helper: commitments and request digests are made elsewhere.

use sha2::{Digest, Sha256};

/// A SHA-256 value: a leaf hash, a node or a root.
pub type Hash = [u8; 32];

/// Domain separation of leaves and nodes (RFC 6962 section 2.1): without it a node could pass for a leaf.
const LEAF_PREFIX: [u8; 1] = [0x00];
const NODE_PREFIX: [u8; 1] = [0x01];

/// The hash of a leaf: `SHA-256(0x00 || leaf)`.
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    Sha256::new().chain_update(LEAF_PREFIX).chain_update(leaf).finalize().into()
}

/// The hash of an inner node: `SHA-256(0x01 || left || right)`.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update(NODE_PREFIX).chain_update(left).chain_update(right).finalize().into()
}

/// The root of the tree without leaves: the hash of no bytes.
#[must_use]
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// The root over complete subtrees of falling size, left to right: the shape of every RFC 6962 tree.
/// `None` for no subtree at all.
pub(crate) fn fold_peaks(peaks: &[Hash]) -> Option<Hash> {
    let (last, rest) = peaks.split_last()?;
    Some(rest.iter().rev().fold(*last, |right, left| node_hash(left, &right)))
}

/// The root of a complete subtree from all its nodes of one level. `None` unless their number is a power
/// of two.
pub(crate) fn fold_complete(nodes: &[Hash]) -> Option<Hash> {
    if !nodes.len().is_power_of_two() {
        return None;
    }
    let mut level = nodes.to_vec();
    while level.len() > 1 {
        level = level
            .chunks_exact(2)
            .filter_map(|pair| if let [left, right] = pair { Some(node_hash(left, right)) } else { None })
            .collect();
    }
    level.first().copied()
}
