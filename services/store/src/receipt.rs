//! Receipts: a pure function of an entry, a tree size and the key. Nothing of them is stored, so a replay
//! gives the same bytes and a crash between COMMIT and signing loses nothing.

use casework::{Assurance, Entry, TimeSource};
use ledger::{Checkpoint, TlogProof};
use serde::Serialize;

use crate::commit::{to_i64, to_u64};
use crate::engine::{Conn, query};
use crate::high_water::is_as_signed;
use crate::nodes::{StoredTree, hash};
use crate::{Done, Store, StoreError};

/// A place in the ledger and its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReceiptProof {
    /// Index of the entry.
    pub index: u64,
    /// The leaf's bytes, as text (they are JSON).
    pub entry: String,
    /// C2SP tlog-proof: inclusion proof and signed checkpoint.
    pub tlog_proof: String,
}

/// A receipt as a sender keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// Entry and proof.
    #[serde(flatten)]
    pub proof: ReceiptProof,
    /// The key of the commitment, in hexadecimal: with it, the sender can prove its message.
    pub opening: String,
    /// Did the sender's agency sign it? The entry commits to the signature, then.
    pub assurance: Assurance,
}

impl Receipt {
    /// Of this entry, which the proof is for.
    #[must_use]
    pub const fn new(proof: ReceiptProof, opening: String, entry: &Entry) -> Self {
        Self { proof, opening, assurance: Assurance::of(entry.signature.is_some()) }
    }
}

impl Done {
    /// The proof of this order's first entry, rendered beside the writer.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] where the entry is not in the batch, which cannot be.
    pub fn proof(&self) -> Result<ReceiptProof, StoreError> {
        let missing = || StoreError::Unreadable("an entry that is not in its batch".to_owned());
        let hashes = self.batch.growth.inclusion(self.index).ok_or_else(missing)?;
        render(self.index, &self.leaf, hashes, self.batch.checkpoint.clone())
    }
}

fn render(
    index: u64,
    leaf: &[u8],
    hashes: Vec<ledger::Hash>,
    checkpoint_note: String,
) -> Result<ReceiptProof, StoreError> {
    let entry = String::from_utf8(leaf.to_vec())
        .map_err(|_| StoreError::Unreadable("a leaf that is not UTF-8".to_owned()))?;
    Ok(ReceiptProof { index, entry, tlog_proof: TlogProof { index, hashes, checkpoint_note }.to_text() })
}

impl Store {
    /// The proof of an entry in the tree of a size that once was a head; `None` where there is no such entry
    /// in it or no such head.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn proof(&self, index: u64, size: u64) -> Result<Option<ReceiptProof>, StoreError> {
        let (ring, now) = (self.ring(), self.clock.now());
        let (Ok(place), Ok(head_size)) = (to_i64(index), to_i64(size)) else { return Ok(None) };
        if index >= size {
            return Ok(None);
        }
        self.reading(move |conn| {
            let Some(row) = query!(conn, trail::entry(place))? else { return Ok(None) };
            let Some(head) = query!(conn, trail::head_at(head_size))? else { return Ok(None) };
            let mut key = ring.standing().key(now);
            if head.key_id != key.id() {
                // Signed before the last epoch or turn of the keys, or by a process that knows of another
                // one.
                key = ring.load(conn)?.key(now);
            }
            let checkpoint = Checkpoint {
                origin: key.origin().to_owned(),
                size: to_u64(head.size)?,
                root: hash(&head.root)?,
            };
            let hashes = inclusion(conn, index, size)?;
            render(index, &row.leaf, hashes, key.sign(&checkpoint)).map(Some)
        })
        .await
    }

    /// The size of the first tree that has this entry: the one it was committed with.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn head_with(&self, index: u64) -> Result<Option<u64>, StoreError> {
        let index = to_i64(index)?;
        let size = self.reading(move |conn| Ok(query!(conn, trail::first_head_beyond(index))?)).await?;
        size.map(to_u64).transpose()
    }

    /// The newest signed checkpoint; `None` while the ledger is empty.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn checkpoint(&self) -> Result<Option<(u64, String)>, StoreError> {
        let (ring, now) = (self.ring(), self.clock.now());
        self.reading(move |conn| {
            let Some(mut head) = query!(conn, trail::newest_head())? else { return Ok(None) };
            if failpoint::planted("checkpoint-of-another-root") {
                head.root.reverse();
            }
            let size = to_u64(head.size)?;
            let root = hash(&head.root)?;
            // Another process may have begun an epoch, or turned the keys.
            let key = ring.at_head(conn, Some(&head))?.key(now);
            let checkpoint = Checkpoint { origin: key.origin().to_owned(), size, root };
            is_as_signed(&ring, &checkpoint)?;
            Ok(Some((size, key.sign(&checkpoint))))
        })
        .await
    }

    /// The proof that the tree of `new` entries extends that of `old`, both sizes of heads.
    ///
    /// # Errors
    /// Where the database cannot be read or a size is beyond the tree.
    pub async fn consistency(&self, old: u64, new: u64) -> Result<Vec<ledger::Hash>, StoreError> {
        self.reading(move |conn| {
            let tree = StoredTree::new(conn);
            ledger::consistency_proof(&tree, old, new)
                .map_err(|error| StoreError::Unreadable(error.to_string()))
        })
        .await
    }

    /// An entry as it stands.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn entry(&self, index: u64) -> Result<Option<Entry>, StoreError> {
        self.reading(move |conn| {
            let row = query!(conn, trail::entry(to_i64(index)?))?;
            Ok(row.map(|row| Entry::from_leaf(&row.leaf)).transpose()?)
        })
        .await
    }
}

pub(crate) fn inclusion(conn: &mut Conn, index: u64, size: u64) -> Result<Vec<ledger::Hash>, StoreError> {
    let tree = StoredTree::new(conn);
    ledger::inclusion_proof(&tree, index, size).map_err(|error| StoreError::Unreadable(error.to_string()))
}

/// The signed checkpoint at the end of a C2SP tlog-proof.
///
/// # Errors
/// Where the text is no such proof.
pub fn note_of_proof(proof: &str) -> Result<String, StoreError> {
    let proof = TlogProof::parse(proof).map_err(|error| StoreError::Unreadable(error.to_string()))?;
    Ok(proof.checkpoint_note)
}
