//! Bringing both databases to this version's shape, or back, and saying which shape they have. A database
//! with a migration that this program does not know is of a newer hub: it is not touched.

use std::collections::BTreeSet;

use crate::StoreError;
use crate::engine::{Conn, apart, query};
use crate::folder_lock::FolderLock;
use crate::place::{Database, Place};

/// Which way to migrate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// To the newest shape that this program knows; what is there stays.
    Newest,
    /// So many migrations back, in both databases. **Drops tables with everything in them.**
    Down(u32),
}

/// The shape of both databases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaState {
    /// The main database.
    pub main: DatabaseSchema,
    /// The key database.
    pub keys: DatabaseSchema,
}

/// The shape of one database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatabaseSchema {
    /// Migrations that are in, oldest first.
    pub applied: Vec<String>,
    /// Migrations that this program knows and that are not in.
    pub pending: Vec<String>,
    /// Versions that are in and that this program does not know: of a newer hub.
    pub unknown: Vec<String>,
    /// The newest one that this program knows.
    pub newest_known: String,
}

impl DatabaseSchema {
    /// Exactly what this program works with?
    #[must_use]
    pub const fn is_current(&self) -> bool {
        self.pending.is_empty() && self.unknown.is_empty()
    }
}

/// What a migration did, by database: versions in the order they ran.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Migrated {
    /// The main database.
    pub main: Vec<String>,
    /// The key database.
    pub keys: Vec<String>,
}

/// Migrates both databases. No hub may run on an embedded store meanwhile; on PostgreSQL going down is
/// refused while one does.
///
/// # Errors
/// [`StoreError::SecondWriter`] where a hub has the store open; [`StoreError::Migration`] where a database is
/// of a newer hub.
pub fn migrate(place: &Place, to: To) -> Result<Migrated, StoreError> {
    let _lock = FolderLock::take(place)?;
    apart(|| {
        let mut conns = [place.open_migrator(Database::Main)?, place.open_migrator(Database::Keys)?];
        if matches!(to, To::Down(_)) && !query!(conns[0], lock_out_hubs())? {
            return Err(StoreError::SecondWriter);
        }
        let [main, keys] = &mut conns;
        Ok(Migrated { main: one(main, Database::Main, to)?, keys: one(keys, Database::Keys, to)? })
    })
}

/// Which migrations are in. Changes nothing.
///
/// # Errors
/// Where a database cannot be opened.
pub fn schema_state(place: &Place) -> Result<SchemaState, StoreError> {
    apart(|| {
        let state = |database| schema_of(&mut place.open_inspector(database)?, database);
        Ok(SchemaState { main: state(Database::Main)?, keys: state(Database::Keys)? })
    })
}

/// What opening a store does first, in both databases.
pub fn bring_up(place: &Place) -> Result<(), StoreError> {
    for database in [Database::Main, Database::Keys] {
        one(&mut place.open_migrator(database)?, database, To::Newest)?;
    }
    Ok(())
}

/// Hubs that start at the same time stand in line here, and the second finds nothing to do.
fn one(conn: &mut Conn, database: Database, to: To) -> Result<Vec<String>, StoreError> {
    if to == To::Newest && schema_of(conn, database)?.is_current() {
        return Ok(Vec::new());
    }
    query!(conn, lock_schema())?;
    let state = schema_of(conn, database)?;
    if !state.unknown.is_empty() {
        let which = state.unknown.join(", ");
        return Err(StoreError::Migration(format!(
            "it was migrated by a newer hub (this one does not know {which}); run that hub's program"
        )));
    }
    failpoint::here("S15");
    match to {
        To::Newest => query!(conn, migrations::up(database)),
        To::Down(steps) => {
            let steps = usize::try_from(steps).unwrap_or(usize::MAX).min(state.applied.len());
            (0..steps).map(|_| query!(conn, migrations::down(database))).collect()
        }
    }
}

/// The shape of an open database.
pub fn schema_of(conn: &mut Conn, database: Database) -> Result<DatabaseSchema, StoreError> {
    let known = query!(conn, migrations::known(database))?;
    let is_new = query!(conn, is_new())?;
    let versions = if is_new { Vec::new() } else { query!(conn, migrations::applied())? };
    let versions: BTreeSet<String> = versions.into_iter().collect();
    let (applied, pending) = known.iter().cloned().partition(|name| versions.contains(version(name)));
    let known_versions: BTreeSet<&str> = known.iter().map(|name| version(name)).collect();
    let unknown = versions.iter().filter(|found| !known_versions.contains(found.as_str())).cloned().collect();
    Ok(DatabaseSchema { applied, pending, unknown, newest_known: known.last().cloned().unwrap_or_default() })
}

/// `0001` of `0001_base`.
fn version(name: &str) -> &str {
    name.split_once('_').map_or(name, |(version, _)| version)
}
