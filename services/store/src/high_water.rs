//! Before anything is signed: is this ledger what somebody saw of it? Held against the newest checkpoint
//! beside the database, and against what witnesses kept. A smaller one is a restored backup or lost commits,
//! another one a second history; signing on under the same origin would fork the ledger and overwrite the
//! proof of it.

use std::path::Path;

use casework::SeenCheckpoint;
use ledger::{Checkpoint, Hash, ProveError, root_at};

use crate::commit::to_u64;
use crate::engine::{Conn, query};
use crate::latest::CHECKPOINT_FILE;
use crate::nodes::StoredTree;
use crate::ring::{Ring, Standing};
use crate::{Store, StoreError};

/// More was seen than there is.
pub const SEEN_MORE: &str = "seen-more";
/// Another history was seen.
pub const SEEN_OTHER: &str = "seen-other";

/// Something that was signed and is not here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Why the ledger is suspect, coded: `seen-more`, `seen-other`.
    pub reason: &'static str,
    /// What was seen.
    pub seen: SeenCheckpoint,
    /// The origin that is not to be signed under any more.
    pub under: String,
    /// In words.
    pub why: String,
}

/// Who remembers what this process signed: whoever has the database cannot reach that.
const OWN_MEMORY: &str = "this hub's own memory";

/// Is the newest head what this process signed last, or a later one? Another process may have gone on from
/// it; fewer entries, or another root, would be a second history.
pub fn recall(ring: &Ring, standing: &Standing, size: u64, root: &Hash) -> Result<(), StoreError> {
    let Some(Checkpoint { origin, size: signed, root: known }) = ring.signed() else { return Ok(()) };
    let under = standing.key(Default::default()).origin().to_owned();
    let is_more = size > signed || (size == signed && *root == known);
    if standing.is_over(&origin) || (is_more && origin == under) {
        return Ok(());
    }
    let seen = said(&Checkpoint { origin, size: signed, root: known }, OWN_MEMORY);
    let lost = if size == signed {
        Lost { reason: SEEN_OTHER, seen, under, why: other_history(OWN_MEMORY) }
    } else {
        Lost { reason: SEEN_MORE, seen, under, why: fewer(OWN_MEMORY, signed, size) }
    };
    Err(doubted(ring, lost))
}

/// Before a stored head is signed again: it is not another one of the size that was signed last.
pub fn is_as_signed(ring: &Ring, head: &Checkpoint) -> Result<(), StoreError> {
    let last = ring.signed().filter(|last| last.origin == head.origin && last.size == head.size);
    let Some(last) = last.filter(|last| last.root != head.root) else { return Ok(()) };
    let (seen, under) = (said(&last, OWN_MEMORY), head.origin.clone());
    Err(doubted(ring, Lost { reason: SEEN_OTHER, seen, under, why: other_history(OWN_MEMORY) }))
}

fn doubted(ring: &Ring, lost: Lost) -> StoreError {
    let why = lost.why.clone();
    tracing::error!(alarm = "ledger-suspect", why, "the database was set back beneath this hub");
    ring.doubt(lost);
    StoreError::LedgerSuspect(why)
}

/// Looks before anything is signed; what is missing is kept in mind, and nothing is signed meanwhile.
pub fn look(conn: &mut Conn, file: &Path, ring: &Ring) -> Result<(), StoreError> {
    if let Some(lost) = check(conn, file, ring)? {
        tracing::error!(alarm = "ledger-suspect", why = lost.why, "this is not all of the ledger");
        ring.doubt(lost);
    }
    Ok(())
}

/// Holds the database against the checkpoint file; heads that another key signed are refused.
pub fn check(conn: &mut Conn, file: &Path, ring: &Ring) -> Result<Option<Lost>, StoreError> {
    let head = query!(conn, trail::newest_head())?;
    ring.at_head(conn, head.as_ref())?;
    let note = match std::fs::read_to_string(file) {
        Ok(note) => note,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(StoreError::File { what: "the newest checkpoint".to_owned(), source }),
    };
    let unreadable = "the newest checkpoint beside it is not one of this ledger; move it aside as evidence";
    let seen = ring.verified(&note).ok_or_else(|| StoreError::LedgerSuspect(unreadable.to_owned()))?;
    compare(conn, ring, &seen, CHECKPOINT_FILE)
}

/// Is this a tree of ours: had ours this root at this size? What an earlier epoch lost is said in its
/// successor's first entry.
fn compare(conn: &mut Conn, ring: &Ring, seen: &Checkpoint, by: &str) -> Result<Option<Lost>, StoreError> {
    let standing = ring.standing();
    let under = standing.key(Default::default()).origin().to_owned();
    if standing.is_over(&seen.origin) {
        return compare_earlier(conn, &standing, seen, by, under);
    }
    let have = query!(conn, trail::newest_head())?.map_or(Ok(0), |head| to_u64(head.size))?;
    let lost = |reason, why| Lost { reason, seen: said(seen, by), under: under.clone(), why };
    if have < seen.size || seen.origin != under {
        return Ok(Some(lost(SEEN_MORE, fewer(by, seen.size, have))));
    }
    if root_of(conn, seen.size)? == Some(seen.root) {
        return Ok(None);
    }
    Ok(Some(lost(SEEN_OTHER, other_history(by))))
}

