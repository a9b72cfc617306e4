//! Before anything is signed: is this ledger what somebody saw of it? Held against the newest checkpoint
//! beside the database, and against what witnesses kept. A smaller one is a restored backup or lost commits,
//! another one a second history; signing on under the same origin would fork the ledger and overwrite the
//! proof of it.

use std::path::Path;

use casework::SeenCheckpoint;
use ledger::{Checkpoint, root_at};

use crate::commit::to_u64;
use crate::engine::{Conn, query};
use crate::latest::CHECKPOINT_FILE;
use crate::nodes::StoredTree;
use crate::ring::Ring;
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
    if standing.is_over(&seen.origin) {
        return Ok(None);
    }
    let under = standing.key(Default::default()).origin().to_owned();
    let have = query!(conn, trail::newest_head())?.map_or(Ok(0), |head| to_u64(head.size))?;
    let lost = |reason, why| Lost { reason, seen: said(seen, by), under: under.clone(), why };
    if have < seen.size || seen.origin != under {
        let (size, missing) = (seen.size, seen.size.saturating_sub(have));
        return Ok(Some(lost(
            SEEN_MORE,
            format!(
                "{by} has a signed checkpoint of {size} entries, and {missing} of them are missing here: \
                 it has fewer entries than were signed, by a restored backup or commits that were lost"
            ),
        )));
    }
    let root = root_at(&StoredTree::new(conn), seen.size);
    if root.is_ok_and(|root| root == seen.root) {
        return Ok(None);
    }
    let why = format!("{by} has a signed checkpoint of another history of this ledger");
    Ok(Some(lost(SEEN_OTHER, why)))
}

fn said(seen: &Checkpoint, by: &str) -> SeenCheckpoint {
    SeenCheckpoint {
        by: by.chars().take(BY_CHARS_MAX).collect(),
        origin: seen.origin.clone(),
        size: seen.size,
        root: seen.root.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
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

    /// What was signed and is missing here, while no epoch has begun for it: nothing is signed then.
    #[must_use]
    pub fn lost(&self) -> Option<Lost> {
        self.ring().lost()
    }
}
