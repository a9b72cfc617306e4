//! A PostgreSQL server that the environment names (see `ops/services`): a fresh pair of databases for a test,
//! dropped at its end, and statements on them behind the store's back.

use std::sync::{Arc, Condvar, Mutex};
use std::thread::ThreadId;

use casework::Sensitive;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use store::Databases;
use tokio_postgres::SimpleQueryMessage;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Which engine a module's tests run on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// May other hubs have the store open too?
    pub fn is_shared(self) -> bool {
        self == Self::Postgres
    }
}

/// Who uses the server: many tests, or one that stops it.
static USERS: (Mutex<Users>, Condvar) = (Mutex::new(Users { many: 0, alone: None }), Condvar::new());

struct Users {
    many: usize,
    alone: Option<ThreadId>,
}

/// While it lives, no other test of this process uses the server.
pub struct Alone {
    control: String,
}

impl Alone {
    /// `None`, with a line on the console, where the server must not be stopped.
    pub fn with_server() -> Option<Self> {
        let control = std::env::var("AMAAN_POSTGRES_CTL").ok().filter(|path| !path.is_empty());
        let (Some(control), Ok(_)) = (control, std::env::var("AMAAN_FAULT_TESTS")) else {
            println!(
                "not run: AMAAN_POSTGRES_CTL and AMAAN_FAULT_TESTS are not set (start a server of your own \
                 with ops/services; it is stopped and killed)"
            );
            return None;
        };
        let (users, changed) = &USERS;
        let held = users.lock().unwrap();
        let mut held = changed.wait_while(held, |users| users.many > 0 || users.alone.is_some()).unwrap();
        held.alone = Some(std::thread::current().id());
        Some(Self { control })
    }

    /// stop, start, restart, kill
    pub fn control(&self, how: &str) {
        assert!(std::process::Command::new(&self.control).arg(how).status().unwrap().success(), "{how}");
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        USERS.0.lock().unwrap().alone = None;
        USERS.1.notify_all();
    }
}

/// One of the many.
struct User;

impl User {
    /// Waits while another test is alone with the server.
    fn enter() -> Self {
        let mine = |users: &Users| users.alone.is_none_or(|thread| thread == std::thread::current().id());
        let held = USERS.0.lock().unwrap();
        let mut held = USERS.1.wait_while(held, |users| !mine(users)).unwrap();
        held.many += 1;
        Self
    }
}

impl Drop for User {
    fn drop(&mut self) {
        USERS.0.lock().unwrap().many -= 1;
        USERS.1.notify_all();
    }
}

/// Two databases of a test's own.
pub struct Fresh {
    _user: User,
    server: String,
    tls: Arc<rustls::ClientConfig>,
    pub main: String,
    pub keys: String,
}

impl Fresh {
    /// `None`, with a line on the console, where there is no server.
    pub fn make() -> Option<Self> {
        let Some(url) = std::env::var("AMAAN_STORE_URL").ok().filter(|url| !url.is_empty()) else {
            println!("not run: AMAAN_STORE_URL is not set (start a server with ops/services)");
            return None;
        };
        Some(Self::on(&url))
    }

    /// On the server of this URL.
    pub fn on(url: &str) -> Self {
        let name = format!("amaan_test_{}", hex::encode(seal::random::<8>()));
        let fresh = Self {
            _user: User::enter(),
            server: url.to_owned(),
            tls: trust(),
            main: format!("{name}_main"),
            keys: format!("{name}_keys"),
        };
        for database in [&fresh.main, &fresh.keys] {
            fresh.ask(&fresh.server, &format!("CREATE DATABASE {database}"));
        }
        fresh
    }

    pub fn databases(&self) -> Databases {
        let url = |name: &str| Sensitive::new(self.url(name));
        Databases { main: url(&self.main), keys: url(&self.keys), tls: Some(Arc::clone(&self.tls)) }
    }

    /// The server's URL with another database in it.
    fn url(&self, database: &str) -> String {
        let (server, _) = self.server.rsplit_once('/').unwrap();
        format!("{server}/{database}")
    }

    /// A statement on one of the databases; its rows as SQLite's tool gives them.
    pub fn sql(&self, database: &str, statement: &str) -> String {
        self.ask(&self.url(database), statement)
    }

    fn ask(&self, url: &str, statement: &str) -> String {
        let (url, statement, tls) = (url.to_owned(), statement.to_owned(), Arc::clone(&self.tls));
        // A thread of its own: tests call this from inside their runtime.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let tls = MakeRustlsConnect::new((*tls).clone());
                let (client, socket) = tokio_postgres::connect(&url, tls).await.unwrap();
                tokio::spawn(socket);
                let rows =
                    client.simple_query(&statement).await.unwrap_or_else(|e| panic!("{statement}: {e:?}"));
                let rows = rows.iter().filter_map(|message| match message {
                    SimpleQueryMessage::Row(row) => Some(row),
                    _ => None,
                });
                let rows: Vec<Vec<serde_json::Value>> =
                    rows.map(|row| (0..row.len()).map(|at| value(row.get(at))).collect()).collect();
                serde_json::to_string(&rows).unwrap()
            })
        })
        .join()
        .unwrap()
    }
}

/// Truth is a number on SQLite.
fn value(text: Option<&str>) -> serde_json::Value {
    match text {
        None => serde_json::Value::Null,
        Some("t") => 1.into(),
        Some("f") => 0.into(),
        Some(text) => text.parse::<i64>().map_or_else(|_| text.into(), Into::into),
    }
}

fn trust() -> Arc<rustls::ClientConfig> {
    let file = std::env::var("AMAAN_CA_FILE").expect("AMAAN_CA_FILE goes with AMAAN_STORE_URL");
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).unwrap() {
        roots.add(certificate.unwrap()).unwrap();
    }
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(ring).with_safe_default_protocol_versions();
    Arc::new(config.unwrap().with_root_certificates(roots).with_no_client_auth())
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("left for a look: {} and {}", self.main, self.keys);
            return;
        }
        for database in [&self.main, &self.keys] {
            // Not `WITH (FORCE)`: that fails while the server tidies up a database; the plain form waits.
            let sessions = format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE datname = '{database}' AND usename = current_user"
            );
            self.ask(&self.server, &sessions);
            self.ask(&self.server, &format!("DROP DATABASE IF EXISTS {database}"));
        }
    }
}
