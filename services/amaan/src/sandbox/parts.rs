//! Which parts a sandbox runs on: the embedded ones, or servers that run already (`--store`, `--queue`,
//! `--issuer`). On servers it works in databases and queues of its own, named in its plan, and takes away
//! again what it does not keep. It starts nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use casework::Sensitive;
use zeroize::Zeroizing;

use super::plan::{Plan, STORE_FOLDER};
use crate::cli::PartsArgs;
use crate::config::{Authorities, Broker, judge_broker, judge_database};
use crate::failure::Failure;
use crate::wiring::QueuePlace;

/// A canary every so often: a sandbox lives for minutes.
const CANARY_SECONDS: u64 = 10;
/// Parcels one queue holds, as in an installation.
const LENGTH_MAX: u64 = 2_048;

/// The parts of one sandbox.
pub struct Chosen {
    pub place: store::Place,
    /// The database through which its own are made.
    through: Option<Sensitive<String>>,
    broker: Option<Broker>,
    pub issuer: Option<Foreign>,
    /// Authorities behind the certificates of these servers, PEM.
    pub roots: Option<String>,
    /// The file they come from.
    pub ca: Option<PathBuf>,
    /// By a broker?
    carried: bool,
}

/// An OIDC provider that is not the sandbox's own.
pub struct Foreign {
    pub url: String,
    /// What its clients' secrets are there.
    pub secrets: BTreeMap<String, String>,
}

impl Chosen {
    /// What was asked for, checked without asking any server.
    pub fn new(args: &PartsArgs, dir: &Path, plan: &Plan) -> Result<Self, Failure> {
        let authorities = args.ca.as_deref().map(Authorities::read).transpose();
        let authorities = authorities.map_err(|fault| Failure::Usage(format!("--ca {fault}")))?;
        let store_dir = dir.join(STORE_FOLDER);
        refuse_other_store(args, plan)?;
        let place = match &args.store {
            None => store::Place::Sqlite { dir: store_dir },
            Some(url) => {
                let databases = databases(url, plan, authorities.as_ref())?;
                store::Place::Postgres { dir: store_dir, databases }
            }
        };
        let broker = args.queue.as_ref().map(|url| broker(url, plan, authorities.as_ref())).transpose()?;
        let issuer = args.issuer.as_ref().map(|url| foreign(url, args)).transpose()?;
        let through = args.store.clone().map(Sensitive::new);
        let carried = broker.is_some();
        let roots = authorities.map(|held| held.pem);
        Ok(Self { place, through, broker, carried, issuer, roots, ca: args.ca.clone() })
    }

    /// Makes the databases it needs.
    pub fn make(&self) -> Result<(), Failure> {
        self.with_databases(store::make_databases)
            .map_err(Failure::at("--store: making the sandbox's databases"))
    }

    /// Drops them, with everything in them.
    pub fn drop(&self) -> Result<(), Failure> {
        self.with_databases(store::drop_databases)
            .map_err(Failure::at("--store: dropping the sandbox's databases"))
    }

    fn with_databases(
        &self,
        act: fn(&Sensitive<String>, &store::Databases) -> Result<(), store::StoreError>,
    ) -> Result<(), store::StoreError> {
        match (&self.through, &self.place) {
            (Some(through), store::Place::Postgres { databases, .. }) => act(through, databases),
            _ => Ok(()),
        }
    }

    /// In words, for the banner.
    pub const fn words(&self) -> (&'static str, &'static str) {
        let store = if self.through.is_some() { "PostgreSQL" } else { "SQLite" };
        (store, if self.carried { "RabbitMQ" } else { "in-process queue" })
    }

    /// What carries messages. Once: the broker's URL goes with it.
    pub fn queue(&mut self) -> QueuePlace {
        self.broker.take().map_or(QueuePlace::Embedded, QueuePlace::Rabbit)
    }
}

/// Where the sandbox of this folder keeps its facts on this server.
pub fn place_on(url: &str, ca: Option<&Path>, dir: &Path) -> Result<store::Place, Failure> {
    let authorities = ca.map(Authorities::read).transpose();
    let authorities = authorities.map_err(|fault| Failure::Usage(format!("--ca {fault}")))?;
    let databases = databases(url, &Plan::load(dir)?, authorities.as_ref())?;
    Ok(store::Place::Postgres { dir: dir.join(STORE_FOLDER), databases })
}

/// A folder whose facts lie in SQLite cannot go on without them on a server, nor the other way round.
fn refuse_other_store(args: &PartsArgs, plan: &Plan) -> Result<(), Failure> {
    match (plan.on_server, args.store.is_some()) {
        (true, false) => Err(Failure::Usage(
            "--data: this sandbox keeps its data on a PostgreSQL server; name it with --store".to_owned(),
        )),
        (false, true) => Err(Failure::Usage(
            "--store: this folder keeps its data in SQLite; name another --data folder".to_owned(),
        )),
        _ => Ok(()),
    }
}

/// Two databases of the sandbox's own on the server of this URL.
fn databases(url: &str, plan: &Plan, authorities: Option<&Authorities>) -> Result<store::Databases, Failure> {
    judge_database(Path::new("--store"), url, authorities).map_err(|fault| usage("--store", &fault))?;
    let server: egress::Url = url.parse().map_err(|_| Failure::Usage("--store is not a URL".to_owned()))?;
    let named = |name: String| {
        let mut url = server.clone();
        url.set_path(&name);
        Sensitive::new(url.to_string())
    };
    Ok(store::Databases {
        main: named(format!("amaan_sandbox_{}", plan.own)),
        keys: named(format!("amaan_sandbox_{}_keys", plan.own)),
        tls: authorities.and_then(Authorities::client),
    })
}

fn broker(url: &str, plan: &Plan, authorities: Option<&Authorities>) -> Result<Broker, Failure> {
    judge_broker(Path::new("--queue"), url, authorities).map_err(|fault| usage("--queue", &fault))?;
    Ok(Broker {
        url: Zeroizing::new(url.to_owned()),
        ca_pem: authorities.map(|held| held.pem.clone()),
        prefix: format!("amaan-sandbox-{}", plan.own),
        canary_every_seconds: CANARY_SECONDS,
        length_max: LENGTH_MAX,
    })
}

fn foreign(url: &str, args: &PartsArgs) -> Result<Foreign, Failure> {
    let file = args.issuer_clients.as_deref();
    let file = file.ok_or_else(|| Failure::Usage("--issuer needs --issuer-clients too".to_owned()))?;
    let unusable = |error: &dyn std::fmt::Display| {
        Failure::Usage(format!(
            "--issuer-clients {}: {error}; expected is {{\"client id\": \"secret\"}}",
            file.display()
        ))
    };
    let text = std::fs::read(file).map_err(|error| unusable(&error))?;
    let secrets = serde_json::from_slice(&text).map_err(|error| unusable(&error))?;
    Ok(Foreign { url: url.trim_end_matches('/').to_owned(), secrets })
}

fn usage(flag: &str, fault: &dyn std::fmt::Display) -> Failure {
    Failure::Usage(format!("{flag} {fault}"))
}
