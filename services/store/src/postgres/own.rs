//! Databases of one's own on a server: made before a sandbox or a test, and taken away after it. Not for an
//! installation, whose operator makes its databases with rights of their own.

use casework::Sensitive;
use diesel::connection::SimpleConnection;
use diesel::result::Error;

use super::connect::{Session, connect, name_of};
use crate::StoreError;
use crate::engine::apart;
use crate::place::{Database, Databases};

/// Makes both where they are missing; `through` is a database of the same server that is there already.
///
/// # Errors
/// Where the server cannot be reached or the role may not create databases.
pub fn make_databases(through: &Sensitive<String>, databases: &Databases) -> Result<(), StoreError> {
    each(through, databases, ["CREATE DATABASE", ""], "already exists")
}

/// Drops both, **with everything in them**; whoever has them open loses the connection.
///
/// # Errors
/// Where the server cannot be reached, or the role may not drop them.
pub fn drop_databases(through: &Sensitive<String>, databases: &Databases) -> Result<(), StoreError> {
    each(through, databases, ["DROP DATABASE", "WITH (FORCE)"], "does not exist")
}

fn each(
    through: &Sensitive<String>,
    databases: &Databases,
    [act, how]: [&str; 2],
    done_before: &str,
) -> Result<(), StoreError> {
    let beside =
        Databases { main: through.clone(), keys: databases.keys.clone(), tls: databases.tls.clone() };
    apart(|| {
        let mut link = connect(&beside, Database::Main, Session::Migrator)?;
        for url in [&databases.main, &databases.keys] {
            match link.conn.batch_execute(&format!("{act} \"{}\" {how}", plain(name_of(url)?)?)) {
                Err(Error::DatabaseError(_, said)) if said.message().contains(done_before) => {}
                done => done?,
            }
        }
        Ok(())
    })
}

/// A name that means nothing else inside a statement.
fn plain(name: String) -> Result<String, StoreError> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !name.is_empty() && name.bytes().all(fits) {
        return Ok(name);
    }
    Err(StoreError::Open("a database of one's own is named with small letters, digits and `_`".to_owned()))
}