/// What an earlier epoch signed is here up to where its successors went on from, and said to be lost beyond.
fn compare_earlier(
    conn: &mut Conn,
    standing: &Standing,
    seen: &Checkpoint,
    by: &str,
    under: String,
) -> Result<Option<Lost>, StoreError> {
    let since = standing.epochs.iter().skip_while(|epoch| epoch.before != seen.origin);
    let kept = since.clone().map(|epoch| epoch.kept).min().unwrap_or_default();
    let known = since.clone().map(|epoch| epoch.kept.max(epoch.lost.size)).max().unwrap_or_default();
    let noted = said(seen, by);
    let is_noted = standing.epochs.iter().any(|epoch| {
        let SeenCheckpoint { origin, size, root, .. } = &epoch.lost;
        *origin == noted.origin && *root == noted.root && *size == noted.size
    });
    if is_noted || (seen.size > kept && seen.size <= known) {
        return Ok(None);
    }
    if seen.size > known {
        let why = format!("{}; no epoch since then says so", fewer(by, seen.size, kept));
        return Ok(Some(Lost { reason: SEEN_MORE, seen: noted, under, why }));
    }
    let is_ours = root_of(conn, seen.size)? == Some(seen.root);
    if is_ours || is_of_what_was_lost(conn, standing, seen)? {
        return Ok(None);
    }
    Ok(Some(Lost { reason: SEEN_OTHER, seen: noted, under, why: other_history(by) }))
}

/// Is it an older checkpoint of a history that an epoch says was rewritten? One rewriting is one epoch,
/// however many checkpoints of the lost history are still remembered.
fn is_of_what_was_lost(conn: &mut Conn, standing: &Standing, seen: &Checkpoint) -> Result<bool, StoreError> {
    for epoch in &standing.epochs {
        let lost = &epoch.lost;
        let before = lost.origin == seen.origin && seen.size <= lost.size && lost.size <= epoch.kept;
        if before && root_of(conn, lost.size)?.map(|root| said_root(&root)) != Some(lost.root.clone()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// This tree's root at a size; none where it has no such size. That it could not be read says nothing of it.
fn root_of(conn: &mut Conn, size: u64) -> Result<Option<Hash>, StoreError> {
    match root_at(&StoredTree::new(conn), size) {
        Ok(root) => Ok(Some(root)),
        Err(ProveError::Nodes(error)) => Err(error),
        Err(ProveError::Missing { .. } | ProveError::OutOfRange { .. }) => Ok(None),
    }
}

fn fewer(by: &str, signed: u64, have: u64) -> String {
    let missing = signed.saturating_sub(have);
    format!(
        "{by} has a signed checkpoint of {signed} entries, and {missing} of them are missing here: it has \
         fewer entries than were signed, by a restored backup or commits that were lost"
    )
}

fn other_history(by: &str) -> String {
    format!("{by} has a signed checkpoint of another history of this ledger")
}

fn said(seen: &Checkpoint, by: &str) -> SeenCheckpoint {
    SeenCheckpoint {
        by: by.chars().take(BY_CHARS_MAX).collect(),
        origin: seen.origin.clone(),
        size: seen.size,
        root: said_root(&seen.root),
    }
}

fn said_root(root: &Hash) -> String {
    root.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A witness's name in a leaf.
const BY_CHARS_MAX: usize = 120;

impl Store {
    /// The checkpoint in a note that a key of this ledger signed, of whatever epoch.
    #[must_use]
    pub fn verified(&self, note: &str) -> Option<Checkpoint> {
        self.ring().verified(note)
    }

    /// Holds the ledger against what somebody saw of it, and signs nothing more under the present origin
    /// where something is missing.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn compare_with(&self, seen: Checkpoint, who: &str) -> Result<Option<Lost>, StoreError> {
        let (ring, who) = (self.ring(), who.to_owned());
        self.reading(move |conn| {
            let lost = compare(conn, &ring, &seen, &who)?;
            lost.iter().for_each(|lost| ring.doubt(lost.clone()));
            Ok(lost)
        })
        .await
    }

    /// Origins of this ledger, the present one first.
    #[must_use]
    pub fn origins(&self) -> Vec<String> {
        let standing = self.ring().standing();
        let mut origins = vec![standing.key(Default::default()).origin().to_owned()];
        origins.extend(standing.epochs.iter().rev().map(|epoch| epoch.before.clone()));
        origins
    }

    /// What was signed and is missing here, while no epoch has begun for it: nothing is signed then.
    #[must_use]
    pub fn lost(&self) -> Option<Lost> {
        self.ring().lost()
    }
}
