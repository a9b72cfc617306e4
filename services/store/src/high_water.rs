//! Before anything is signed: is this database as new as the newest checkpoint that lies beside it? An older
//! one is a restored backup or lost commits, and signing on would fork the ledger and overwrite the proof of
//! it.

use std::path::Path;

use ledger::root_at;

use crate::LedgerKey;
use crate::StoreError;
use crate::commit::to_u64;
use crate::engine::{Conn, query};
use crate::nodes::StoredTree;
use crate::verify::checkpoint_of;

/// Refuses a database that is older than its checkpoint file, or whose heads another key signed.
pub fn check(conn: &mut Conn, file: &Path, key: &LedgerKey) -> Result<(), StoreError> {
    let head = query!(conn, trail::newest_head())?;
    if head.as_ref().is_some_and(|head| head.key_id != key.id()) {
        return Err(suspect("its heads were signed by another ledger key; give it the key it was made with"));
    }
    let note = match std::fs::read_to_string(file) {
        Ok(note) => note,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(StoreError::File { what: "the newest checkpoint".to_owned(), source }),
    };
    let unreadable = "the newest checkpoint beside it is not one of this ledger; move it aside as evidence";
    let seen = checkpoint_of(&note, Some(&key.vkey())).map_err(|_| suspect(unreadable))?;
    let have = head.map_or(Ok(0), |head| to_u64(head.size))?;
    if have < seen.size {
        return Err(suspect(
            "it has fewer entries than the newest checkpoint beside it: a restored backup, or commits that \
             were lost; run `audit verify`, keep the checkpoint, and bring back the newer database",
        ));
    }
    let root = root_at(&StoredTree::new(conn), seen.size);
    if root.is_ok_and(|root| root == seen.root) {
        return Ok(());
    }
    Err(suspect("it does not contain the newest checkpoint beside it; run `audit verify` and sign nothing"))
}

fn suspect(why: &str) -> StoreError {
    StoreError::LedgerSuspect(why.to_owned())
}
