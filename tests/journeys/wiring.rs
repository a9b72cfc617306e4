//! Which parts the sandbox of the journeys runs on: the embedded ones, or, where `AMAAN_TEST_WIRING` is
//! `production`, the servers that `ops/services env` names. The journeys themselves do not know.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The parts.
pub struct Wiring {
    /// `None`: the embedded parts.
    servers: Option<Servers>,
}

struct Servers {
    store: String,
    queue: String,
    issuer: String,
    ca: PathBuf,
    secrets: Value,
}

impl Wiring {
    /// As the environment says.
    pub fn chosen() -> Self {
        match std::env::var("AMAAN_TEST_WIRING").as_deref() {
            Err(_) | Ok("embedded") => Self { servers: None },
            Ok("production") => Self { servers: Some(Servers::of_environment()) },
            Ok(other) => panic!("AMAAN_TEST_WIRING is `embedded` or `production`, not `{other}`"),
        }
    }

    /// In words.
    pub fn words(&self) -> &'static str {
        match &self.servers {
            None => "SQLite, in-process queue, own issuer",
            Some(_) => "PostgreSQL, RabbitMQ, foreign issuer",
        }
    }

    /// Arguments of `amaan sandbox`. Without `--data` it drops its databases at the end.
    pub fn arguments(&self, data: &Path) -> Vec<String> {
        let words = match &self.servers {
            None => vec!["--data", data.to_str().unwrap()],
            Some(s) => vec!["--store", &s.store, "--queue", &s.queue, "--issuer", &s.issuer],
        };
        words.into_iter().map(ToOwned::to_owned).collect()
    }

    /// A command that looks at the sandbox's record, such as `audit verify`.
    pub fn verifying(&self, program: &Path, data: &Path) -> Command {
        let mut command = Command::new(program);
        command.args(["audit", "verify", "--data"]).arg(data);
        if let Some(servers) = &self.servers {
            command.args(["--store", &servers.store]).arg("--ca").arg(&servers.ca);
        }
        command
    }

    /// The folder that a sandbox without `--data` made for itself, as its banner says.
    pub fn folder(&self, kept: &Path, banner: &str) -> PathBuf {
        if self.servers.is_none() {
            return kept.to_owned();
        }
        let line = banner.lines().find_map(|line| line.trim().strip_prefix("data ")).unwrap();
        PathBuf::from(line.trim().split_once(" (").unwrap().0)
    }

    /// The provider's address and its authority, where it is not the sandbox's own.
    pub fn issuer(&self) -> Option<(String, String)> {
        let servers = self.servers.as_ref()?;
        Some((servers.issuer.clone(), std::fs::read_to_string(&servers.ca).unwrap()))
    }

    /// A client's secret: the plan's, or the one at the provider.
    pub fn secret<'a>(&'a self, plan: &'a Value, client: &str) -> &'a str {
        let all = self.servers.as_ref().map_or(&plan["client_secrets"], |servers| &servers.secrets);
        all[client].as_str().unwrap()
    }

    /// The server's database through which the sandbox made its own, and the authority that signed for it.
    pub fn store_url(&self) -> Option<(String, PathBuf)> {
        self.servers.as_ref().map(|servers| (servers.store.clone(), servers.ca.clone()))
    }

    /// Folders in which the servers keep what they were given.
    pub fn disks(&self) -> Vec<PathBuf> {
        if self.servers.is_none() {
            return Vec::new();
        }
        let services = PathBuf::from(std::env::var("AMAAN_SERVICES_DIR").unwrap());
        let elsewhere = std::fs::read_to_string(services.join("elsewhere")).unwrap_or_default();
        let place = if elsewhere.is_empty() { services } else { PathBuf::from(elsewhere.trim()) };
        vec![place.join("postgres"), place.join("rabbitmq")]
    }
}

impl Servers {
    fn of_environment() -> Self {
        let var = |name: &str| {
            std::env::var(name)
                .unwrap_or_else(|_| panic!("{name} is not set; start servers with ops/services"))
        };
        let secrets = std::fs::read(var("AMAAN_ISSUER_CLIENTS")).unwrap();
        Self {
            store: var("AMAAN_STORE_URL"),
            queue: var("AMAAN_QUEUE_URL"),
            issuer: var("AMAAN_ISSUER_URL"),
            ca: var("AMAAN_CA_FILE").into(),
            secrets: serde_json::from_slice(&secrets).unwrap(),
        }
    }
}
