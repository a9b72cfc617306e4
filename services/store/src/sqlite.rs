//! The embedded engine: one SQLite file in WAL mode with `synchronous=FULL`. All that differs between engines
//! stands here; the query files are mounted with this module's `Conn`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::{Connection, QueryResult, RunQueryDsl, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::StoreError;

pub type Conn = SqliteConnection;

#[path = "queries/commit.rs"]
pub mod commit;
#[path = "queries/keys.rs"]
pub mod keys;
#[path = "queries/read.rs"]
pub mod read;
#[path = "queries/trail.rs"]
pub mod trail;
#[path = "queries/work.rs"]
pub mod work;

const MAIN: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const KEYS: EmbeddedMigrations = embed_migrations!("migrations/keys_sqlite");

/// `busy_timeout` must come first: the others may wait for a lock.
const WRITER: &str = "PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; \
    PRAGMA foreign_keys=ON; PRAGMA wal_autocheckpoint=4000; PRAGMA trusted_schema=OFF;";
const READER: &str = "PRAGMA busy_timeout=5000; PRAGMA query_only=ON; PRAGMA trusted_schema=OFF;";
/// Key rows are overwritten when they are deleted.
const KEYS_WRITER: &str = "PRAGMA secure_delete=ON;";

fn connect(path: &str, pragmas: &str) -> Result<Conn, StoreError> {
    let mut conn = Conn::establish(path).map_err(|error| StoreError::Open(error.to_string()))?;
    conn.batch_execute(pragmas)?;
    Ok(conn)
}

fn text(path: &Path) -> Result<&str, StoreError> {
    path.to_str().ok_or_else(|| StoreError::Open("the path is not valid UTF-8".to_owned()))
}

/// The writer's connection, migrated.
pub fn open_writer(path: &Path) -> Result<Conn, StoreError> {
    let mut conn = connect(text(path)?, WRITER)?;
    migrate(&mut conn, MAIN)?;
    check_synchronous(&mut conn)?;
    Ok(conn)
}

/// A connection that cannot write. In WAL mode SQLite still wants to make its shared-memory file, which a
/// read-only medium refuses; a store that was closed there (no log beside it) is opened as unchanging
/// instead.
pub fn open_reader(path: &Path) -> Result<Conn, StoreError> {
    let name = uri(text(path)?);
    let opened = connect(&format!("{name}?mode=ro"), READER).and_then(|mut conn| {
        diesel::sql_query("SELECT 1 FROM sqlite_schema LIMIT 1").execute(&mut conn)?;
        Ok(conn)
    });
    let log = path.with_extension("db-wal");
    match opened {
        Err(_) if !log.exists() => connect(&format!("{name}?mode=ro&immutable=1"), READER),
        opened => opened,
    }
}

/// The path as a `file:` URI, where `?`, `#` and `%` have other meanings.
fn uri(path: &str) -> String {
    format!("file:{}", path.replace('%', "%25").replace('?', "%3f").replace('#', "%23"))
}

/// The key database's connection, migrated.
pub fn open_keys(path: &Path) -> Result<Conn, StoreError> {
    let mut conn = connect(text(path)?, WRITER)?;
    conn.batch_execute(KEYS_WRITER)?;
    migrate(&mut conn, KEYS)?;
    Ok(conn)
}

fn migrate(conn: &mut Conn, migrations: EmbeddedMigrations) -> Result<(), StoreError> {
    failpoint::here("S15");
    let done = conn.run_pending_migrations(migrations);
    done.map(|_| ()).map_err(|error| StoreError::Migration(error.to_string()))
}

/// Refuses to write where a crash could take back what a receipt promised.
fn check_synchronous(conn: &mut Conn) -> Result<(), StoreError> {
    #[derive(diesel::QueryableByName)]
    struct Level {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        synchronous: i32,
    }
    let level: Level = diesel::sql_query("PRAGMA synchronous").get_result(conn)?;
    if level.synchronous >= 2 {
        return Ok(());
    }
    Err(StoreError::Open("PRAGMA synchronous is below FULL; receipts would not survive a crash".to_owned()))
}

/// One write transaction. The first statement takes the writer's lock. A panic inside is caught inside, so
/// that the transaction is rolled back and the connection stays usable.
pub fn write_tx<T>(
    conn: &mut Conn,
    work: impl FnOnce(&mut Conn) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    conn.immediate_transaction(|conn| {
        let tried = catch_unwind(AssertUnwindSafe(|| work(conn)));
        tried.unwrap_or_else(|_| Err(StoreError::Unreadable("a command made the writer panic".to_owned())))
    })
}

/// One view of everything, however long it is looked at.
pub fn read_tx<T>(
    conn: &mut Conn,
    look: impl FnOnce(&mut Conn) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    conn.transaction(look)
}

/// A planted bug: what was done so far is gone, and the caller goes on as if it were not.
pub fn roll_back(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute("ROLLBACK; BEGIN IMMEDIATE;")
}

/// Copies the write-ahead log into the database; errors mean only that a reader is busy.
pub fn tidy_up(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute("PRAGMA wal_checkpoint(PASSIVE);")
}
