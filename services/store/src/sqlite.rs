//! The embedded engine: one SQLite file in WAL mode with `synchronous=FULL`. What differs between engines
//! stands here and in `sqlite/`; the query files are mounted with this module's `Conn`.

pub mod bulk;
pub mod slots;
pub mod together;

use std::path::Path;

use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

use crate::StoreError;
use crate::clock::Moment;
use crate::place::{Database, MAIN_FILE};
use crate::schema::outbox;

pub type Conn = SqliteConnection;

#[path = "queries/backlog.rs"]
pub mod backlog;
#[path = "queries/bare.rs"]
pub mod bare;
#[path = "queries/budgets.rs"]
pub mod budgets;
#[path = "queries/commit.rs"]
pub mod commit;
#[path = "queries/cosignatures.rs"]
pub mod cosignatures;
#[path = "queries/events.rs"]
pub mod events;
#[path = "queries/keys.rs"]
pub mod keys;
#[path = "queries/migrations.rs"]
pub mod migrations;
#[path = "queries/overdue.rs"]
pub mod overdue;
#[path = "queries/policy_sets.rs"]
pub mod policy_sets;
#[path = "queries/probe.rs"]
pub mod probe;
#[path = "queries/read.rs"]
pub mod read;
#[path = "queries/registers.rs"]
pub mod registers;
#[path = "queries/retention.rs"]
pub mod retention;
#[path = "queries/sealed.rs"]
pub mod sealed;
#[path = "queries/sessions.rs"]
pub mod sessions;
#[path = "queries/trail.rs"]
pub mod trail;
#[path = "queries/webhooks.rs"]
pub mod webhooks;
#[path = "queries/work.rs"]
pub mod work;

const MAIN: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const KEYS: EmbeddedMigrations = embed_migrations!("migrations/keys_sqlite");

/// This engine's migrations.
pub const fn source(database: Database) -> EmbeddedMigrations {
    match database {
        Database::Main => MAIN,
        Database::Keys => KEYS,
    }
}

/// `busy_timeout` must come first: the others may wait for a lock. A batch touches some thousand pages: with
/// the 2 MB cache that is the default they would be written and read again within the transaction (measured
/// at 16 MB: 15 % less processor time, half the writes).
const WRITER: &str = "PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; \
    PRAGMA foreign_keys=ON; PRAGMA wal_autocheckpoint=4000; PRAGMA trusted_schema=OFF; \
    PRAGMA cache_size=-8000; PRAGMA temp_store=MEMORY;";
const READER: &str = "PRAGMA busy_timeout=5000; PRAGMA query_only=ON; PRAGMA trusted_schema=OFF;";
/// It writes nothing into what it copies.
const COPIER: &str = "PRAGMA busy_timeout=5000; PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY;";
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

/// A connection that writes.
pub fn open_writer(path: &Path) -> Result<Conn, StoreError> {
    let mut conn = connect(text(path)?, WRITER)?;
    check_synchronous(&mut conn)?;
    Ok(conn)
}

