//! The lock on a data folder: an embedded store has one writing process, and on PostgreSQL each hub has a
//! folder of its own for what it signed last. Not the lock on the ledger's head, which is the database's.

use std::fs::{File, TryLockError};

use crate::StoreError;
use crate::place::Place;

const LOCK_FILE: &str = "writer.lock";

/// Held as long as it lives.
pub struct FolderLock(File);

impl FolderLock {
    /// Makes the folder and takes its lock.
    ///
    /// # Errors
    /// [`StoreError::SecondWriter`] or, on a shared place, [`StoreError::Open`] where somebody holds it;
    /// [`StoreError::File`] where the folder cannot be written to.
    pub fn take(place: &Place) -> Result<Self, StoreError> {
        let file = |what: &str, source| StoreError::File { what: what.to_owned(), source };
        let dir = place.dir();
        std::fs::create_dir_all(dir).map_err(|source| file("making the data folder", source))?;
        let lock = File::create(dir.join(LOCK_FILE)).map_err(|source| file("the lock file", source))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self(lock)),
            Err(TryLockError::WouldBlock) if place.is_shared() => {
                let why = "another hub uses this data folder; give each hub one of its own";
                Err(StoreError::Open(why.to_owned()))
            }
            Err(TryLockError::WouldBlock) => Err(StoreError::SecondWriter),
            Err(TryLockError::Error(source)) => Err(file("locking the lock file", source)),
        }
    }
}

impl Drop for FolderLock {
    /// Gives it back by name. Closing the file would do only once every copy of it is closed, and a process
    /// that is just being started has a copy of all open files for a moment.
    fn drop(&mut self) {
        _ = self.0.unlock();
    }
}
