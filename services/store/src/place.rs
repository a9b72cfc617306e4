//! Where a store lies: two files in a folder, or two databases on a PostgreSQL server. It opens nothing
//! itself beyond choosing the engine; what each engine does stands in `sqlite.rs` and `postgres.rs`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use casework::Sensitive;

use crate::engine::Conn;
use crate::{StoreError, postgres, sqlite};

/// The main database of an embedded store.
pub const MAIN_FILE: &str = "amaan.db";
const KEYS_FILE: &str = "keys.db";

/// Where a store lies.
#[derive(Debug, Clone)]
pub enum Place {
    /// Two SQLite files in this folder; one writing process.
    Sqlite {
        /// The folder.
        dir: PathBuf,
    },
    /// Two databases on a PostgreSQL server; several hubs may write.
    Postgres {
        /// This process's own folder: it keeps `checkpoint.latest` there.
        dir: PathBuf,
        /// The databases.
        databases: Databases,
    },
}

/// Two databases, which must not be the same one: backups of the keys are kept for a shorter time.
#[derive(Debug, Clone)]
pub struct Databases {
    /// `postgresql://` URL of the main database.
    pub main: Sensitive<String>,
    /// `postgresql://` URL of the key database.
    pub keys: Sensitive<String>,
    /// Whom to trust; `None` only for a server on loopback or a socket of this machine.
    pub tls: Option<Arc<rustls::ClientConfig>>,
}

/// One of the two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    Main,
    Keys,
}

impl Place {
    /// The folder with `checkpoint.latest`.
    #[must_use]
    pub fn dir(&self) -> &Path {
        match self {
            Self::Sqlite { dir } | Self::Postgres { dir, .. } => dir,
        }
    }

    /// May other hubs write here at the same time?
    pub(crate) const fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres { .. })
    }

    pub(crate) fn file(&self, database: Database) -> PathBuf {
        self.dir().join(if database == Database::Main { MAIN_FILE } else { KEYS_FILE })
    }

    /// A connection that writes facts and work; it takes the database as it is, migrated or not.
    pub(crate) fn open_writer(&self) -> Result<Conn, StoreError> {
        match self {
            Self::Sqlite { .. } => sqlite::open_writer(&self.file(Database::Main)).map(Conn::sqlite),
            Self::Postgres { databases, .. } => postgres::open_writer(databases).map(Conn::postgres),
        }
    }

    /// A connection that cannot write.
    pub(crate) fn open_reader(&self) -> Result<Conn, StoreError> {
        match self {
            Self::Sqlite { .. } => sqlite::open_reader(&self.file(Database::Main)).map(Conn::sqlite),
            Self::Postgres { databases, .. } => postgres::open_reader(databases).map(Conn::postgres),
        }
    }

    /// The same, for somebody who reads everything and may take long over it.
    pub(crate) fn open_auditor(&self) -> Result<Conn, StoreError> {
        match self {
            Self::Sqlite { .. } => self.open_reader(),
            Self::Postgres { databases, .. } => {
                postgres::open_auditor(databases, Database::Main).map(Conn::postgres)
            }
        }
    }

    /// A connection that may change the shape; it makes an embedded store's file where there is none.
    pub(crate) fn open_migrator(&self, database: Database) -> Result<Conn, StoreError> {
        match self {
            Self::Sqlite { .. } => sqlite::open_writer(&self.file(database)).map(Conn::sqlite),
            Self::Postgres { databases, .. } => {
                postgres::open_migrator(databases, database).map(Conn::postgres)
            }
        }
    }

    /// A look at the shape, which changes nothing.
    pub(crate) fn open_inspector(&self, database: Database) -> Result<Conn, StoreError> {
        match self {
            Self::Sqlite { .. } => sqlite::open_inspector(&self.file(database)).map(Conn::sqlite),
            Self::Postgres { databases, .. } => {
                postgres::open_auditor(databases, database).map(Conn::postgres)
            }
        }
    }

    /// The key database's connection.
    pub(crate) fn open_keys(&self) -> Result<Conn, StoreError> {
        match self {
            Self::Sqlite { .. } => sqlite::open_keys(&self.file(Database::Keys)).map(Conn::sqlite),
            Self::Postgres { databases, .. } => postgres::open_keys(databases).map(Conn::postgres),
        }
    }
}