/// A connection that cannot write. In WAL mode SQLite still wants to make its shared-memory file, which a
/// read-only medium refuses; a store that was closed there (no log beside it) is opened as unchanging
/// instead.
pub fn open_reader(path: &Path) -> Result<Conn, StoreError> {
    if !path.is_file() {
        return Err(StoreError::Open(format!("no {MAIN_FILE} in that folder")));
    }
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

/// A look at a database that changes nothing, also where there is none yet.
pub fn open_inspector(path: &Path) -> Result<Conn, StoreError> {
    if path.is_file() { open_reader(path) } else { connect(":memory:", READER) }
}

/// The path as a `file:` URI, where `?`, `#` and `%` have other meanings.
fn uri(path: &str) -> String {
    format!("file:{}", path.replace('%', "%25").replace('?', "%3f").replace('#', "%23"))
}

/// The key database's connection.
pub fn open_keys(path: &Path) -> Result<Conn, StoreError> {
    let mut conn = open_writer(path)?;
    conn.batch_execute(KEYS_WRITER)?;
    Ok(conn)
}

/// `SQLite 3.53.0`.
pub fn version(conn: &mut Conn) -> QueryResult<String> {
    #[derive(diesel::QueryableByName)]
    struct Version {
        #[diesel(sql_type = diesel::sql_types::Text)]
        version: String,
    }
    let row: Version = diesel::sql_query("SELECT sqlite_version() AS version").get_result(conn)?;
    Ok(format!("SQLite {}", row.version))
}

/// No network, no encryption of one.
pub const fn is_encrypted(_: &mut Conn) -> QueryResult<Option<bool>> {
    Ok(None)
}

/// What lets a commit be lost, in words. Here the hub sets it itself, and refuses to write otherwise.
pub const fn lax(_: &mut Conn) -> Result<Vec<String>, StoreError> {
    Ok(Vec::new())
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

/// Takes the writer's lock before anything is read.
pub fn begin_write(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute("BEGIN IMMEDIATE")
}

pub fn begin_read(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute("BEGIN")
}

/// A statement without parameters or rows.
pub fn plainly(conn: &mut Conn, statement: &str) -> QueryResult<()> {
    conn.batch_execute(statement)
}

/// The machine's own clock is the database's, and no other hub raises the offset.
pub const fn moment(_: &mut Conn, _: &str) -> QueryResult<Option<Moment>> {
    Ok(None)
}

/// One process migrates: it holds the lock file.
pub const fn lock_schema(_: &mut Conn) -> QueryResult<()> {
    Ok(())
}

/// Whoever holds the lock file is alone.
pub const fn lock_out_hubs(_: &mut Conn) -> QueryResult<bool> {
    Ok(true)
}

/// Was nothing ever migrated here?
pub fn is_new(conn: &mut Conn) -> QueryResult<bool> {
    let table = "SELECT 1 FROM sqlite_schema WHERE name = '__diesel_schema_migrations'";
    let found = diesel::dsl::sql::<diesel::sql_types::Integer>(table).get_results::<i32>(conn)?;
    Ok(found.is_empty())
}

/// Notes that the queue has confirmed these.
pub fn mark_relayed(conn: &mut Conn, ids: &[String], at: i64) -> QueryResult<()> {
    // A worker may have been faster: a claim, or a retry planned for later, stays as it is.
    let rows = outbox::table.filter(outbox::delivery_id.eq_any(ids));
    let rows = rows.filter(outbox::lease_until.is_null()).filter(outbox::ready_at.le(at));
    let relayed = (outbox::relayed_at.eq(at), outbox::confirmed.eq(true));
    diesel::update(rows).set(relayed).execute(conn).map(|_| ())
}

/// The queue has confirmed these, which were on their way.
pub fn confirm_relayed(conn: &mut Conn, ids: &[String]) -> QueryResult<()> {
    let rows = outbox::table.filter(outbox::delivery_id.eq_any(ids));
    let rows = rows.filter(outbox::lease_until.is_null()).filter(outbox::relayed_at.is_not_null());
    diesel::update(rows).set(outbox::confirmed.eq(true)).execute(conn).map(|_| ())
}

/// These did not get on their way.
pub fn keep_waiting(conn: &mut Conn, ids: &[String]) -> QueryResult<()> {
    let rows = outbox::table.filter(outbox::delivery_id.eq_any(ids));
    let rows = rows.filter(outbox::lease_until.is_null()).filter(outbox::confirmed.eq(false));
    diesel::update(rows).set(outbox::relayed_at.eq(None::<i64>)).execute(conn).map(|_| ())
}

/// These are in nobody's hands before `until`.
pub fn postpone(conn: &mut Conn, ids: &[String], until: i64) -> QueryResult<()> {
    let rows = outbox::table.filter(outbox::delivery_id.eq_any(ids));
    let rows = rows.filter(outbox::lease_until.is_null()).filter(outbox::ready_at.le(until));
    let later = (outbox::ready_at.eq(until), outbox::relayed_at.eq(None::<i64>), outbox::confirmed.eq(false));
    diesel::update(rows).set(later).execute(conn).map(|_| ())
}

/// What waits until later is due now.
pub fn hasten(conn: &mut Conn, ids: &[String], now: i64) -> QueryResult<()> {
    let rows = outbox::table.filter(outbox::delivery_id.eq_any(ids));
    let rows = rows.filter(outbox::lease_until.is_null()).filter(outbox::ready_at.gt(now));
    diesel::update(rows).set(outbox::ready_at.eq(now)).execute(conn).map(|_| ())
}

/// No queue of this process has anything yet: everything is to be handed over again.
pub fn forget_relayed(conn: &mut Conn) -> QueryResult<()> {
    let none = (outbox::relayed_at.eq(None::<i64>), outbox::confirmed.eq(false));
    diesel::update(outbox::table).set(none).execute(conn).map(|_| ())
}

/// The table lies in the order of its random ids already.
pub const fn mix_statistics(_: &mut Conn) -> QueryResult<()> {
    Ok(())
}

pub const fn sweep_statistics(_: &mut Conn) -> QueryResult<()> {
    Ok(())
}

/// A consistent copy, made while others write; without what was deleted.
pub fn copy_into(from: &Path, to: &Path) -> Result<(), StoreError> {
    if !from.is_file() {
        return Err(StoreError::Open(format!("no {} to copy", from.display())));
    }
    let mut conn = connect(&format!("{}?mode=rw", uri(text(from)?)), COPIER)?;
    diesel::sql_query("VACUUM INTO ?").bind::<diesel::sql_types::Text, _>(text(to)?).execute(&mut conn)?;
    Ok(())
}

/// A file holds a store already, where there is one.
pub const fn is_bare(_: &mut Conn) -> QueryResult<bool> {
    Ok(false)
}

/// Takes what destroyed slots left in the write-ahead log away: `secure_delete` writes over the rest.
pub fn sweep_slots(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE);")
}

/// Copies the write-ahead log into the database; errors mean only that a reader is busy.
pub fn tidy_up(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute("PRAGMA wal_checkpoint(PASSIVE);")
}
