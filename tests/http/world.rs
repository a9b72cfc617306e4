//! A hub on loopback over a temporary store, its issuer, and calls to it. No agency's system runs here: what
//! leaves the hub is another area's business.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use adapters::{Link, Registry};
use amaan_http::tls::Tls;
use amaan_http::{Api, Desk, PublicInfo, Roles, measure, server};
use casework::{AgencyCode, Sensitive};
use egress::{Request, Response, Rules, Url};
use hub::{
    Client, Clients, Hub, Known, LimitSettings, Limits, RefusalCounter, Retry, SessionRules, Webhooks,
};
use identity::issuer::{Client as IssuerClient, Issuer, TOKEN_SECONDS, TokenRequest};
use identity::login::Login;
use identity::{RealTime, SigningKeys, Thumbprint, TokenTime, TrustedIssuer, Verifier};
use policies::{InForce, Policies};
use schemas::{Directory, Schemas};
use seal::{NoteKey, RootKey};
use serde_json::Value;
use simulator::{RunningIssuer, start_issuer};
use store::{Settings, Store};
use tempfile::TempDir;

use super::authority::Pair;

pub const AUDIENCE: &str = "https://hub.example";
const SECRET: &str = "secret-of-a-client";
const ALL_SCOPES: &[&str] = &[
    "referral.send",
    "referral.receive",
    "identity.check",
    "indicator.read",
    "audit.read",
    "delivery.manage",
    "people.manage",
];
/// Client, agency, role.
pub type Registered = (String, String, String);
const CLIENTS: &[(&str, &str, &str)] = &[
    ("ictp-system", "ictp", "system"),
    ("cpi-system", "cpi", "system"),
    ("nccia-system", "nccia", "system"),
    ("ncrc-analyst", "ncrc", "analyst"),
    ("hub-operator", "hub", "operator"),
];

/// Everything, until dropped.
pub struct World {
    pub hub: Arc<Hub>,
    url: String,
    http: egress::Client,
    pub issuer: Issuer,
    /// The issuer's own, for tokens that it never gave.
    pub issuer_key: NoteKey,
    /// Where NADRA's system would answer.
    pub silent: TcpListener,
    /// Whether its queue is out of order.
    pub without_broker: Arc<AtomicBool>,
    _running: RunningIssuer,
    _dir: TempDir,
}

/// What a world is made of.
struct Made {
    roles: Roles,
    webhooks: Webhooks,
    clients: Vec<Registered>,
    limits: LimitSettings,
    /// Over TLS; and whether tokens must be bound.
    tls: Option<(Tls, bool)>,
    /// Issuers whose people sign in.
    people_of: Vec<String>,
    /// Agencies that sign.
    signing: BTreeMap<AgencyCode, SigningKeys>,
}

impl Default for Made {
    fn default() -> Self {
        let usual = |(id, agency, role): &(&str, &str, &str)| {
            ((*id).to_owned(), (*agency).to_owned(), (*role).to_owned())
        };
        Self {
            roles: Roles::all(),
            webhooks: Webhooks::default(),
            clients: CLIENTS.iter().map(usual).collect(),
            limits: LimitSettings::default(),
            tls: None,
            people_of: Vec::new(),
            signing: BTreeMap::new(),
        }
    }
}

/// One call in the making.
pub struct Call<'a> {
    world: &'a World,
    request: Request,
}

/// An answer, read.
pub struct Answer {
    pub response: Response,
    pub body: Value,
}

impl World {
    pub async fn start() -> Self {
        Self::with_roles(Roles::all()).await
    }

    /// A process that does only this.
    pub async fn with_roles(roles: Roles) -> Self {
        Self::made(Made { roles, ..Made::default() }, nobodys_desk).await
    }

    /// A hub that posts events.
    pub async fn posting_to(webhooks: Webhooks) -> Self {
        Self::made(Made { webhooks, ..Made::default() }, nobodys_desk).await
    }

    /// Over TLS, as a hub that other machines reach: only bound tokens, if so told.
    pub async fn over_tls(tls: Tls, bound_only: bool) -> Self {
        Self::made(Made { tls: Some((tls, bound_only)), ..Made::default() }, nobodys_desk).await
    }

    /// With bounds of the test's own.
    pub async fn limited(limits: LimitSettings) -> Self {
        Self::made(Made { limits, ..Made::default() }, nobodys_desk).await
    }

    /// A hub that these clients call, each with all scopes, as fast as they like.
    pub async fn called_by(clients: &[Registered]) -> Self {
        let limits = LimitSettings::without_rates();
        Self::made(Made { clients: clients.to_vec(), limits, ..Made::default() }, nobodys_desk).await
    }

    /// A hub where these agencies have registered signing keys, called as fast as they like.
    pub async fn signed_to(signing: BTreeMap<AgencyCode, SigningKeys>) -> Self {
        let limits = LimitSettings::without_rates();
        Self::made(Made { signing, limits, ..Made::default() }, nobodys_desk).await
    }

