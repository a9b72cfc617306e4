//! The ledger as `audit verify` reads it: pages of entries with their leaf hashes computed, and the heads
//! that belong beside them. What is right is not judged here.

use std::collections::BTreeMap;

use ledger::{Hash, leaf_hash};

use super::beside::Given;
use crate::StoreError;
use crate::engine::{Conn, query};
use crate::rows::HeadRow;
use crate::rows::seen::SeenEntry;

/// Entries read at a time.
/// Some stay in a processor's cache until they have been looked at.
const PAGE: i64 = 256;

/// Some entries, each with the hash of its leaf, and the heads of the trees that end with one of them.
pub struct Page {
    pub entries: Vec<(SeenEntry, Hash)>,
    pub heads: BTreeMap<i64, HeadRow>,
}

/// Reads all entries, each page with its heads.
pub fn read(conn: &mut Conn, given: &Given<Page>) -> Result<(), StoreError> {
    each_page(conn, |conn, rows| {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(false) };
        let sizes = (first.idx.saturating_add(1), last.idx.saturating_add(1));
        let heads = query!(conn, trail::heads_between(sizes.0, sizes.1))?;
        let heads = heads.into_iter().map(|head| (head.size, head)).collect();
        let hashed = |row: SeenEntry| (leaf_hash(&row.leaf), row);
        let entries = rows.into_iter().map(hashed).map(|(hash, row)| (row, hash)).collect();
        Ok(given.give(Page { entries, heads }))
    })
}

/// All entries, page by page, until `look` says that it has seen enough.
pub fn each_page(
    conn: &mut Conn,
    mut look: impl FnMut(&mut Conn, Vec<SeenEntry>) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let mut from = Some(i64::MIN);
    while let Some(start) = from {
        let rows = query!(conn, trail::entries_seen(start, PAGE))?;
        // The row with the last possible index has none after it.
        from = rows.last().and_then(|row| row.idx.checked_add(1));
        if !rows.is_empty() && !look(conn, rows)? {
            return Ok(());
        }
    }
    Ok(())
}
