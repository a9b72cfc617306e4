//! Copies of a store, taken while hubs run, and back again. The two databases are copied apart, into folders
//! of their own: the keys' copies are kept for a short time, or nothing would ever be erased. The main
//! database first: a case's key was made before the case.
//!
//! A copy is consistent by itself: SQLite's `VACUUM INTO`, PostgreSQL's `pg_dump`. What it holds is sealed
//! or coded as in the database. It does not hold the root key and the ledger key: those are files.

use std::fs::File;
use std::path::{Path, PathBuf};

use casework::Sensitive;
use serde::{Deserialize, Serialize};

use crate::commit::to_u64;
use crate::engine::{apart, query};
use crate::latest::CHECKPOINT_FILE;
use crate::nodes::StoredTree;
use crate::place::Database;
use crate::postgres::tools;
use crate::{Databases, Place, StoreError, drop_databases, make_databases, sqlite};

/// The copy of a database of a PostgreSQL server.
const MAIN_DUMP: &str = "main.pgdump";
const KEYS_DUMP: &str = "keys.pgdump";

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Copied {
    /// Facts and sealed bodies.
    Main,
    /// Case keys.
    Keys,
}

impl Copied {
    const fn database(self) -> Database {
        match self {
            Self::Main => Database::Main,
            Self::Keys => Database::Keys,
        }
    }

    const fn dump(self) -> &'static str {
        match self {
            Self::Main => MAIN_DUMP,
            Self::Keys => KEYS_DUMP,
        }
    }
}

/// The newest head of a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyHead {
    /// Its entries.
    pub entries: u64,
    /// Its root, hexadecimal.
    pub root: String,
}

/// Copies one database into a folder that exists and holds no copy yet. `ca_file` is what the server's
/// certificate is checked with, as in the configuration.
///
/// # Errors
/// Where there is a copy already, the database cannot be read, or the folder cannot be written; a copy that
/// was begun is of no use then.
pub fn copy(place: &Place, which: Copied, into: &Path, ca_file: Option<&Path>) -> Result<(), StoreError> {
    if which == Copied::Main {
        // INVARIANT: the checkpoint is older than the copy beside it, or the copy would look cut off.
        let (from, to) = (place.dir().join(CHECKPOINT_FILE), into.join(CHECKPOINT_FILE));
        if from.is_file() {
            std::fs::copy(&from, &to).map_err(file(&to))?;
        }
    }
    let target = copy_file(place, which, into);
    if target.exists() {
        return Err(StoreError::Open(format!("{} holds a copy already; name a new folder", into.display())));
    }
    match place {
        Place::Sqlite { .. } => {
            sqlite::copy_into(&place.file(which.database()), &target)?;
        }
        Place::Postgres { databases, .. } => tools::dump(databases, which.database(), &target, ca_file)?,
    }
    synced(&target)?;
    synced(into)
}

/// Brings one database back from a folder into a place where it is not.
///
/// # Errors
/// Where the place is not empty, there is no copy of its engine, or it cannot be written.
pub fn restore(place: &Place, which: Copied, from: &Path, ca_file: Option<&Path>) -> Result<(), StoreError> {
    let source = copy_file(place, which, from);
    if !source.is_file() {
        let why = format!("no {} there, and this store's engine needs it", source.display());
        return Err(StoreError::Open(why));
    }
    refuse_full(place, which)?;
    match place {
        Place::Sqlite { dir } => {
            let target = place.file(which.database());
            std::fs::copy(&source, &target).map_err(file(&target))?;
            synced(&target)?;
            synced(dir)?;
        }
        Place::Postgres { databases, .. } => tools::restore(databases, which.database(), &source, ca_file)?,
    }
    let (from, to) = (from.join(CHECKPOINT_FILE), place.dir().join(CHECKPOINT_FILE));
    // One that is there is newer, and the proof of what was signed since.
    if which == Copied::Main && from.is_file() && !to.exists() {
        std::fs::copy(&from, &to).map_err(file(&to))?;
    }
    Ok(())
}

