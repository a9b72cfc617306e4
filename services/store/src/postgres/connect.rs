//! Opening a connection: only over TLS or within this machine, never longer than two seconds, with a session
//! made for its work.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel_async::AsyncPgConnection;
use tokio::runtime::{Builder, Runtime};
use tokio::task::AbortHandle;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{Conn, runtime::Driver};
use crate::StoreError;
use crate::place::{Database, Databases};

const CONNECT_LIMIT: Duration = Duration::from_secs(2);
/// Longer than a statement may take on the server (5 s), so that its own word comes first.
const QUESTION_LIMIT: Duration = Duration::from_secs(8);
/// An audit's pages, or a migration.
const PATIENT_LIMIT: Duration = Duration::from_secs(900);

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Session {
    Writer,
    Reader,
    Auditor,
    Migrator,
}

impl Session {
    /// The writer's statements are prepared on tables that were empty then; left to itself the planner would
    /// go on scanning them whole (measured: 4,566 commands a second instead of 19,511). And a hub that hangs
    /// in its transaction must let go of the head.
    const fn settings(self) -> &'static str {
        match self {
            Self::Writer => {
                "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
                 SET jit = off; SET statement_timeout = '5s'; SET lock_timeout = '4s'; \
                 SET idle_in_transaction_session_timeout = '6s'; \
                 SET synchronous_commit = on"
            }
            Self::Reader => {
                "SET default_transaction_read_only = on; SET statement_timeout = '5s'; SET jit = off; \
                 SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off"
            }
            Self::Auditor => "SET default_transaction_read_only = on; SET statement_timeout = 0",
            Self::Migrator => "SET statement_timeout = 0; SET lock_timeout = '60s'",
        }
    }

    const fn limit(self) -> Duration {
        match self {
            Self::Writer | Self::Reader => QUESTION_LIMIT,
            Self::Auditor | Self::Migrator => PATIENT_LIMIT,
        }
    }
}

/// A connection and what drives it.
pub struct Link {
    pub conn: Conn,
    pub driver: Driver,
}

/// Connects and makes the session.
pub fn connect(databases: &Databases, database: Database, session: Session) -> Result<Link, StoreError> {
    let config = config(databases, database)?;
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| StoreError::Open(error.to_string()))?;
    let (conn, socket) = dial(&runtime, &config, databases)?;
    let driver = Driver::new(runtime, socket, session.limit());
    driver.hand_over();
    let mut conn = Conn::from(conn);
    conn.batch_execute(session.settings())?;
    Ok(Link { conn, driver })
}

fn dial(
    runtime: &Runtime,
    config: &Config,
    databases: &Databases,
) -> Result<(AsyncPgConnection, AbortHandle), StoreError> {
    runtime.block_on(async {
        let dialled = tokio::time::timeout(CONNECT_LIMIT, async {
            let (client, socket) = reach(config, databases).await.map_err(|error| said(&error))?;
            let conn = AsyncPgConnection::try_from(client).await;
            Ok((conn.map_err(|error| StoreError::Unreachable(error.to_string()))?, socket))
        });
        let late = || Err(StoreError::Unreachable("no connection within two seconds".to_owned()));
        dialled.await.unwrap_or_else(|_| late())
    })
}

async fn reach(
    config: &Config,
    databases: &Databases,
) -> Result<(Client, AbortHandle), tokio_postgres::Error> {
    Ok(match &databases.tls {
        Some(tls) => {
            let (client, socket) = config.connect(MakeRustlsConnect::new((**tls).clone())).await?;
            (client, tokio::spawn(socket).abort_handle())
        }
        None => {
            let (client, socket) = config.connect(NoTls).await?;
            (client, tokio::spawn(socket).abort_handle())
        }
    })
}

/// The driver's word and what lies below it; neither holds the URL.
fn said(error: &tokio_postgres::Error) -> StoreError {
    let below = std::error::Error::source(error).map(|below| format!(": {below}")).unwrap_or_default();
    StoreError::Unreachable(format!("{error}{below}"))
}

/// How one of the two is reached.
pub fn config_of(databases: &Databases, database: Database) -> Result<Config, StoreError> {
    config(databases, database)
}

fn config(databases: &Databases, database: Database) -> Result<Config, StoreError> {
    let (main, keys) = (parse(&databases.main)?, parse(&databases.keys)?);
    if main.get_hosts() == keys.get_hosts()
        && main.get_ports() == keys.get_ports()
        && main.get_dbname() == keys.get_dbname()
    {
        let why = "the key database must be another one than the main database, with backups of its own";
        return Err(StoreError::Open(why.to_owned()));
    }
    let mut config = if database == Database::Main { main } else { keys };
    match &databases.tls {
        Some(_) => config.ssl_mode(SslMode::Require),
        None if config.get_hosts().iter().all(is_here) && config.get_hostaddrs().is_empty() => {
            config.ssl_mode(SslMode::Disable)
        }
        None => {
            let why = "a database that is not on this machine needs TLS; give the authority to trust";
            return Err(StoreError::Open(why.to_owned()));
        }
    };
    config.application_name("amaan");
    config.connect_timeout(CONNECT_LIMIT).tcp_user_timeout(QUESTION_LIMIT);
    Ok(config)
}

fn parse(url: &casework::Sensitive<String>) -> Result<Config, StoreError> {
    // The parser's own word may quote the URL, and with it the password.
    let unread =
        |_| StoreError::Open("a database URL is not `postgresql://user:password@host:port/name`".into());
    url.expose().parse().map_err(unread)
}

/// Which database a URL names.
pub fn name_of(url: &casework::Sensitive<String>) -> Result<String, StoreError> {
    Ok(parse(url)?.get_dbname().unwrap_or_default().to_owned())
}

fn is_here(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    }
}
