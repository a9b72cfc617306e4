//! Which migrations are in, and running them. Mounted once per engine.

use diesel::connection::Connection;
use diesel::migration::{Migration, MigrationSource};
use diesel::prelude::*;
use diesel_migrations::MigrationHarness;

use super::{Conn, source};
use crate::StoreError;
use crate::place::Database;

type Backend = <Conn as Connection>::Backend;

diesel::table! { __diesel_schema_migrations (version) { version -> VarChar, } }
use __diesel_schema_migrations as migrations;

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError::Migration(error.to_string())
}

/// Names of all migrations that this program knows, oldest first.
pub fn known(_: &mut Conn, database: Database) -> Result<Vec<String>, StoreError> {
    let all: Vec<Box<dyn Migration<Backend>>> = source(database).migrations().map_err(failed)?;
    let mut names: Vec<String> = all.iter().map(|migration| migration.name().to_string()).collect();
    names.sort();
    Ok(names)
}

/// Versions that are in, oldest first. Needs the table of migrations, and changes nothing.
pub fn applied(conn: &mut Conn) -> QueryResult<Vec<String>> {
    migrations::table.order(migrations::version.asc()).select(migrations::version).load(conn)
}

/// Runs all that are not in yet; versions of those that ran.
pub fn up(conn: &mut Conn, database: Database) -> Result<Vec<String>, StoreError> {
    let done = conn.run_pending_migrations(source(database)).map_err(failed)?;
    Ok(done.iter().map(ToString::to_string).collect())
}

/// Takes the newest one back; its version.
pub fn down(conn: &mut Conn, database: Database) -> Result<String, StoreError> {
    conn.revert_last_migration(source(database)).map(|version| version.to_string()).map_err(failed)
}