    /// A hub whose people sign in at these issuers, at this desk, within these bounds; it is told its
    /// address.
    pub async fn with_desk(
        people_of: Vec<String>,
        limits: LimitSettings,
        desk: impl FnOnce(&str) -> Desk,
    ) -> Self {
        Self::made(Made { people_of, limits, ..Made::default() }, desk).await
    }

    async fn made(made: Made, desk: impl FnOnce(&str) -> Desk) -> Self {
        let Made { roles, webhooks, clients, limits, tls, people_of, signing } = made;
        let dir = tempfile::tempdir().unwrap();
        let (running, issuer, issuer_key) = issuer(&clients);
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let loopback = |url: &str| Rules {
            allow: vec![url.trim_start_matches("http://").to_owned()],
            loopback_http: true,
            ..Rules::default()
        };
        let trusted = TrustedIssuer { issuer: running.url.clone(), audience: AUDIENCE.to_owned() };
        let keys = egress::Client::new(loopback(&running.url)).unwrap();
        let verifier = Verifier::new(vec![trusted], keys);
        let bound_only = tls.as_ref().is_some_and(|(_, bound_only)| *bound_only);
        let verifier = Arc::new(if bound_only { verifier.bound_only() } else { verifier });
        let hub = hub(&dir, &running.url, &clients, &silent, webhooks, limits).await;
        let hub = Arc::new(Hub {
            clients: hub.clients.clone().and_people_of(people_of).and_signing(signing),
            ..hub
        });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr().unwrap());
        let public = PublicInfo {
            base_url: url.clone(),
            sandbox: true,
            notes: vec![format!("Tokens come from {}.", running.url)],
        };
        let without_broker = Arc::new(AtomicBool::new(false));
        let lacking = Arc::clone(&without_broker);
        let degraded = Arc::new(move || if lacking.load(Relaxed) { vec!["broker"] } else { Vec::new() });
        let (of, metrics) = (Arc::clone(&hub), measure::recorder());
        let desk = desk(&url);
        let api = Api { hub: of, verifier, desk, metrics, public, roles, degraded };
        tokio::spawn(server(api, listener, tls.map(|(tls, _)| tls)).unwrap());
        let http = egress::Client::new(loopback(&url)).unwrap();
        Self { hub, url, http, issuer, issuer_key, silent, without_broker, _running: running, _dir: dir }
    }

    /// A caller that believes this authority, and shows this of itself.
    pub fn caller(&self, roots: &str, shown: Option<&Pair>) -> egress::Client {
        let entry = egress::entry_for(&Url::parse(&self.url).unwrap()).unwrap();
        let (extra_roots_pem, identity) = (Some(roots.to_owned()), shown.map(Pair::identity));
        let rules =
            Rules { allow: vec![entry], loopback_http: true, extra_roots_pem, identity, ..Rules::default() };
        egress::Client::new(rules).unwrap()
    }

    /// A request that such a caller may send.
    pub fn request(&self, path: &str, token: Option<&str>) -> Request {
        let request = Request::get(self.address(path));
        token
            .into_iter()
            .fold(request, |request, token| request.header("authorization", &format!("Bearer {token}")))
    }

    /// A token of a client, bound to a certificate as its issuer does it.
    pub fn bound_token(&self, client: &str, certificate: Option<Thumbprint>) -> String {
        let request = TokenRequest { certificate, ..TokenRequest::client_credentials(client, SECRET) };
        self.issuer.token(&request).unwrap().access_token
    }

    pub fn get(&self, path: &str) -> Call<'_> {
        Call { world: self, request: Request::get(self.address(path)) }
    }

    pub fn post(&self, path: &str, body: impl Into<Vec<u8>>) -> Call<'_> {
        let request = Request::post(self.address(path), body.into());
        Call { world: self, request: request.header("content-type", "application/json") }
    }

    fn address(&self, path: &str) -> Url {
        Url::parse(&format!("{}{path}", self.url)).unwrap()
    }

    /// Host and port, for calls that no honest client makes.
    pub fn socket(&self) -> &str {
        self.url.trim_start_matches("http://").trim_start_matches("https://")
    }

    pub fn token(&self, client: &str, scopes: Option<&str>) -> String {
        let request = TokenRequest::client_credentials(client, SECRET);
        let request = TokenRequest { scope: scopes.map(ToOwned::to_owned), ..request };
        self.issuer.token(&request).unwrap().access_token
    }

    /// A token of a client that will not live long.
    pub fn token_with_seconds_left(&self, client: &str, seconds: i64) -> String {
        let issued = RealTime::default().unix_seconds() - TOKEN_SECONDS + seconds;
        self.issuer.token_at(&TokenRequest::client_credentials(client, SECRET), issued).unwrap().access_token
    }

    /// How many entries the ledger has.
    pub async fn entries(&self) -> u64 {
        self.hub.store.checkpoint().await.unwrap().map_or(0, |(size, _)| size)
    }
}

