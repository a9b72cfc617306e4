//! Another epoch: every slot is wrapped anew under the newest epoch key, some at a time, and an earlier epoch
//! key is destroyed once no slot names it. What is done stands in the table, so any hub goes on wherever one
//! stopped, and several may do it at once; both epochs can be read meanwhile.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use casework::KeyId;
use seal::{EpochKey, RootKey};

use super::keeper::{Keeper, LOOK, unwrap_epoch};
use crate::engine::{Conn, apart, query, write_tx};
use crate::{Place, StoreError};

/// Slots wrapped anew in one transaction.
const AT_ONCE: i64 = 256;
/// Between two of them, so that whoever needs a key is not kept waiting.
const BREATH: Duration = Duration::from_millis(20);

/// A slot as it is wrapped now, and its key's id as text.
struct Anew {
    id: String,
    from: i32,
    wrapped: Vec<u8>,
}

impl Keeper {
    /// When to look again.
    pub fn turn(&mut self) -> Duration {
        match self.turn_some() {
            Ok(true) => BREATH,
            Ok(false) => LOOK,
            Err(error) => {
                tracing::warn!(%error, "slots could not be wrapped under the newest epoch key");
                LOOK
            }
        }
    }

    /// Wraps some slots anew; is there more?
    pub fn turn_some(&mut self) -> Result<bool, StoreError> {
        self.follow_epoch()?;
        let newest = self.epoch.0;
        let earlier = self.with(|conn| Ok(query!(conn, keys::of_earlier(newest, AT_ONCE))?))?;
        if earlier.is_empty() {
            return self.destroy_earlier().map(|()| false);
        }
        let found = earlier.len();
        let anew = self.wrapped_anew(earlier)?;
        if anew.is_empty() {
            tracing::error!(slots = found, "slots do not open; their epoch key is kept");
            return Ok(false);
        }
        self.with(|conn| write_tx(conn, |conn| write(conn, newest, &anew)))?;
        failpoint::here("epoch-turned");
        Ok(true)
    }

    fn wrapped_anew(&mut self, earlier: Vec<(String, i32, Vec<u8>)>) -> Result<Vec<Anew>, StoreError> {
        let (mut epochs, mut anew) = (BTreeMap::<i32, EpochKey>::new(), Vec::new());
        for (id, from, wrapped) in earlier {
            if let Entry::Vacant(free) = epochs.entry(from) {
                let Some(key) = self.older(from)? else { continue };
                free.insert(key);
            }
            let key: KeyId = id.parse()?;
            let opened = epochs.get(&from).and_then(|epoch| epoch.unwrap(key, &wrapped).ok());
            anew.extend(opened.map(|key| Anew { id, from, wrapped: self.epoch.1.wrap(&key) }));
        }
        Ok(anew)
    }

    fn older(&mut self, number: i32) -> Result<Option<EpochKey>, StoreError> {
        let sealed = self.with(|conn| Ok(query!(conn, keys::epoch(number))?))?;
        sealed.map(|sealed| unwrap_epoch(&self.root, number, &sealed)).transpose()
    }

    /// The newest epoch, which another process may have begun.
    pub fn follow_epoch(&mut self) -> Result<(), StoreError> {
        let found = self.with(|conn| Ok(query!(conn, keys::newest_epoch())?))?;
        let (number, sealed) = found.ok_or(StoreError::KeyLost)?;
        if number != self.epoch.0 {
            self.epoch = (number, unwrap_epoch(&self.root, number, &sealed)?);
            tracing::info!(epoch = number, "case keys are wrapped under another epoch key from now on");
        }
        Ok(())
    }

    /// INVARIANT: counted, and asked again by the statement that destroys; the database itself refuses to
    /// let go of an epoch that a slot names, and to take a slot of one that is gone.
    fn destroy_earlier(&mut self) -> Result<(), StoreError> {
        let newest = self.epoch.0;
        for number in self.with(|conn| Ok(query!(conn, keys::earlier_epochs(newest))?))? {
            if self.with(|conn| Ok(query!(conn, keys::count_of(number))?))? > 0 {
                continue;
            }
            if self.with(|conn| Ok(query!(conn, keys::destroy_epoch(number))?))? > 0 {
                tracing::info!(epoch = number, "an epoch key was destroyed: no slot named it any more");
                self.sweep();
            }
        }
        Ok(())
    }
}

/// Only where it is still as it was read: another hub may have been faster, or have destroyed it.
fn write(conn: &mut Conn, newest: i32, anew: &[Anew]) -> Result<(), StoreError> {
    for one in anew {
        query!(conn, keys::rewrap(&one.id, one.from, newest, &one.wrapped))?;
    }
    Ok(())
}

/// Begins another epoch; its number. Hubs that run follow within a minute, and wrap what there is anew.
///
/// # Errors
/// Where the key database cannot be written, or the root key is another one.
pub fn begin_epoch(place: &Place, root: &RootKey) -> Result<u32, StoreError> {
    apart(|| {
        let mut conn = place.open_keys()?;
        let (number, sealed) = query!(conn, keys::newest_epoch())?.ok_or(StoreError::KeyLost)?;
        // Under another root key nothing could ever be read again.
        unwrap_epoch(root, number, &sealed)?;
        let next = number.saturating_add(1);
        let epoch = u32::try_from(next).map_err(|_| StoreError::KeyLost)?;
        query!(conn, keys::insert_epoch(next, &root.wrap_epoch(&EpochKey::generate(), epoch)))?;
        Ok(epoch)
    })
}

/// How many slots each epoch has, oldest first.
///
/// # Errors
/// Where the key database cannot be read.
pub fn epochs(place: &Place) -> Result<Vec<(i32, i64)>, StoreError> {
    apart(|| {
        let mut conn = place.open_keys()?;
        let all = query!(conn, keys::earlier_epochs(i32::MAX))?;
        all.into_iter().map(|epoch| Ok((epoch, query!(conn, keys::count_of(epoch))?))).collect()
    })
}
