//! What a witness makes of a checkpoint, given what it saw last of the same log (c2sp.org/tlog-witness). The
//! checkpoint's signature has been verified before. Pure: what is kept, and the signing, are elsewhere.

use crate::{
    add_checkpoint::AddCheckpoint,
    checkpoint::Checkpoint,
    hash::empty_root,
    verify::{ProofError, verify_consistency},
};

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// It continues what was seen: keep it, then cosign.
    Continues,
    /// It is what was seen last: cosign again.
    Same,
    /// The log believes that another size was seen last; this one was.
    OtherSize(u64),
    /// A second root at the size that was seen: the log has two histories. This size was seen.
    Fork(u64),
    /// The old size is larger than the new one.
    Backwards,
    /// The proof does not show that the tree grew from what was seen.
    Unproven(ProofError),
}

/// Judges a request whose checkpoint is `offered`; `seen` is the one cosigned last.
#[must_use]
pub fn judge(seen: Option<&Checkpoint>, asked: &AddCheckpoint, offered: &Checkpoint) -> Judged {
    let (size, root) = seen.map_or((0, empty_root()), |seen| (seen.size, seen.root));
    // Before the old size is looked at: whatever a log says that it remembers, two roots are two histories.
    if seen.is_some() && offered.size == size && offered.root != root {
        return Judged::Fork(size);
    }
    if asked.old > offered.size {
        return Judged::Backwards;
    }
    if asked.old != size {
        return Judged::OtherSize(size);
    }
    if offered.size == 0 && offered.root != empty_root() {
        return Judged::Unproven(ProofError::Root);
    }
    match verify_consistency(size, &root, offered.size, &offered.root, &asked.proof) {
        Err(error) => Judged::Unproven(error),
        Ok(()) if seen.is_some() && offered.size == size => Judged::Same,
        Ok(()) => Judged::Continues,
    }
}
