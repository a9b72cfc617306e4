//! What a sandbox must remember to go on after a crash: ports, keys, secrets. Kept in its data folder;
//! without it, receipts and tokens of an earlier run would mean nothing. Synthetic keys for synthetic data.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::desk;
use crate::failure::Failure;

/// The store's folder inside the data folder.
pub const STORE_FOLDER: &str = "store";
/// The effect logs' folder inside the data folder.
pub const AGENCIES_FOLDER: &str = "agencies";
/// By this file a sandbox's folder is known.
pub const FILE: &str = "sandbox.json";
const LOCK: &str = "sandbox.lock";

/// Its ports are drawn from here: they are listened on later, and again by each start. Those that the system
/// gives to whoever connects or asks for any port (on Linux from 32768 on) are taken at any moment.
const FIRST_PORT: u16 = 10_000;
const PORT_COUNT: u16 = 10_000;
const PORT_TRIES_MAX: usize = 1_000;

/// Clients of the sandbox: id, agency, roles, scopes.
pub const CLIENTS: &[(&str, &str, &[&str], &[&str])] = &[
    (
        "ictp",
        "ictp",
        &["system"],
        &["referral.send", "referral.receive", "identity.check", "delivery.manage"],
    ),
    ("cpi", "cpi", &["system"], &["referral.send", "referral.receive", "identity.check", "delivery.manage"]),
    ("laja", "laja", &["system"], &["referral.send", "referral.receive", "delivery.manage"]),
    ("nccia", "nccia", &["system"], &["referral.send", "referral.receive", "delivery.manage"]),
    ("ncrc-analyst", "ncrc", &["analyst"], &["indicator.read", "audit.read"]),
    ("operator", "hub", &["operator"], &["delivery.manage"]),
    // People of the police. Who they are, their administrator tells the hub (`people.rs`).
    ("ictp-admin", "ictp", &["agency-admin"], &["people.manage"]),
    ("ictp-officer", "ictp", &["caseworker"], &["referral.send", "delivery.manage"]),
    ("ictp-supervisor", "ictp", &["supervisor"], &["referral.send", "delivery.manage"]),
];

/// Agencies whose systems sign what they send. CPI's does not: its answers are fetched, and shown as
/// unsigned.
pub const SIGNERS: &[&str] = &["ictp", "laja", "nccia"];

/// The remembered part of a sandbox.
#[derive(Serialize, Deserialize)]
pub struct Plan {
    pub api_port: u16,
    pub issuer_port: u16,
    pub agency_ports: BTreeMap<String, u16>,
    /// Where its case clock is moved.
    #[serde(default)]
    pub clock_port: u16,
    pub root_key: String,
    pub note_key: String,
    pub issuer_key: String,
    pub agency_secret: String,
    pub client_secrets: BTreeMap<String, String>,
    /// What each of the signing agencies signs with.
    #[serde(default)]
    pub signing_keys: BTreeMap<String, String>,
    /// What its databases and queues on servers are called after.
    #[serde(default)]
    pub own: String,
    /// Its facts lie on a PostgreSQL server.
    #[serde(default)]
    pub on_server: bool,
}

/// Makes the data folder and holds it: the agencies' logs have one writer, as the store has.
pub fn hold(dir: &Path) -> Result<File, Failure> {
    let failed = |what: &dyn std::fmt::Display| Failure::Failed(format!("--data {}: {what}", dir.display()));
    let unusable = |error: std::io::Error| failed(&format!("{error}; name a folder that you may write to"));
    std::fs::create_dir_all(dir).map_err(unusable)?;
    let lock = File::create(dir.join(LOCK)).map_err(unusable)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            Err(failed(&"another sandbox runs in this folder; stop it, or name another folder"))
        }
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}

