//! Somebody fetches a part of the ledger as tools of others read it (c2sp.org/tlog-tiles): a checkpoint, a
//! tile of hashes, a bundle of entries. Hashes say nothing of anybody, and any known caller may have them.
//! Entries say who refers to whom: they are for whoever may read the whole trail, and the look is entered
//! first.

use casework::{Caller, Categories};
use ledger::{TilePlace, tile_level};

use crate::error::not_found;
use crate::read_trail::whole;
use crate::{Hub, HubError};

impl Hub {
    /// The newest signed checkpoint.
    ///
    /// # Errors
    /// `not-found` while the ledger is empty.
    pub async fn show_checkpoint(&self) -> Result<String, HubError> {
        let newest = self.store.checkpoint().await?;
        newest.map(|(_, note)| note).ok_or_else(not_found)
    }

    /// The hashes of a tile, as its path names it.
    ///
    /// # Errors
    /// `not-found` where the name is none or the tree has not all of its hashes.
    pub async fn show_tile(&self, level: &str, place: &str) -> Result<Vec<u8>, HubError> {
        let named = tile_level(level).zip(TilePlace::parse(place));
        let (level, place) = named.ok_or_else(not_found)?;
        self.store.tile(level, place).await?.ok_or_else(not_found)
    }

    /// The entries of a bundle, as its path names it.
    ///
    /// # Errors
    /// `not-permitted` for anyone who may not read the whole trail; `not-found` where the name is none or the
    /// ledger has not all of its entries.
    pub async fn show_bundle(&self, caller: &Caller, place: &str) -> Result<Vec<u8>, HubError> {
        let permit = self.permit(&whole(caller))?;
        let place = TilePlace::parse(place).ok_or_else(not_found)?;
        let named = format!("tile/entries/{}", place.to_path());
        self.enter_read(caller, Some(permit), "audit", Some(named), Categories::new()).await?;
        self.store.bundle(place).await?.ok_or_else(not_found)
    }
}