/// The newest head of the ledger in a place.
///
/// # Errors
/// Where it cannot be read.
pub fn newest_head(place: &Place) -> Result<CopyHead, StoreError> {
    apart(|| {
        let mut conn = place.open_auditor()?;
        let head = query!(conn, trail::newest_head())?;
        let entries = head.as_ref().map_or(Ok(0), |head| to_u64(head.size))?;
        let root = head.map_or_else(|| seal::sha256(b"").to_vec(), |head| head.root);
        Ok(CopyHead { entries, root: hex::encode(root) })
    })
}

/// Is that head the beginning of the ledger in a place?
///
/// # Errors
/// Where it cannot be read.
pub fn contains(place: &Place, head: &CopyHead) -> Result<bool, StoreError> {
    if newest_head(place)?.entries < head.entries {
        return Ok(false);
    }
    apart(|| {
        let mut conn = place.open_auditor()?;
        let root = ledger::root_at(&StoredTree::new(&mut conn), head.entries);
        Ok(root.is_ok_and(|root| hex::encode(root) == head.root))
    })
}

/// How many keys a place has.
///
/// # Errors
/// Where it cannot be read.
pub fn count_keys(place: &Place) -> Result<u64, StoreError> {
    apart(|| {
        let mut conn = place.open_inspector(Database::Keys)?;
        to_u64(query!(conn, keys::count())?)
    })
}

/// A place of the same engine that is there for a while.
pub struct Scratch {
    place: Place,
    /// Databases of its own, and through which other one they are dropped.
    made: Option<(Sensitive<String>, Databases)>,
}

impl Scratch {
    /// In this folder; on PostgreSQL in two new databases of the same server.
    ///
    /// # Errors
    /// Where the role may not create databases.
    pub fn beside(place: &Place, dir: &Path) -> Result<Self, StoreError> {
        let dir = dir.to_owned();
        let Place::Postgres { databases, .. } = place else {
            return Ok(Self { place: Place::Sqlite { dir }, made: None });
        };
        let name = format!("amaan_scratch_{}", hex::encode(seal::random::<8>()));
        let (main, keys) = (databases.main.expose(), databases.keys.expose());
        let databases = Databases {
            main: Sensitive::new(named(main, &format!("{name}_main"))),
            keys: Sensitive::new(named(keys, &format!("{name}_keys"))),
            tls: databases.tls.clone(),
        };
        let through = Sensitive::new(main.clone());
        make_databases(&through, &databases)?;
        let made = Some((through, databases.clone()));
        Ok(Self { place: Place::Postgres { dir, databases }, made })
    }

    /// Where it is.
    #[must_use]
    pub const fn place(&self) -> &Place {
        &self.place
    }

    /// Drops what was made for it.
    ///
    /// # Errors
    /// Where the server does not answer.
    pub fn remove(self) -> Result<(), StoreError> {
        self.made.map_or(Ok(()), |(through, databases)| drop_databases(&through, &databases))
    }
}

/// A URL with another database in it.
fn named(url: &str, database: &str) -> String {
    let (place, parameters) = url.split_once('?').map_or((url, None), |(url, rest)| (url, Some(rest)));
    let server = place.rsplit_once('/').map_or(place, |(server, _)| server);
    let parameters = parameters.map(|rest| format!("?{rest}")).unwrap_or_default();
    format!("{server}/{database}{parameters}")
}

fn copy_file(place: &Place, which: Copied, dir: &Path) -> PathBuf {
    match place {
        Place::Sqlite { .. } => {
            let own = place.file(which.database());
            own.file_name().map_or_else(|| own.clone(), |name| dir.join(name))
        }
        Place::Postgres { .. } => dir.join(which.dump()),
    }
}

/// Nothing is ever written over.
fn refuse_full(place: &Place, which: Copied) -> Result<(), StoreError> {
    let full = match place {
        Place::Sqlite { .. } => place.file(which.database()).exists(),
        Place::Postgres { .. } => apart(|| {
            let mut conn = place.open_inspector(which.database())?;
            Ok(!query!(conn, is_bare())?)
        })?,
    };
    if full {
        let why = "there is a database already, and nothing is restored over one; name an empty place";
        return Err(StoreError::Open(why.to_owned()));
    }
    Ok(())
}

fn synced(path: &Path) -> Result<(), StoreError> {
    File::open(path).and_then(|opened| opened.sync_all()).map_err(file(path))
}

fn file(path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    let what = path.display().to_string();
    move |source| StoreError::File { what, source }
}
