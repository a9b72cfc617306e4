//! The engine for several hubs: PostgreSQL through diesel-async's wrapper over tokio-postgres, with TLS by
//! rustls, so that nothing of libpq is linked. What differs between engines stands here and in `postgres/`;
//! the query files are mounted with this module's `Conn`.
//!
//! Who writes holds an advisory lock from the first statement of its transaction on, at READ COMMITTED: so
//! all it reads afterwards is what the writer before it committed, and several hubs grow one tree.

pub mod bulk;
mod connect;
mod moment;
mod own;
mod runtime;
mod server;
pub mod slots;
pub mod together;
pub mod tools;

use diesel::connection::SimpleConnection;
use diesel::{QueryResult, QueryableByName, RunQueryDsl, sql_query};
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

use crate::StoreError;
use crate::place::{Database, Databases};
pub use connect::Link;
use connect::{Session, connect};
pub use moment::moment;
pub use own::{drop_databases, make_databases};

pub type Conn = AsyncConnectionWrapper<AsyncPgConnection, runtime::Driver>;

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

const MAIN: EmbeddedMigrations = embed_migrations!("migrations/postgres");
const KEYS: EmbeddedMigrations = embed_migrations!("migrations/keys_postgres");

/// Advisory locks of a database, in letters: the head of the tree, its shape, and the hubs that have it open.
const HEAD_LOCK: i64 = i64::from_be_bytes(*b"amaanhed");
const SCHEMA_LOCK: i64 = i64::from_be_bytes(*b"amaansch");
const HUBS_LOCK: i64 = i64::from_be_bytes(*b"amaanhub");

/// This engine's migrations.
pub const fn source(database: Database) -> EmbeddedMigrations {
    match database {
        Database::Main => MAIN,
        Database::Keys => KEYS,
    }
}

/// A connection that writes facts and work.
pub fn open_writer(databases: &Databases) -> Result<Link, StoreError> {
    let mut link = connect(databases, Database::Main, Session::Writer)?;
    server::check(&mut link.conn)?;
    // Held as long as the connection lives: nobody takes the tables away under a hub.
    link.conn.batch_execute(&format!("SELECT pg_advisory_lock_shared({HUBS_LOCK})"))?;
    Ok(link)
}

/// A connection that cannot write.
pub fn open_reader(databases: &Databases) -> Result<Link, StoreError> {
    connect(databases, Database::Main, Session::Reader)
}

/// One that cannot write and may take long.
pub fn open_auditor(databases: &Databases, database: Database) -> Result<Link, StoreError> {
    connect(databases, database, Session::Auditor)
}

/// The key database's connection.
pub fn open_keys(databases: &Databases) -> Result<Link, StoreError> {
    let mut link = connect(databases, Database::Keys, Session::Writer)?;
    server::check(&mut link.conn)?;
    Ok(link)
}

/// A connection that may change the shape.
pub fn open_migrator(databases: &Databases, database: Database) -> Result<Link, StoreError> {
    connect(databases, database, Session::Migrator)
}

/// One round trip; the server runs the statements one after the other, so what is read after them is what
/// the lock's last holder committed.
pub fn begin_write(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute(&begin_write_text())
}

fn begin_write_text() -> String {
    format!("BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock({HEAD_LOCK})")
}

pub fn begin_read(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
}

/// A statement without parameters or rows.
pub fn plainly(conn: &mut Conn, statement: &str) -> QueryResult<()> {
    conn.batch_execute(statement)
}

/// Hubs that start together migrate one after the other.
pub fn lock_schema(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute(&format!("SELECT pg_advisory_lock({SCHEMA_LOCK})"))
}

/// True where no hub has this database open, and none can open it until this connection ends.
pub fn lock_out_hubs(conn: &mut Conn) -> QueryResult<bool> {
    let ask = format!("SELECT pg_try_advisory_lock({HUBS_LOCK})");
    diesel::dsl::sql::<diesel::sql_types::Bool>(&ask).get_result(conn)
}

/// Was nothing ever migrated here?
pub fn is_new(conn: &mut Conn) -> QueryResult<bool> {
    let ask = "SELECT to_regclass('__diesel_schema_migrations') IS NULL";
    diesel::dsl::sql::<diesel::sql_types::Bool>(ask).get_result(conn)
}

