//! Databases of one's own on a server: made before a sandbox or a test, and taken away after it. Not for an
//! installation, whose operator makes its databases with rights of their own.

use casework::Sensitive;
use diesel::QueryResult;
use diesel::connection::SimpleConnection;
use diesel::result::Error;

use super::Conn;
use super::connect::{Session, connect, name_of};
use crate::StoreError;
use crate::engine::apart;
use crate::place::{Database, Databases};

/// Makes both where they are missing; `through` is a database of the same server that is there already.
///
/// # Errors
/// Where the server cannot be reached or the role may not create databases.
pub fn make_databases(through: &Sensitive<String>, databases: &Databases) -> Result<(), StoreError> {
    each(through, databases, |conn, name| {
        unless(conn.batch_execute(&format!("CREATE DATABASE \"{name}\"")), "already exists")
    })
}

/// Drops both, **with everything in them**; who has them open under the same role loses the connection.
///
/// # Errors
/// Where the server cannot be reached, the role may not drop them, or another role has them open.
pub fn drop_databases(through: &Sensitive<String>, databases: &Databases) -> Result<(), StoreError> {
    each(through, databases, |conn, name| {
        // Not `WITH (FORCE)`: that fails while the server tidies up a database; the plain form waits for it.
        conn.batch_execute(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = '{name}' AND usename = current_user AND pid <> pg_backend_pid()"
        ))?;
        unless(conn.batch_execute(&format!("DROP DATABASE \"{name}\"")), "does not exist")
    })
}

fn each(
    through: &Sensitive<String>,
    databases: &Databases,
    act: fn(&mut Conn, &str) -> QueryResult<()>,
) -> Result<(), StoreError> {
    let (main, keys, tls) = (through.clone(), databases.keys.clone(), databases.tls.clone());
    apart(|| {
        let mut link = connect(&Databases { main, keys, tls }, Database::Main, Session::Migrator)?;
        for url in [&databases.main, &databases.keys] {
            act(&mut link.conn, &plain(name_of(url)?)?)?;
        }
        Ok(())
    })
}

/// An error that says it was done before is none.
fn unless(done: QueryResult<()>, before: &str) -> QueryResult<()> {
    match done {
        Err(Error::DatabaseError(_, said)) if said.message().contains(before) => Ok(()),
        done => done,
    }
}

/// A name that means nothing else inside a statement.
fn plain(name: String) -> Result<String, StoreError> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !name.is_empty() && name.bytes().all(fits) {
        return Ok(name);
    }
    Err(StoreError::Open("a database of one's own is named with small letters, digits and `_`".to_owned()))
}