impl Call<'_> {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }
    /// As this client, with all its scopes.
    pub fn calling_as(self, client: &str) -> Self {
        let token = self.world.token(client, None);
        self.header("authorization", &format!("Bearer {token}"))
    }
    pub fn with_scopes(self, client: &str, scopes: &str) -> Self {
        let token = self.world.token(client, Some(scopes));
        self.header("authorization", &format!("Bearer {token}"))
    }
    pub async fn send(self) -> Answer {
        let response = self.world.http.send(self.request).await.unwrap();
        let body = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
        Answer { response, body }
    }
}

impl Answer {
    /// `422 unknown-field` for a problem, `200` for anything else.
    pub fn line(&self) -> String {
        let problem = self.header("content-type") == "application/problem+json";
        let kind = self.body["type"].as_str().filter(|_| problem);
        let slug = kind.and_then(|uri| uri.rsplit('/').next());
        slug.map_or_else(
            || self.response.status.to_string(),
            |slug| format!("{} {slug}", self.response.status),
        )
    }
    pub fn header(&self, name: &str) -> &str {
        self.response.header(name).unwrap_or("")
    }
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.response.body).into_owned()
    }
}

/// A desk where nobody can sign in.
fn nobodys_desk(url: &str) -> Desk {
    let http = egress::Client::new(Rules::default()).unwrap();
    let login = Login::new(Vec::new(), "", http, Arc::new(RealTime::default()));
    let rules = SessionRules { idle_seconds: 900, absolute_seconds: 43_200 };
    Desk { login, providers: Vec::new(), rules, url: url.to_owned() }
}

fn issuer(registered: &[Registered]) -> (RunningIssuer, Issuer, NoteKey) {
    let pkcs8 = NoteKey::generate_pkcs8();
    let pem = seal::pkcs8_pem(&pkcs8);
    let scopes: Vec<String> = ALL_SCOPES.iter().map(ToString::to_string).collect();
    let client = |id: &str| IssuerClient { id: id.into(), secret: SECRET.into(), scopes: scopes.clone() };
    let mut clients: Vec<IssuerClient> = registered.iter().map(|(id, ..)| client(id)).collect();
    clients.push(client("nobody-here"));
    let mut kept = None;
    let running = start_issuer(0, |url| {
        let issuer = Issuer::new(url, &pem, AUDIENCE, clients)?;
        kept = Some(issuer.clone());
        Ok::<_, identity::issuer::IssuerError>(issuer)
    });
    (running.unwrap(), kept.unwrap(), NoteKey::from_pkcs8("issuer", &pkcs8).unwrap())
}

/// NADRA's system, which takes every call and never answers.
fn nadra(silent: &TcpListener) -> BTreeMap<AgencyCode, Link> {
    let address = silent.local_addr().unwrap();
    let endpoint = Url::parse(&format!("http://{address}")).unwrap();
    let rules = Rules { allow: vec![address.to_string()], loopback_http: true, ..Rules::default() };
    let (secret, http) = (Sensitive::new("secret".to_owned()), egress::Client::new(rules).unwrap());
    BTreeMap::from([("nadra".parse().unwrap(), Link { endpoint, secret, http })])
}

async fn hub(
    dir: &TempDir,
    issuer: &str,
    clients: &[Registered],
    silent: &TcpListener,
    webhooks: Webhooks,
    limits: LimitSettings,
) -> Hub {
    let directory = Directory::embedded().unwrap();
    let note_key = NoteKey::from_pkcs8("hub.example/ledger", &NoteKey::generate_pkcs8()).unwrap();
    let settings = Settings {
        place: store::Place::Sqlite { dir: dir.path().join("store") },
        rules: directory.rules(),
        root: RootKey::generate(),
        note_key,
        // A clock that began in the past may be moved.
        other_note_keys: Vec::new(),
        first_offset_micros: -1,
    };
    let store = Arc::new(Store::open(settings).unwrap());
    let itself = store.pseudonym("hub".to_owned()).await.unwrap();
    let registered = clients.iter().map(|(id, agency, role)| {
        let agency: AgencyCode = agency.parse().unwrap();
        let scopes = ALL_SCOPES.iter().map(ToString::to_string).collect();
        ((issuer.to_owned(), id.clone()), Client { agency, roles: vec![role.clone()], scopes })
    });
    Hub {
        name: "hub.example".to_owned(),
        breakers: hub::Breakers::new(Retry::default(), &store),
        store,
        schemas: Arc::new(Schemas::embedded().unwrap()),
        directory: Arc::new(directory),
        policies: Arc::new(InForce::new(Policies::embedded().unwrap())),
        policy_sets: Default::default(),
        turns: hub::Turns::of(&Registry::embedded().unwrap()),
        adapters: Arc::new(Registry::embedded().unwrap()),
        links: nadra(silent),
        clients: Clients::new(registered),
        retry: Retry::default(),
        known: Known::default(),
        itself,
        fresh: Default::default(),
        bell: Arc::default(),
        refusals: RefusalCounter::default(),
        news: hub::News::default(),
        webhooks,
        witnesses: Default::default(),
        registers: Default::default(),
        in_line: Default::default(),
        at_hand: Default::default(),
        limits: Limits::new(limits, RootKey::generate().mark_key(), Default::default()),
        key_backup_days: 35,
    }
}