/// `PostgreSQL 15.18`.
pub fn version(conn: &mut Conn) -> QueryResult<String> {
    let ask = "'PostgreSQL ' || split_part(current_setting('server_version'), ' ', 1)";
    diesel::select(diesel::dsl::sql::<diesel::sql_types::Text>(ask)).get_result(conn)
}

/// Is this connection encrypted? `None` by a socket of this machine.
pub fn is_encrypted(conn: &mut Conn) -> QueryResult<Option<bool>> {
    let ask = "(SELECT CASE WHEN inet_client_addr() IS NULL THEN NULL ELSE ssl END \
               FROM pg_stat_ssl WHERE pid = pg_backend_pid())";
    diesel::select(diesel::dsl::sql::<diesel::sql_types::Nullable<diesel::sql_types::Bool>>(ask))
        .get_result(conn)
}

/// What lets a commit be lost, in words.
pub fn lax(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    match server::check(conn) {
        Ok(()) => Ok(Vec::new()),
        Err(StoreError::Open(complaint)) => Ok(vec![complaint]),
        Err(error) => Err(error),
    }
}

/// Another hub's queue may have them; where none has, they are handed over again after half a minute.
pub const fn forget_relayed(_: &mut Conn) -> QueryResult<()> {
    Ok(())
}

/// Lays the statistics out in the order of their random ids, all by one transaction: afterwards neither a
/// row's place nor its transaction tells which referral it was written with.
pub fn mix_statistics(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute(
        "WITH old AS (DELETE FROM facts RETURNING *) INSERT INTO facts SELECT * FROM old ORDER BY id",
    )
}

/// Clears away what `mix_statistics` left behind. Not inside a transaction.
pub fn sweep_statistics(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute("VACUUM facts")
}

/// Takes what destroyed slots left in the table's file away; archived logs keep it for their own time.
pub fn sweep_slots(conn: &mut Conn) -> QueryResult<()> {
    conn.batch_execute("VACUUM slots")
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

/// Is nothing at all in this database?
pub fn is_bare(conn: &mut Conn) -> QueryResult<bool> {
    let tables = "SELECT count(*) AS count FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace \
                  WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'";
    let found: Count = diesel::sql_query(tables).get_result(conn)?;
    Ok(found.count == 0)
}

/// The server tidies up after itself.
pub const fn tidy_up(_: &mut Conn) -> QueryResult<()> {
    Ok(())
}

/// Notes that the queue has confirmed these.
pub fn mark_relayed(conn: &mut Conn, ids: &[String], at: i64) -> QueryResult<()> {
    on_free_rows(conn, "relayed_at = $2, confirmed = TRUE", "ready_at <= $2", ids, at)
}

/// The queue has confirmed these, which were on their way.
pub fn confirm_relayed(conn: &mut Conn, ids: &[String]) -> QueryResult<()> {
    on_free_rows(conn, "confirmed = TRUE", "relayed_at IS NOT NULL AND $2 = 0", ids, 0)
}

/// These did not get on their way.
pub fn keep_waiting(conn: &mut Conn, ids: &[String]) -> QueryResult<()> {
    on_free_rows(conn, "relayed_at = NULL", "NOT confirmed AND $2 = 0", ids, 0)
}

/// These are in nobody's hands before `until`.
pub fn postpone(conn: &mut Conn, ids: &[String], until: i64) -> QueryResult<()> {
    on_free_rows(conn, "ready_at = $2, relayed_at = NULL, confirmed = FALSE", "ready_at <= $2", ids, until)
}

pub fn hasten(conn: &mut Conn, ids: &[String], now: i64) -> QueryResult<()> {
    on_free_rows(conn, "ready_at = $2", "ready_at > $2", ids, now)
}

/// A row that a commit is moving right now is passed over, so that the two cannot wait for each other; at
/// worst it is handed over twice.
fn on_free_rows(conn: &mut Conn, set: &str, which: &str, ids: &[String], at: i64) -> QueryResult<()> {
    use diesel::sql_types::{Array, BigInt, Text};
    let mark = sql_query(format!(
        "UPDATE outbox SET {set} WHERE delivery_id IN \
         (SELECT delivery_id FROM outbox WHERE delivery_id = ANY($1) AND lease_until IS NULL \
          AND {which} FOR UPDATE SKIP LOCKED)"
    ));
    mark.bind::<Array<Text>, _>(ids).bind::<BigInt, _>(at).execute(conn).map(|_| ())
}
