//! Which subtrees a proof consists of: the recursions of RFC 6962 sections 2.1.1 (audit path) and 2.1.2
//! (consistency), written as runs of leaves. Pure arithmetic on sizes; no hash is touched here, so that
//! the writer and the reader of stored nodes prove from the same list.

/// The leaves `start..end` of a subtree that is left-aligned as RFC 6962 splits trees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub start: u64,
    pub end: u64,
}

/// A complete subtree: `2^level` leaves from `index * 2^level` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Node {
    pub level: u32,
    pub index: u64,
}

impl Span {
    fn new(start: u64, end: u64) -> Self {
        Self { start, end }
    }

    /// Where RFC 6962 splits a subtree of more than one leaf: after the largest power of two smaller than
    /// its number of leaves.
    fn split(self) -> u64 {
        let last = (self.end - self.start).saturating_sub(1);
        self.start + (1_u64 << last.max(1).ilog2())
    }

    /// The complete subtrees this one is made of, of falling size, left to right.
    pub fn nodes(self) -> Vec<Node> {
        let mut nodes = Vec::new();
        let mut start = self.start;
        while start < self.end {
            let level = (self.end - start).ilog2();
            nodes.push(Node { level, index: start >> level });
            start += 1 << level;
        }
        nodes
    }
}

/// The whole tree of `size` leaves.
pub(crate) fn whole(size: u64) -> Span {
    Span::new(0, size)
}

/// The siblings on the way from leaf `index` up to the root of a tree of `size` leaves. Empty when the
/// leaf is not in the tree.
pub(crate) fn audit_path(index: u64, size: u64) -> Vec<Span> {
    let mut siblings = Vec::new();
    let mut tree = whole(size);
    while index < size && tree.end - tree.start > 1 {
        let split = tree.split();
        if index < split {
            siblings.push(Span::new(split, tree.end));
            tree.end = split;
        } else {
            siblings.push(Span::new(tree.start, split));
            tree.start = split;
        }
    }
    siblings.reverse();
    siblings
}

/// The subtrees that tie a tree of `old` leaves to the tree of `new` leaves that grew from it. Empty when
/// there is nothing to show (`old` is 0, `old == new`) or nothing that could be shown (`old > new`).
pub(crate) fn consistency_path(old: u64, new: u64) -> Vec<Span> {
    let mut path = Vec::new();
    if old == 0 || old > new {
        return path;
    }
    let mut tree = whole(new);
    while old < tree.end {
        let split = tree.split();
        if old <= split {
            path.push(Span::new(split, tree.end));
            tree.end = split;
        } else {
            path.push(Span::new(tree.start, split));
            tree.start = split;
        }
    }
    // The old tree itself need not be shown: its verifier knows the root (RFC 6962 section 2.1.2, flag b).
    if tree.start > 0 {
        path.push(tree);
    }
    path.reverse();
    path
}
