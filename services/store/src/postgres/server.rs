//! Refuses a server on which a crash could take back what a receipt promised, or which is too old.

use diesel::{QueryableByName, RunQueryDsl, sql_query};

use super::Conn;
use crate::StoreError;

const OLDEST: i32 = 140_000;

#[derive(QueryableByName)]
struct Settings {
    #[diesel(sql_type = diesel::sql_types::Text)]
    fsync: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    full_page_writes: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    synchronous_commit: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    encoding: String,
    #[diesel(sql_type = diesel::sql_types::Integer)]
    version: i32,
    #[diesel(sql_type = diesel::sql_types::Bool)]
    standby: bool,
}

const ASK: &str = "SELECT current_setting('fsync') AS fsync, \
    current_setting('full_page_writes') AS full_page_writes, \
    current_setting('synchronous_commit') AS synchronous_commit, \
    current_setting('server_encoding') AS encoding, \
    current_setting('server_version_num')::int AS version, pg_is_in_recovery() AS standby";

/// The session has forced `synchronous_commit` already; this reads it back.
pub fn check(conn: &mut Conn) -> Result<(), StoreError> {
    let found: Settings = sql_query(ASK).get_result(conn)?;
    let complaint = if found.version < OLDEST {
        "the server is older than PostgreSQL 14"
    } else if found.fsync != "on" {
        "`fsync` is off; receipts would not survive a crash"
    } else if found.full_page_writes != "on" {
        "`full_page_writes` is off; a crash could tear pages"
    } else if !matches!(found.synchronous_commit.as_str(), "on" | "remote_apply") {
        "`synchronous_commit` cannot be set to on; receipts would not survive a crash"
    } else if found.encoding != "UTF8" {
        "the database's encoding is not UTF8"
    } else if found.standby {
        // A failover is under way: another server is, or will be, the one to write to.
        return Err(StoreError::Unreachable("the server is a standby and takes no writes".to_owned()));
    } else {
        return Ok(());
    };
    Err(StoreError::Open(complaint.to_owned()))
}
