//! Checking proofs: the iterative algorithms of RFC 9162 sections 2.1.3.2 (inclusion) and 2.1.4.2
//! (consistency), which hold for RFC 6962's tree. Deliberately not the recursion that [`crate::span`]
//! proves with, so that an error in one shows against the other.

use crate::hash::{Hash, empty_root, node_hash};

/// The longest proof: a tree of 2^64 leaves is 64 levels high, and a consistency proof may add one hash.
pub const PROOF_HASHES_MAX: usize = 65;

/// Why a proof does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// A leaf outside the tree, or an older tree that is larger than the newer one.
    #[error("{asked} does not lie in a tree of {size} leaves")]
    OutOfRange { asked: u64, size: u64 },
    /// Too many or too few hashes for these sizes.
    #[error("the proof has {hashes} hashes, which does not fit the sizes given")]
    Length { hashes: usize },
    /// The proof leads elsewhere: the leaf, the place, the proof or the root is not the true one.
    #[error("the proof does not lead to the root: leaf, place, proof and root do not belong together")]
    Root,
    /// The newer tree does not contain the older one.
    #[error("the older root is not contained in the newer tree: history was rewritten or forked")]
    OldRoot,
}

/// Checks that the leaf with hash `leaf` stands at `index` in the tree of `size` leaves with this root.
///
/// # Errors
/// The reason the proof does not hold.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::OutOfRange { asked: index, size });
    }
    let wrong_length = ProofError::Length { hashes: proof.len() };
    if proof.len() > PROOF_HASHES_MAX {
        return Err(wrong_length);
    }
    let mut climb = Climb { node: index, last: size - 1 };
    let mut reached = *leaf;
    for hash in proof {
        reached = match climb.up().ok_or(wrong_length)? {
            Side::Left => node_hash(hash, &reached),
            Side::Right => node_hash(&reached, hash),
        };
    }
    match climb.last {
        0 if reached == *root => Ok(()),
        0 => Err(ProofError::Root),
        _ => Err(wrong_length),
    }
}

/// Checks that the tree of `new_size` leaves begins with the tree of `old_size` leaves.
///
/// # Errors
/// The reason the proof does not hold. The empty tree begins every tree; its root must still be right.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Hash,
    new_size: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old_size > new_size {
        return Err(ProofError::OutOfRange { asked: old_size, size: new_size });
    }
    let wrong_length = ProofError::Length { hashes: proof.len() };
    if old_size == 0 || old_size == new_size {
        let expected = if old_size == 0 { empty_root() } else { *new_root };
        return match proof {
            [] if *old_root == expected => Ok(()),
            [] => Err(ProofError::OldRoot),
            _ => Err(wrong_length),
        };
    }
    if proof.len() > PROOF_HASHES_MAX {
        return Err(wrong_length);
    }
    // A complete old tree is a node of the new one and is not repeated in the proof.
    let (start, path) = if old_size.is_power_of_two() {
        (old_root, proof)
    } else {
        proof.split_first().ok_or(wrong_length)?
    };
    let levels = (old_size - 1).trailing_ones();
    let mut climb = Climb { node: (old_size - 1) >> levels, last: (new_size - 1) >> levels };
    let (mut old, mut new) = (*start, *start);
    for hash in path {
        match climb.up().ok_or(wrong_length)? {
            Side::Left => {
                old = node_hash(hash, &old);
                new = node_hash(hash, &new);
            }
            Side::Right => new = node_hash(&new, hash),
        }
    }
    match climb.last {
        0 if old != *old_root => Err(ProofError::OldRoot),
        0 if new != *new_root => Err(ProofError::Root),
        0 => Ok(()),
        _ => Err(wrong_length),
    }
}

/// On which side of the node reached so far the next hash of a proof stands.
enum Side {
    Left,
    Right,
}

/// RFC 9162's pair (fn, sn): the node reached and the last node of its level.
struct Climb {
    node: u64,
    last: u64,
}

impl Climb {
    /// Climbs to the next level that has a sibling; `None` at the root.
    fn up(&mut self) -> Option<Side> {
        if self.last == 0 {
            return None;
        }
        let side = if self.node & 1 == 1 || self.node == self.last {
            // A last node without a right sibling moves up unchanged until it is a right child.
            // (`node` is not 0 here: then `last`, being equal, were 0 and this the root.)
            let skipped = self.node.trailing_zeros();
            self.node >>= skipped;
            self.last >>= skipped;
            Side::Left
        } else {
            Side::Right
        };
        self.node >>= 1;
        self.last >>= 1;
        Some(side)
    }
}
