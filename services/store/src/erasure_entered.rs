//! How an erasure stands by the ledger alone: its newest entry, proven to be in the tree. A row of the
//! registers is easily written by whoever has the database; keys are destroyed only where an entry says so.

use casework::{CaseId, Entry, ErasureStatus, Event, Register};
use ledger::{leaf_hash, verify_inclusion};

use crate::commit::to_u64;
use crate::engine::{Conn, query};
use crate::nodes::hash;
use crate::receipt::inclusion;
use crate::{Store, StoreError};

/// Entries of a case that are looked through: what agencies say of their copies comes after the erasure.
const LOOK_MAX: i64 = 1024;

impl Store {
    /// The newest entry about the erasure of this case; `None` where there is none, or none that is proven.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn erasure_entered(&self, case: CaseId) -> Result<Option<ErasureStatus>, StoreError> {
        self.reading(move |conn| entered(conn, case)).await
    }
}

pub(crate) fn entered(conn: &mut Conn, case: CaseId) -> Result<Option<ErasureStatus>, StoreError> {
    let rows = query!(conn, trail::registers_of_case(&case.to_string(), LOOK_MAX))?;
    // After the entries: a commit in between gives a head that is larger, never an entry that it lacks.
    let Some(head) = query!(conn, trail::newest_head())? else { return Ok(None) };
    let (size, root) = (to_u64(head.size)?, hash(&head.root)?);
    for row in rows {
        let Event::Register(Register::Erasure(held)) = Entry::from_leaf(&row.leaf)?.event else { continue };
        let index = to_u64(row.idx)?;
        if held.case != case || index >= size {
            return Ok(None);
        }
        let proof = inclusion(conn, index, size)?;
        let proven = verify_inclusion(&leaf_hash(&row.leaf), index, size, &proof, &root).is_ok();
        return Ok(proven.then_some(held.status));
    }
    Ok(None)
}
