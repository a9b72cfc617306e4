//! Case keys as they lie in the key database, opened without the thread that keeps them. Nothing is changed
//! there, and a key that is opened is forgotten with the next page.

use std::collections::BTreeMap;

use casework::KeyId;
use seal::{CaseKey, EpochKey, RootKey};

use crate::StoreError;
use crate::engine::{Conn, query};

/// Looks at a slot: a hub may wrap it anew in between.
const LOOKS_MAX: u32 = 3;
/// Opened keys kept at once.
const KEPT_MAX: usize = 1_024;

/// What came of a key.
pub enum Opened {
    Key(CaseKey),
    Gone,
    Refused,
}

/// The key database.
pub struct Wrapped {
    conn: Conn,
    root: RootKey,
    epochs: BTreeMap<i32, EpochKey>,
    kept: BTreeMap<KeyId, CaseKey>,
}

impl Wrapped {
    pub const fn new(conn: Conn, root: RootKey) -> Self {
        Self { conn, root, epochs: BTreeMap::new(), kept: BTreeMap::new() }
    }

    /// Is any of these there?
    pub fn any(&mut self, ids: &[String]) -> Result<bool, StoreError> {
        let conn = &mut self.conn;
        Ok(!query!(conn, sealed::slots_of(ids))?.is_empty())
    }

    pub fn open(&mut self, id: KeyId) -> Result<Opened, StoreError> {
        if let Some(key) = self.kept.get(&id) {
            return Ok(Opened::Key(key.clone()));
        }
        for _ in 0..LOOKS_MAX {
            let conn = &mut self.conn;
            let Some((epoch, wrapped)) = query!(conn, keys::slot(&id.to_string()))? else {
                return Ok(Opened::Gone);
            };
            if let Some(key) = self.epoch(epoch)?.and_then(|epoch| epoch.unwrap(id, &wrapped).ok()) {
                if self.kept.len() >= KEPT_MAX {
                    self.kept.clear();
                }
                self.kept.insert(id, key.clone());
                return Ok(Opened::Key(key));
            }
        }
        Ok(Opened::Refused)
    }

    fn epoch(&mut self, number: i32) -> Result<Option<&EpochKey>, StoreError> {
        if !self.epochs.contains_key(&number) {
            let conn = &mut self.conn;
            let Some(wrapped) = query!(conn, keys::epoch(number))? else { return Ok(None) };
            let Some(key) =
                u32::try_from(number).ok().and_then(|epoch| self.root.unwrap_epoch(epoch, &wrapped).ok())
            else {
                return Ok(None);
            };
            self.epochs.insert(number, key);
        }
        Ok(self.epochs.get(&number))
    }
}
