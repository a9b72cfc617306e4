//! The key database: case keys, wrapped, made ahead as slots so that intake needs no write here. A slot is
//! leased to this hub when it is made or taken; a lease without a case is freed when the hub starts again.
//! Erasing a case means destroying its slots (a later use case).

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use casework::KeyId;
use seal::{CaseKey, EpochKey, RootKey};
use uuid::Uuid;

use crate::StoreError;
use crate::sqlite::{self, Conn, keys as sql};

/// Slots made or taken at a time: one write to the key database serves that many new cases.
const SLOTS_AT_A_TIME: usize = 128;
/// Leases looked up in one statement: every key in use is one, and SQLite takes 32,766 parameters at most.
const LEASES_PER_STATEMENT: usize = 4096;
/// Unwrapped keys kept in memory.
const CACHE_KEYS_MAX: usize = 4096;

/// The open key database.
pub struct KeyStore {
    inner: Mutex<Inner>,
}

struct Inner {
    conn: Conn,
    epoch: (i32, EpochKey),
    root: RootKey,
    ready: VecDeque<CaseKey>,
    cache: HashMap<KeyId, Arc<CaseKey>>,
}

impl std::fmt::Debug for KeyStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyStore(..)")
    }
}

impl KeyStore {
    /// Opens it, makes the first epoch key where there is none, and frees leases nobody used.
    pub(crate) fn open(
        path: &Path,
        root: RootKey,
        mut used: impl FnMut(&[String]) -> Result<Vec<String>, StoreError>,
    ) -> Result<Self, StoreError> {
        let mut conn = sqlite::open_keys(path)?;
        let leased = sql::leased(&mut conn)?;
        for some in leased.chunks(LEASES_PER_STATEMENT) {
            let used: HashSet<String> = used(some)?.into_iter().collect();
            let unused: Vec<String> = some.iter().filter(|id| !used.contains(*id)).cloned().collect();
            sql::free(&mut conn, &unused)?;
        }
        let epoch = newest_epoch(&mut conn, &root)?;
        let inner = Inner { conn, epoch, root, ready: VecDeque::new(), cache: HashMap::new() };
        Ok(Self { inner: Mutex::new(inner) })
    }

    /// An unused case key, from memory where one is ready.
    ///
    /// # Errors
    /// [`StoreError::NoKey`] when none is ready and the key database is down.
    pub fn take(&self) -> Result<Arc<CaseKey>, StoreError> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.ready.is_empty() {
            inner.refill().map_err(|error| {
                tracing::error!(%error, "the key database gave no slots");
                crate::measure::key_slots_missing();
                StoreError::NoKey
            })?;
        }
        let key = Arc::new(inner.ready.pop_front().ok_or(StoreError::NoKey)?);
        crate::measure::key_slots(inner.ready.len());
        inner.remember(&key);
        Ok(key)
    }

    /// A case key by id.
    ///
    /// # Errors
    /// [`StoreError::KeyLost`] where it is gone or does not unwrap.
    pub fn get(&self, id: KeyId) -> Result<Arc<CaseKey>, StoreError> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = inner.cache.get(&id) {
            return Ok(Arc::clone(key));
        }
        let (number, wrapped) = sql::slot(&mut inner.conn, &id.to_string())?.ok_or(StoreError::KeyLost)?;
        let key = Arc::new(inner.unwrap(number, id, &wrapped)?);
        inner.remember(&key);
        Ok(key)
    }
}

impl Inner {
    fn remember(&mut self, key: &Arc<CaseKey>) {
        if self.cache.len() >= CACHE_KEYS_MAX {
            self.cache.clear();
        }
        self.cache.insert(key.id(), Arc::clone(key));
    }

    /// Takes free slots, or makes new ones.
    fn refill(&mut self) -> Result<(), StoreError> {
        let limit = i64::try_from(SLOTS_AT_A_TIME).unwrap_or(i64::MAX);
        for (id, number, wrapped) in sql::lease(&mut self.conn, limit)? {
            let key = self.unwrap(number, id.parse()?, &wrapped)?;
            self.ready.push_back(key);
        }
        if !self.ready.is_empty() {
            return Ok(());
        }
        let made: Vec<CaseKey> =
            (0..SLOTS_AT_A_TIME).map(|_| CaseKey::generate(KeyId::new(Uuid::new_v4()))).collect();
        let rows: Vec<(String, Vec<u8>)> =
            made.iter().map(|key| (key.id().to_string(), self.epoch.1.wrap(key))).collect();
        sql::insert_leased(&mut self.conn, self.epoch.0, &rows)?;
        self.ready.extend(made);
        Ok(())
    }

    fn unwrap(&mut self, number: i32, id: KeyId, wrapped: &[u8]) -> Result<CaseKey, StoreError> {
        if number == self.epoch.0 {
            return self.epoch.1.unwrap(id, wrapped).map_err(|_| StoreError::KeyLost);
        }
        let sealed = sql::epoch(&mut self.conn, number)?.ok_or(StoreError::KeyLost)?;
        let older = unwrap_epoch(&self.root, number, &sealed)?;
        older.unwrap(id, wrapped).map_err(|_| StoreError::KeyLost)
    }
}

fn unwrap_epoch(root: &RootKey, number: i32, wrapped: &[u8]) -> Result<EpochKey, StoreError> {
    let number = u32::try_from(number).map_err(|_| StoreError::KeyLost)?;
    root.unwrap_epoch(number, wrapped).map_err(|_| StoreError::KeyLost)
}

fn newest_epoch(conn: &mut Conn, root: &RootKey) -> Result<(i32, EpochKey), StoreError> {
    if let Some((number, wrapped)) = sql::newest_epoch(conn)? {
        return Ok((number, unwrap_epoch(root, number, &wrapped)?));
    }
    let key = EpochKey::generate();
    sql::insert_epoch(conn, 1, &root.wrap_epoch(&key, 1))?;
    Ok((1, key))
}