impl Plan {
    /// The plan of an earlier run in this folder, or a new one.
    pub fn load_or_make(dir: &Path, on_server: bool) -> Result<Self, Failure> {
        let path = dir.join(FILE);
        match std::fs::read(&path) {
            Ok(bytes) => {
                let plan: Self = serde_json::from_slice(&bytes).map_err(|error| {
                    Failure::Failed(format!("{}: {error}; use another --data folder", path.display()))
                })?;
                plan.with_what_is_new(&path)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::make(&path, on_server),
            Err(error) => Err(Failure::Failed(format!("{}: {error}", path.display()))),
        }
    }

    /// A plan of an earlier version has no port for the clock, no signing keys, and fewer clients.
    fn with_what_is_new(mut self, path: &Path) -> Result<Self, Failure> {
        let known = |id: &str| self.client_secrets.contains_key(id);
        let signs = |agency: &&str| self.signing_keys.contains_key(*agency);
        if self.clock_port != 0 && ids().all(known) && SIGNERS.iter().all(signs) {
            return Ok(self);
        }
        if self.clock_port == 0 {
            self.clock_port = free_ports(1)?.into_iter().next().unwrap_or(0);
        }
        for agency in SIGNERS {
            self.signing_keys.entry((*agency).to_owned()).or_insert_with(signing_key);
        }
        for id in ids() {
            self.client_secrets.entry(id.to_owned()).or_insert_with(secret);
        }
        self.write(path)?;
        Ok(self)
    }

    /// The plan of a sandbox that was here.
    pub fn load(dir: &Path) -> Result<Self, Failure> {
        let path = dir.join(FILE);
        let failed = |error: &dyn std::fmt::Display| Failure::Failed(format!("{}: {error}", path.display()));
        let bytes = std::fs::read(&path).map_err(|error| failed(&error))?;
        serde_json::from_slice(&bytes).map_err(|error| failed(&error))
    }

    fn make(path: &Path, on_server: bool) -> Result<Self, Failure> {
        let mut ports = free_ports(3 + simulator::AGENCIES.len())?.into_iter();
        let mut port = || ports.next().ok_or_else(|| Failure::Failed("no free port".to_owned()));
        let (api_port, issuer_port, clock_port) = (port()?, port()?, port()?);
        let mut agency_ports = BTreeMap::new();
        for agency in simulator::AGENCIES {
            agency_ports.insert((*agency).to_owned(), port()?);
        }
        let plan = Self {
            api_port,
            issuer_port,
            agency_ports,
            clock_port,
            root_key: hex::encode(seal::random::<32>()),
            note_key: hex::encode(&*seal::NoteKey::generate_pkcs8()),
            issuer_key: seal::pkcs8_pem(&seal::NoteKey::generate_pkcs8()).to_string(),
            agency_secret: secret(),
            client_secrets: ids().map(|id| (id.to_owned(), secret())).collect(),
            signing_keys: SIGNERS.iter().map(|agency| ((*agency).to_owned(), signing_key())).collect(),
            own: hex::encode(seal::random::<6>()),
            on_server,
        };
        plan.write(path)?;
        Ok(plan)
    }

    /// Whole or not at all: a crash while it is written leaves no plan, and nothing has started yet.
    fn write(&self, path: &Path) -> Result<(), Failure> {
        let failed = Failure::at("writing the sandbox's plan");
        let bytes = serde_json::to_vec_pretty(self).map_err(Failure::at("writing the sandbox's plan"))?;
        let beside = path.with_extension("new");
        let written = (|| {
            use std::io::Write;
            use std::os::unix::fs::OpenOptionsExt;
            let mut options = File::options();
            // For its owner alone: these keys open the sandbox's bodies.
            let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            std::fs::rename(&beside, path)
        })();
        written.map_err(failed)
    }

    /// A client's secret at the sandbox's own issuer.
    pub fn secret_of(&self, client: &str) -> String {
        self.client_secrets.get(client).cloned().unwrap_or_default()
    }
}

/// Everybody who has a secret at the sandbox's issuer.
fn ids() -> impl Iterator<Item = &'static str> {
    CLIENTS.iter().map(|(id, ..)| *id).chain([desk::CLIENT])
}

fn signing_key() -> String {
    hex::encode(&*seal::NoteKey::generate_pkcs8())
}

fn secret() -> String {
    hex::encode(seal::random::<24>())
}

/// Ports nobody listens on now, all different.
fn free_ports(count: usize) -> Result<Vec<u16>, Failure> {
    let drawn = || FIRST_PORT.saturating_add(u16::from_be_bytes(seal::random()) % PORT_COUNT);
    let listening = |_| TcpListener::bind((Ipv4Addr::LOCALHOST, drawn())).ok();
    let held: Vec<_> = (0..PORT_TRIES_MAX).filter_map(listening).take(count).collect();
    if held.len() < count {
        let what = "finding free ports: too few from 10000 to 19999; end programs that listen there";
        return Err(Failure::Failed(what.to_owned()));
    }
    let ports = held.iter().map(|held| held.local_addr().map(|address| address.port()));
    ports.collect::<Result<_, _>>().map_err(Failure::at("finding free ports"))
}
