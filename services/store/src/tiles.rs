//! Tiles and entry bundles of the committed tree, for whoever checks the ledger with tools of others
//! (c2sp.org/tlog-tiles). Nothing is stored for them. A bundle says who refers to whom: whoever asks has its
//! look entered first.

use ledger::{Hash, TilePlace};

use crate::commit::{to_i64, to_u64};
use crate::engine::{Conn, query};
use crate::nodes::StoredTree;
use crate::{Store, StoreError};

impl Store {
    /// A tile's hashes, one after another; `None` where the tree has not all of them.
    ///
    /// # Errors
    /// Where the database cannot be read or the stored tree lacks hashes.
    pub async fn tile(&self, level: u8, place: TilePlace) -> Result<Option<Vec<u8>>, StoreError> {
        self.reading(move |conn| {
            let size = size(conn)?;
            let tree = StoredTree::new(conn);
            let hashes = ledger::tile_hashes(&tree, size, level, place)
                .map_err(|error| StoreError::Unreadable(error.to_string()))?;
            Ok(hashes.map(|hashes: Vec<Hash>| hashes.concat()))
        })
        .await
    }

    /// An entry bundle; `None` where the tree has not all of its entries.
    ///
    /// # Errors
    /// Where the database cannot be read or entries are missing from it.
    pub async fn bundle(&self, place: TilePlace) -> Result<Option<Vec<u8>>, StoreError> {
        self.reading(move |conn| {
            let Some((from, to)) = place.entries(size(conn)?) else { return Ok(None) };
            let leaves = query!(conn, trail::leaves(to_i64(from)?, to_i64(to)?))?;
            if u64::try_from(leaves.len()).ok() != to.checked_sub(from) {
                let what = "fewer entries than the newest head counts; run `amaan audit verify`";
                return Err(StoreError::Unreadable(what.to_owned()));
            }
            let bundle = ledger::entry_bundle(leaves.iter().map(Vec::as_slice));
            bundle.map(Some).ok_or_else(|| StoreError::Unreadable("an entry beyond 64 KiB".to_owned()))
        })
        .await
    }
}

/// How many leaves are committed.
fn size(conn: &mut Conn) -> Result<u64, StoreError> {
    query!(conn, trail::newest_head())?.map_or(Ok(0), |head| to_u64(head.size))
}
