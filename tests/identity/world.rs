//! An issuer with its documents served on loopback, a verifier that trusts it, a clock that tests move, and
//! the issuer's key for signing tokens no honest issuer would.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use identity::{
    TokenTime, TrustedIssuer, Verifier,
    issuer::{Client, Issuer, JWKS_PATH, METADATA_PATH, TokenRequest},
};
use seal::NoteKey;
use serde_json::Value;

use super::{mint::Mint, responder::Responder};

pub const AUDIENCE: &str = "https://hub.example";
/// 2027-01-15T08:00:00Z, the moment every test starts at.
pub const START: i64 = 1_800_000_000;

/// Seconds since `START`, moved by hand; both readings move together, but for a day that only one has seen.
#[derive(Default)]
pub struct HandClock(AtomicI64, AtomicI64);

impl HandClock {
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
    /// Fetched keys grow old, tokens do not.
    pub fn wait_a_day(&self) {
        self.1.fetch_add(24 * 60 * 60, Ordering::SeqCst);
    }
}

impl TokenTime for HandClock {
    fn unix_seconds(&self) -> i64 {
        START + self.0.load(Ordering::SeqCst)
    }
    fn monotonic(&self) -> Duration {
        let seconds = 1000 + self.0.load(Ordering::SeqCst) + self.1.load(Ordering::SeqCst);
        Duration::from_secs(u64::try_from(seconds).unwrap())
    }
}

pub struct World {
    pub server: Responder,
    pub issuer: Issuer,
    pub key: NoteKey,
    pub clock: Arc<HandClock>,
    pub verifier: Verifier,
}

impl World {
    pub async fn start() -> Self {
        let server = Responder::start("127.0.0.1:0").await;
        let base = format!("http://{}", server.address);
        let (issuer, key) = issuer(&base);
        let clock = Arc::new(HandClock::default());
        let time: Arc<dyn TokenTime> = clock.clone();
        let verifier = Verifier::with_time(vec![trust(&base)], client(&server), time);
        let world = Self { server, issuer, key, clock, verifier };
        world.publish(&world.issuer.jwks());
        world
    }

    /// One that remembers nothing, by the same clock.
    pub fn another_verifier(&self) -> Verifier {
        let time: Arc<dyn TokenTime> = self.clock.clone();
        Verifier::with_time(vec![trust(self.issuer.base_url())], client(&self.server), time)
    }

    /// Serves the issuer's metadata and this key set.
    pub fn publish(&self, jwks: &str) {
        self.server.serve(METADATA_PATH, 200, self.issuer.metadata());
        self.server.serve(JWKS_PATH, 200, jwks);
    }

    /// A good token of the world's issuer, issued now.
    pub fn token(&self) -> String {
        token_of(&self.issuer, self.clock.unix_seconds())
    }

    /// Tokens with the issuer's key that it never gave.
    pub fn mint(&self) -> Mint<'_> {
        Mint {
            issuer: self.issuer.base_url().to_owned(),
            audience: AUDIENCE.to_owned(),
            client: "laja-system".to_owned(),
            kid: self.issuer.kid().to_owned(),
            key: &self.key,
            now: self.clock.unix_seconds(),
            slack: 0,
            bound_to: None,
        }
    }

    pub fn header(&self) -> Value {
        self.mint().header()
    }

    pub fn claims(&self) -> Value {
        self.mint().claims()
    }

    /// Any header and claims, as text, signed with the issuer's own key.
    pub fn sign(&self, header: &str, claims: &str) -> String {
        self.mint().sign(header, claims)
    }

    pub fn jwks_fetches(&self) -> usize {
        self.server.asked(JWKS_PATH)
    }
}

pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn decode(part: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(part).unwrap()
}

/// An issuer with a new key, and that key.
pub fn issuer(base: &str) -> (Issuer, NoteKey) {
    let pkcs8 = NoteKey::generate_pkcs8();
    let scopes = vec!["referral.send".to_owned(), "referral.receive".to_owned()];
    let client = Client { id: "laja-system".to_owned(), secret: "wordy secret".to_owned(), scopes };
    let issuer = Issuer::new(base, &seal::pkcs8_pem(&pkcs8), AUDIENCE, vec![client]).unwrap();
    (issuer, NoteKey::from_pkcs8("issuer", &pkcs8).unwrap())
}

pub fn token_of(issuer: &Issuer, now: i64) -> String {
    let form = TokenRequest::client_credentials("laja-system", "wordy secret");
    issuer.token_at(&form, now).unwrap().access_token
}

pub fn trust(base: &str) -> TrustedIssuer {
    TrustedIssuer { issuer: base.to_owned(), audience: AUDIENCE.to_owned() }
}

pub fn client(server: &Responder) -> egress::Client {
    let allow = vec![server.address.to_string()];
    egress::Client::new(egress::Rules { allow, loopback_http: true, ..egress::Rules::default() }).unwrap()
}
