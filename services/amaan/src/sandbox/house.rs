//! The sandbox's parts, running: issuer, hub, agencies. Loopback only.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use amaan_http::{PublicInfo, Roles};
use casework::AgencyCode;
use delivery::Pace;
use hub::{Client, Clients, Hub, LimitSettings, Retry};
use identity::TrustedIssuer;
use identity::issuer::{Client as IssuerClient, Issuer, IssuerError};
use seal::{NoteKey, RootKey};
use simulator::{AgenciesConfig, RunningAgencies, RunningCaseClock, RunningIssuer};

use super::desk;
use super::officers::{Officers, TokenSource, entry};
use super::parts::Chosen;
use super::plan::{AGENCIES_FOLDER, CLIENTS, Plan};
use super::signing::{self, Pens};
use crate::failure::Failure;
use crate::wiring::{self, Parts, RunningHub};

/// The hub's name in the sandbox; its ledger's origin.
pub const NAME: &str = "sandbox.amaan.example";
/// The case clock of a new sandbox starts so long ago, to play the past.
const PAST_MICROS: i64 = 90 * 86_400 * 1_000_000;
/// An agency that does not answer within this time is tried again: short, because the story shows it.
const AGENCY_TIMEOUT: Duration = Duration::from_millis(2_500);

/// An identity number that nobody in the sandbox has a reason to ask for.
const HONEY: &str = "0000000009907";
/// Shorter than a hub's own, because the story waits for its answers.
const FLOOR_MS: u32 = 250;

/// Everything running.
pub struct House {
    pub hub: Arc<Hub>,
    pub officers: Officers,
    pub api_url: String,
    pub issuer_url: String,
    pub endpoints: BTreeMap<String, String>,
    /// The secret that the lines to try use.
    pub try_secret: String,
    /// What the police's system signs with, as a file.
    pub police_key: PathBuf,
    pub parts: Chosen,
    running: RunningHub,
    agencies: RunningAgencies,
    issuer: Option<RunningIssuer>,
    case_clock: RunningCaseClock,
}

/// Starts issuer, hub and agencies, in that order: the hub's first hand-over needs its agencies no later than
/// its retries do.
pub async fn open(dir: &Path, plan: &Plan, mut parts: Chosen) -> Result<House, Failure> {
    parts.make()?;
    let (issuer, tokens) = tokens(plan, &parts)?;
    let api_url = format!("http://127.0.0.1:{}", plan.api_port);
    let pens = signing::pens(plan)?;
    let agencies = start_agencies(dir, plan, &api_url, &tokens, &pens)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, plan.api_port));
    let listener =
        listener.map_err(Failure::at("the sandbox's API port is taken; is another one running?"))?;
    let root = RootKey::from_bytes(key_bytes(&plan.root_key)?);
    let running = wiring::start(Parts {
        name: NAME.to_owned(),
        place: parts.place.clone(),
        queue: parts.queue(),
        roles: Roles::all(),
        root: root.clone(),
        note_key: NoteKey::from_pkcs8(NAME, &unhex(&plan.note_key)?)
            .map_err(Failure::at("the ledger's key"))?,
        other_note_keys: Vec::new(),
        first_offset_micros: -PAST_MICROS,
        issuers: vec![TrustedIssuer { issuer: tokens.issuer_url.clone(), audience: NAME.to_owned() }],
        clients: clients(&tokens.issuer_url)?.and_signing(signing::registered(&pens)?),
        desk: desk::parts(&api_url, &tokens),
        endpoints: endpoints(&agencies.endpoints, plan)?,
        webhooks: Vec::new(),
        witnesses: Vec::new(),
        http: client(&agencies.endpoints, &tokens)?,
        retry: Retry { first_ms: 150, longest_ms: 3_000, attempts_max: 24 },
        limits: LimitSettings { identity_floor_ms: FLOOR_MS, ..LimitSettings::without_rates() },
        honey: [root.mark_key().mark(HONEY)].into(),
        key_backup_days: 35,
        pace: Pace { poll: Duration::from_millis(120), ..Pace::default() },
        listener,
        tls: None,
        public: PublicInfo { base_url: api_url.clone(), sandbox: true, notes: Vec::new() },
        policies: None,
    })
    .await?;
    let (issuer_url, try_secret) = (tokens.issuer_url.clone(), tokens.secret_of("ictp"));
    let officers = Officers::new(&agencies.endpoints, &api_url, tokens, pens)?;
    let (hub, endpoints) = (Arc::clone(&running.hub), agencies.endpoints.clone());
    let case_clock = super::time::serve(&hub, plan.clock_port)?;
    let police_key = signing::write_police_key(dir, plan)?;
    Ok(House {
        hub,
        officers,
        api_url,
        issuer_url,
        endpoints,
        try_secret,
        police_key,
        parts,
        running,
        agencies,
        issuer,
        case_clock,
    })
}

