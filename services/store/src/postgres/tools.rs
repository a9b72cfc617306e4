//! PostgreSQL's own tools: `pg_dump` and `pg_restore`, found on the path, no older than the server. They get
//! the password by environment, never on their command line, where everybody on the machine would see it.

use std::path::Path;
use std::process::{Command, Stdio};

use tokio_postgres::config::Host;

use super::connect::config_of;
use crate::StoreError;
use crate::place::{Database, Databases};

/// One consistent copy, compressed, without owners and grants.
pub fn dump(
    databases: &Databases,
    which: Database,
    into: &Path,
    ca_file: Option<&Path>,
) -> Result<(), StoreError> {
    let mut tool = tool("pg_dump", databases, which, ca_file)?;
    tool.args(["--format=custom", "--no-owner", "--no-privileges", "--lock-wait-timeout=60s", "--file"]);
    run(tool.arg(into), "pg_dump")
}

/// All of it or nothing.
pub fn restore(
    databases: &Databases,
    which: Database,
    from: &Path,
    ca_file: Option<&Path>,
) -> Result<(), StoreError> {
    let mut tool = tool("pg_restore", databases, which, ca_file)?;
    let name = config_of(databases, which)?.get_dbname().unwrap_or_default().to_owned();
    tool.args(["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", "--dbname"]);
    run(tool.arg(name).arg(from), "pg_restore")
}

fn tool(
    name: &str,
    databases: &Databases,
    which: Database,
    ca_file: Option<&Path>,
) -> Result<Command, StoreError> {
    let config = config_of(databases, which)?;
    let mut tool = Command::new(name);
    tool.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    match config.get_hosts().first() {
        Some(Host::Tcp(host)) => _ = tool.env("PGHOST", host),
        Some(Host::Unix(folder)) => _ = tool.env("PGHOST", folder),
        None => {}
    }
    if let Some(port) = config.get_ports().first() {
        tool.env("PGPORT", port.to_string());
    }
    tool.env("PGUSER", config.get_user().unwrap_or_default());
    tool.env("PGDATABASE", config.get_dbname().unwrap_or_default());
    if let Some(password) = config.get_password() {
        tool.env("PGPASSWORD", String::from_utf8_lossy(password).as_ref());
    }
    match (&databases.tls, ca_file) {
        (Some(_), Some(file)) => _ = tool.env("PGSSLMODE", "verify-full").env("PGSSLROOTCERT", file),
        (Some(_), None) => {
            let why = "the server is reached over TLS, and its authority's file is not named";
            return Err(StoreError::Open(why.to_owned()));
        }
        (None, _) => _ = tool.env("PGSSLMODE", "disable"),
    }
    Ok(tool)
}

fn run(tool: &mut Command, name: &str) -> Result<(), StoreError> {
    let done = tool.output().map_err(|source| StoreError::File {
        what: format!("{name} (of the PostgreSQL client tools, on the path)"),
        source,
    })?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    let first = said.lines().next().unwrap_or("it said nothing");
    Err(StoreError::Open(format!("{name} failed: {first}")))
}
