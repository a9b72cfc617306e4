//! The stored tree as `ledger` reads it for proofs: leaf hashes and the nodes of levels 8, 16 and 24.

use std::cell::RefCell;

use ledger::Hash;

use crate::StoreError;
use crate::commit::to_i64;
use crate::engine::{Conn, query};

/// One connection's view of the tree.
pub struct StoredTree<'a>(RefCell<&'a mut Conn>);

impl<'a> StoredTree<'a> {
    pub fn new(conn: &'a mut Conn) -> Self {
        Self(RefCell::new(conn))
    }
}

/// 32 stored bytes as a hash.
pub fn hash(bytes: &[u8]) -> Result<Hash, StoreError> {
    bytes.try_into().map_err(|_| StoreError::Unreadable("a hash that is not 32 bytes".to_owned()))
}

impl ledger::Nodes for StoredTree<'_> {
    type Error = StoreError;

    fn leaves(&self, from: u64, to: u64) -> Result<Vec<Hash>, StoreError> {
        let rows = query!(self.0.borrow_mut(), trail::leaf_hashes(to_i64(from)?, to_i64(to)?))?;
        rows.iter().map(|bytes| hash(bytes)).collect()
    }

    fn stored(&self, level: u8, index: u64) -> Result<Option<Hash>, StoreError> {
        let row = query!(self.0.borrow_mut(), trail::node(i32::from(level), to_i64(index)?))?;
        row.map(|bytes| hash(&bytes)).transpose()
    }

    fn stored_run(&self, level: u8, from: u64, to: u64) -> Result<Option<Vec<Hash>>, StoreError> {
        let rows =
            query!(self.0.borrow_mut(), trail::nodes_from(i32::from(level), to_i64(from)?, to_i64(to)?))?;
        let whole = u64::try_from(rows.len()).ok() == to.checked_sub(from);
        if !whole {
            return Ok(None);
        }
        rows.iter().map(|bytes| hash(bytes)).collect::<Result<Vec<_>, _>>().map(Some)
    }
}