/// The sandbox's own issuer, started, or the one that runs already; and how its clients get tokens.
fn tokens(plan: &Plan, parts: &Chosen) -> Result<(Option<RunningIssuer>, TokenSource), Failure> {
    let extra_roots_pem = parts.roots.clone();
    if let Some(foreign) = &parts.issuer {
        let (issuer_url, secrets) = (foreign.url.clone(), foreign.secrets.clone());
        return Ok((None, TokenSource { issuer_url, secrets, extra_roots_pem }));
    }
    let issuer = start_issuer(plan, &format!("http://127.0.0.1:{}", plan.api_port))?;
    let (issuer_url, secrets) = (issuer.url.clone(), plan.client_secrets.clone());
    Ok((Some(issuer), TokenSource { issuer_url, secrets, extra_roots_pem }))
}

impl House {
    /// Stops the agencies first: nothing new comes in while the hub finishes. What lies on servers goes away
    /// with a sandbox that is not kept.
    pub async fn close(self, kept: bool) -> Result<(), Failure> {
        self.case_clock.stop().await;
        self.agencies.stop().await;
        let stopped = if kept { self.running.stop().await } else { self.running.stop_and_remove().await };
        if let Some(issuer) = self.issuer {
            issuer.stop().await;
        }
        drop(self.hub);
        let dropped = if kept { Ok(()) } else { self.parts.drop() };
        stopped.and(dropped)
    }
}

fn start_issuer(plan: &Plan, api_url: &str) -> Result<RunningIssuer, Failure> {
    let client = |(id, _, _, scopes): &(&str, &str, &[&str], &[&str])| IssuerClient {
        id: (*id).to_owned(),
        secret: plan.secret_of(id),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
    };
    let clients = CLIENTS.iter().map(client).collect();
    let people = desk::people(api_url, plan.secret_of(desk::CLIENT));
    let made = |url: &str| Ok(Issuer::new(url, &plan.issuer_key, NAME, clients)?.with_people(people));
    simulator::start_issuer::<IssuerError>(plan.issuer_port, made).map_err(Failure::at("starting the issuer"))
}

fn start_agencies(
    dir: &Path,
    plan: &Plan,
    api_url: &str,
    tokens: &TokenSource,
    pens: &Pens,
) -> Result<RunningAgencies, Failure> {
    let own = |agency: &&&str| tokens.secrets.contains_key(**agency);
    let client = |agency: &&str| ((*agency).to_owned(), ((*agency).to_owned(), tokens.secret_of(agency)));
    simulator::start_agencies(AgenciesConfig {
        dir: dir.join(AGENCIES_FOLDER),
        hub: api_url.to_owned(),
        issuer_url: tokens.issuer_url.clone(),
        extra_roots_pem: tokens.extra_roots_pem.clone(),
        agency_ports: plan.agency_ports.clone(),
        agency_secret: plan.agency_secret.clone(),
        clients: simulator::AGENCIES.iter().filter(own).map(client).collect(),
        signing: signing::signing(pens),
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
    Ok(Clients::new(rows).and_people_of([issuer_url.to_owned()]))
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

fn client(endpoints: &BTreeMap<String, String>, tokens: &TokenSource) -> Result<egress::Client, Failure> {
    let called = endpoints.values().map(String::as_str).chain([&*tokens.issuer_url]);
    let rules = egress::Rules {
        allow: called.map(entry).collect::<Result<_, _>>()?,
        loopback_http: true,
        extra_roots_pem: tokens.extra_roots_pem.clone(),
        identity: None,
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

/// The root key of the sandbox in this folder, and its hub's name, for whoever checks what lies there.
pub fn root_key(dir: &Path) -> Result<(RootKey, String), Failure> {
    Ok((RootKey::from_bytes(key_bytes(&Plan::load(dir)?.root_key)?), NAME.to_owned()))
}

fn key_bytes(text: &str) -> Result<[u8; 32], Failure> {
    let bytes: Result<[u8; 32], _> = unhex(text)?.try_into();
    bytes.map_err(|_| Failure::Failed("a key in the sandbox's plan is not 32 bytes".to_owned()))
}
