//! A hub as an operator runs it, for tests that need several agencies, their people, and one process or more:
//! the program itself, an issuer whose key is here (so that people have tokens that say when they signed in),
//! and SQLite with the in-process queue or databases and a broker of servers.

use egress::{Client, Request, Rules};
use identity::issuer::{Client as IssuerClient, Issuer, IssuerError};
use identity::{RealTime, TokenTime};
use seal::NoteKey;
use serde_json::{Value, json};
use simulator::RunningIssuer;

use super::place::Place;
use super::running::Running;
use crate::identity::mint::Mint;
use crate::store::server::Fresh;

const NAME: &str = "amaan.example.org";
const SCOPES: &str = "referral.send referral.receive identity.check delivery.manage people.manage";
/// Each agency's system, and its administrator, who says who its people are.
const CLIENTS: [(&str, &str, &str); 8] = [
    ("ictp-system", "ictp", "system"),
    ("ictp-admin", "ictp", "agency-admin"),
    ("cpi-system", "cpi", "system"),
    ("cpi-admin", "cpi", "agency-admin"),
    ("nccia-system", "nccia", "system"),
    ("nccia-admin", "nccia", "agency-admin"),
    ("hub-operator", "hub", "operator"),
    ("hub-admin", "hub", "operator"),
];

/// Everything but its processes.
pub struct House {
    pub place: Place,
    issuer: Issuer,
    key: NoteKey,
    servers: Option<Fresh>,
    _running: RunningIssuer,
}

/// An answer: its status, its text and, where it is one, its document.
#[derive(Debug)]
pub struct Said {
    pub status: u16,
    pub text: String,
    pub body: Value,
}

impl Said {
    /// Of a call that has to succeed.
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.text);
        self.body
    }
}

impl House {
    /// On SQLite and the in-process queue, with more in its configuration.
    pub fn embedded(more: &str) -> Self {
        Self::furnished(None, |_| more.to_owned())
    }

    /// On databases and a broker of servers; none, with a line on the console, where there are none.
    pub fn on_servers(more: &str) -> Option<Self> {
        let Some(broker) = std::env::var("AMAAN_QUEUE_URL").ok().filter(|url| !url.is_empty()) else {
            println!("not run: AMAAN_QUEUE_URL is not set (start a broker with ops/services)");
            return None;
        };
        let fresh = Fresh::make()?;
        let databases = fresh.databases();
        let ca = std::env::var("AMAAN_CA_FILE").unwrap();
        let prefix = format!("amaan-test-{}", hex::encode(seal::random::<4>()));
        let house = Self::furnished(Some(fresh), |_| {
            format!(
                "{more}\n[store]\nurl_file = \"secrets/store\"\nkeys_url_file = \"secrets/keys\"\n\
                 ca_file = {ca:?}\n\n[queue]\nurl_file = \"secrets/queue\"\nca_file = {ca:?}\n\
                 prefix = \"{prefix}\"\n"
            )
        });
        for (file, url) in [
            ("secrets/store", databases.main.expose()),
            ("secrets/keys", databases.keys.expose()),
            ("secrets/queue", &broker),
        ] {
            house.place.secret(file, url);
        }
        Some(house)
    }

    fn furnished(servers: Option<Fresh>, more: impl FnOnce(&str) -> String) -> Self {
        let key = NoteKey::generate_pkcs8();
        let pem = seal::pkcs8_pem(&key);
        let scopes: Vec<String> = SCOPES.split(' ').map(ToOwned::to_owned).collect();
        let client = |(id, ..): (&str, &str, &str)| IssuerClient {
            id: id.into(),
            secret: "secret-of-a-client".into(),
            scopes: scopes.clone(),
        };
        let mut kept = None;
        let running = simulator::start_issuer(0, |url| {
            let issuer = Issuer::new(url, &pem, NAME, CLIENTS.map(client).to_vec())?;
            kept = Some(issuer.clone());
            Ok::<_, IssuerError>(issuer)
        });
        let running = running.unwrap();
        let url = &running.url;
        let row = |(id, agency, role): (&str, &str, &str)| {
            format!(
                "[[clients]]\nissuer = \"{url}\"\nclient = \"{id}\"\nagency = \"{agency}\"\n\
                 roles = [\"{role}\"]\nscopes = {scopes:?}\n\n"
            )
        };
        let place = Place::furnished(&format!(
            "[hub]\nname = \"{NAME}\"\n\n[[issuers]]\nissuer = \"{url}\"\naudience = \"{NAME}\"\n\n{}{}",
            CLIENTS.map(row).concat(),
            more(url),
        ));
        let key = NoteKey::from_pkcs8("issuer.example", &key).unwrap();
        Self { place, issuer: kept.unwrap(), key, servers, _running: running }
    }

    /// A process that does everything, or, on servers, only these roles.
    pub fn start(&self, name: &str, roles: &str) -> Running {
        let data = format!("data-{name}");
        let mut words = vec!["serve", "--config", "amaan.toml"];
        if self.servers.is_some() {
            words.extend(["--role", roles]);
        }
        Running::start_with(&self.place, &words, &[("AMAAN_HUB__DATA", &data)])
    }

    /// A token of a client; for a person of its agency, where one is named, who signed in just now.
    pub fn token(&self, client: &str, person: Option<&str>) -> String {
        self.token_after(client, person, 0)
    }

    /// The same for a person who signed in so many seconds ago.
    pub fn token_after(&self, client: &str, person: Option<&str>, seconds: i64) -> String {
        let now = RealTime::default().unix_seconds();
        let mint = Mint {
            issuer: self.issuer.base_url().to_owned(),
            audience: NAME.to_owned(),
            client: client.to_owned(),
            kid: self.issuer.kid().to_owned(),
            key: &self.key,
            now,
            slack: 0,
            bound_to: None,
        };
        let mut claims = mint.claims();
        claims["scope"] = json!(SCOPES);
        if let Some(person) = person {
            claims["sub"] = json!(person);
            claims["auth_time"] = json!(now - seconds);
        }
        mint.sign(&mint.header().to_string(), &claims.to_string())
    }

    /// Asks one process, as whoever the token speaks for.
    pub async fn get(&self, hub: &Running, token: &str, path: &str) -> Said {
        let url = format!("http://{}{path}", hub.address).parse().unwrap();
        send(hub, Request::get(url), token).await
    }

    /// The same, with a body and a new key.
    pub async fn post(&self, hub: &Running, token: &str, path: &str, body: &Value) -> Said {
        let url = format!("http://{}{path}", hub.address).parse().unwrap();
        let request = Request::post(url, body.to_string().into_bytes());
        let request = request.header("content-type", "application/json");
        let key = hex::encode(seal::random::<8>());
        send(hub, request.header("idempotency-key", &key), token).await
    }

    /// The agency's administrator says who somebody is.
    pub async fn register(&self, hub: &Running, admin: &str, person: &str, role: &str) {
        let said = json!({ "subject": person, "roles": [role] });
        self.post(hub, &self.token(admin, None), "/v1/persons", &said).await.ok();
    }
}

async fn send(hub: &Running, request: Request, token: &str) -> Said {
    let rules = Rules { allow: vec![hub.address.clone()], loopback_http: true, ..Rules::default() };
    let request = request.header("authorization", &format!("Bearer {token}"));
    let answer = Client::new(rules).unwrap().send(request).await.unwrap();
    let text = String::from_utf8(answer.body).unwrap();
    Said { status: answer.status, body: serde_json::from_str(&text).unwrap_or_default(), text }
}
