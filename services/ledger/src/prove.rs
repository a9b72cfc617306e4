//! Proofs about any leaf and any two sizes, from a store's nodes (RFC 6962 sections 2.1.1 and 2.1.2). For
//! the leaves of the batch being committed use [`crate::Growth`], which reads nothing.

use crate::{
    hash::{Hash, empty_root, fold_peaks},
    span::{Span, audit_path, consistency_path, whole},
    tiles::{Nodes, Tiles},
};

/// Why there is no proof. `E` is the store's own error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProveError<E> {
    /// The store could not be read.
    #[error("cannot read the nodes of the tree")]
    Nodes(#[source] E),
    /// The store returned fewer hashes than the tree has.
    #[error("the stored tree lacks hashes of level {level} from {index} on: run `audit verify`")]
    Missing { level: u8, index: u64 },
    /// A leaf that is not in the tree, or an older tree that is larger than the newer one.
    #[error("{asked} does not lie in a tree of {size} leaves")]
    OutOfRange { asked: u64, size: u64 },
}

/// The inclusion proof of leaf `index` in the tree of the first `size` leaves, leaf's sibling first.
///
/// # Errors
/// When `index` is not below `size`, or the nodes cannot be read.
pub fn inclusion_proof<N: Nodes>(n: &N, index: u64, size: u64) -> Result<Vec<Hash>, ProveError<N::Error>> {
    if index >= size {
        return Err(ProveError::OutOfRange { asked: index, size });
    }
    hashes(n, size, audit_path(index, size))
}

/// The proof that the tree of the first `new` leaves grew from the tree of the first `old`. Empty when
/// `old` is 0 or equals `new`.
///
/// # Errors
/// When `old` is greater than `new`, or the nodes cannot be read.
pub fn consistency_proof<N: Nodes>(n: &N, old: u64, new: u64) -> Result<Vec<Hash>, ProveError<N::Error>> {
    if old > new {
        return Err(ProveError::OutOfRange { asked: old, size: new });
    }
    if old == new {
        return Ok(Vec::new());
    }
    hashes(n, new, consistency_path(old, new))
}

/// The root of the tree of the first `size` leaves, from stored nodes.
///
/// # Errors
/// When the nodes cannot be read.
pub fn root_at<N: Nodes>(n: &N, size: u64) -> Result<Hash, ProveError<N::Error>> {
    let root = if size == 0 { None } else { hashes(n, size, vec![whole(size)])?.first().copied() };
    Ok(root.unwrap_or_else(empty_root))
}

fn hashes<N: Nodes>(n: &N, size: u64, spans: Vec<Span>) -> Result<Vec<Hash>, ProveError<N::Error>> {
    let mut tiles = Tiles::new(n, size);
    let mut proof = Vec::with_capacity(spans.len());
    for span in spans {
        let nodes = span.nodes().into_iter().map(|node| tiles.node(node)).collect::<Result<Vec<_>, _>>()?;
        // A span is never empty, so neither is its list of nodes.
        proof.push(fold_peaks(&nodes).ok_or(ProveError::OutOfRange { asked: span.start, size })?);
    }
    Ok(proof)
}
