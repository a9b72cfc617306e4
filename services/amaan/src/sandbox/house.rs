//! The sandbox's parts, running: issuer, hub, agencies. Loopback only.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use amaan_http::{PublicInfo, Roles};
use casework::AgencyCode;
use delivery::Pace;
use hub::{Client, Clients, Hub, Retry};
use identity::TrustedIssuer;
use identity::issuer::{Client as IssuerClient, Issuer};
use seal::{NoteKey, RootKey};
use simulator::{AgenciesConfig, RunningAgencies, RunningIssuer};

use super::officers::{Officers, TokenSource};
use super::plan::{AGENCIES_FOLDER, CLIENTS, Plan, STORE_FOLDER};
use crate::failure::Failure;
use crate::wiring::{self, Parts, QueuePlace, RunningHub};

/// The hub's name in the sandbox; its ledger's origin.
pub const NAME: &str = "sandbox.amaan.example";
/// The case clock of a new sandbox starts so long ago, to play the past.
const PAST_MICROS: i64 = 90 * 86_400 * 1_000_000;
/// An agency that does not answer within this time is tried again: short, because the story shows it.
const AGENCY_TIMEOUT: Duration = Duration::from_millis(2_500);

/// Everything running.
pub struct House {
    pub hub: Arc<Hub>,
    pub officers: Officers,
    pub api_url: String,
    pub issuer_url: String,
    pub endpoints: BTreeMap<String, String>,
    pub plan_secret: String,
    pub store_dir: std::path::PathBuf,
    running: RunningHub,
    agencies: RunningAgencies,
    issuer: RunningIssuer,
}

/// Starts issuer, hub and agencies, in that order: the hub's first hand-over needs its agencies no later than
/// its retries do.
pub async fn open(dir: &Path, plan: &Plan) -> Result<House, Failure> {
    let issuer = start_issuer(plan)?;
    let api_url = format!("http://127.0.0.1:{}", plan.api_port);
    let agencies = start_agencies(dir, plan, &api_url, &issuer.url)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, plan.api_port));
    let listener =
        listener.map_err(Failure::at("the sandbox's API port is taken; is another one running?"))?;
    let store_dir = dir.join(STORE_FOLDER);
    let running = wiring::start(Parts {
        name: NAME.to_owned(),
        place: store::Place::Sqlite { dir: store_dir.clone() },
        queue: QueuePlace::Embedded,
        roles: Roles::all(),
        root: RootKey::from_bytes(key_bytes(&plan.root_key)?),
        note_key: NoteKey::from_pkcs8(NAME, &unhex(&plan.note_key)?)
            .map_err(Failure::at("the ledger's key"))?,
        first_offset_micros: -PAST_MICROS,
        issuers: vec![TrustedIssuer { issuer: issuer.url.clone(), audience: NAME.to_owned() }],
        clients: clients(&issuer.url)?,
        endpoints: endpoints(&agencies.endpoints, plan)?,
        http: client(plan)?,
        retry: Retry { first_ms: 150, longest_ms: 3_000, attempts_max: 24 },
        pace: Pace { poll: Duration::from_millis(120), ..Pace::default() },
        listener,
        public: PublicInfo { base_url: api_url.clone(), sandbox: true, notes: Vec::new() },
    })
    .await?;
    let tokens = TokenSource {
        issuer_url: issuer.url.clone(),
        secrets: plan.client_secrets.clone(),
        extra_roots_pem: None,
    };
    let officers = Officers::new(&agencies.endpoints, &api_url, tokens)?;
    Ok(House {
        hub: Arc::clone(&running.hub),
        officers,
        api_url,
        issuer_url: issuer.url.clone(),
        endpoints: agencies.endpoints.clone(),
        plan_secret: plan.secret_of("ictp"),
        store_dir,
        running,
        agencies,
        issuer,
    })
}

impl House {
    /// Stops the agencies first: nothing new comes in while the hub finishes.
    pub async fn close(self) -> Result<(), Failure> {
        self.agencies.stop().await;
        let stopped = self.running.stop().await;
        self.issuer.stop().await;
        stopped
    }
}

fn start_issuer(plan: &Plan) -> Result<RunningIssuer, Failure> {
    let client = |(id, _, _, scopes): &(&str, &str, &[&str], &[&str])| IssuerClient {
        id: (*id).to_owned(),
        secret: plan.secret_of(id),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
    };
    let clients = CLIENTS.iter().map(client).collect();
    simulator::start_issuer(plan.issuer_port, |url| Issuer::new(url, &plan.issuer_key, NAME, clients))
        .map_err(Failure::at("starting the issuer"))
}

fn start_agencies(
    dir: &Path,
    plan: &Plan,
    api_url: &str,
    issuer_url: &str,
) -> Result<RunningAgencies, Failure> {
    let own = |agency: &&&str| plan.client_secrets.contains_key(**agency);
    let client = |agency: &&str| ((*agency).to_owned(), ((*agency).to_owned(), plan.secret_of(agency)));
    simulator::start_agencies(AgenciesConfig {
        dir: dir.join(AGENCIES_FOLDER),
        hub: api_url.to_owned(),
        issuer_url: issuer_url.to_owned(),
        extra_roots_pem: None,
        agency_ports: plan.agency_ports.clone(),
        agency_secret: plan.agency_secret.clone(),
        clients: simulator::AGENCIES.iter().filter(own).map(client).collect(),
    })
    .map_err(Failure::at("starting the simulated agencies"))
}

/// The registry: which client is whose.
fn clients(issuer_url: &str) -> Result<Clients, Failure> {
    let texts = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let mut rows = Vec::new();
    for (id, agency, roles, scopes) in CLIENTS {
        let agency = code(agency)?;
        let client = Client { agency, roles: texts(roles), scopes: texts(scopes) };
        rows.push(((issuer_url.to_owned(), (*id).to_owned()), client));
    }
    Ok(Clients::new(rows))
}

fn endpoints(
    urls: &BTreeMap<String, String>,
    plan: &Plan,
) -> Result<BTreeMap<AgencyCode, (egress::Url, String)>, Failure> {
    let mut found = BTreeMap::new();
    for (agency, url) in urls {
        let url = url.parse().map_err(Failure::at("a simulated agency's address"))?;
        found.insert(code(agency)?, (url, plan.agency_secret.clone()));
    }
    Ok(found)
}

fn client(plan: &Plan) -> Result<egress::Client, Failure> {
    let ports = plan.agency_ports.values().chain([&plan.api_port, &plan.issuer_port]);
    let rules = egress::Rules {
        allow: ports.map(|port| format!("127.0.0.1:{port}")).collect(),
        loopback_http: true,
        extra_roots_pem: None,
        connect_timeout: AGENCY_TIMEOUT / 2,
        total_timeout: AGENCY_TIMEOUT,
        body_bytes_max: 8 * 1024 * 1024,
    };
    egress::Client::new(rules).map_err(Failure::at("the outbound client"))
}

pub fn code(text: &str) -> Result<AgencyCode, Failure> {
    text.parse().map_err(Failure::at("an agency code"))
}

fn unhex(text: &str) -> Result<Vec<u8>, Failure> {
    hex::decode(text).map_err(Failure::at("a key in the sandbox's plan"))
}

fn key_bytes(text: &str) -> Result<[u8; 32], Failure> {
    let bytes: Result<[u8; 32], _> = unhex(text)?.try_into();
    bytes.map_err(|_| Failure::Failed("a key in the sandbox's plan is not 32 bytes".to_owned()))
}
