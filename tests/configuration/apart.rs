//! One referral through a hub in one process and through one in three: what the API takes, delivery finds in
//! another process, at its next look. Nobody is connected at CPI here, so that it is found shows as a dead
//! letter.

use std::time::{Duration, Instant};

use egress::{Client, Request, Response, Rules};
use identity::issuer::{Client as IssuerClient, Issuer, TokenRequest};
use serde_json::{Value, json};
use simulator::RunningIssuer;

use super::place::Place;
use super::running::Running;
use crate::store::server::Fresh;

const NAME: &str = "amaan.example.org";
const SECRET: &str = "secret-of-a-client";
const SCOPES: [&str; 2] = ["referral.send", "delivery.manage"];
const REFERRAL: &str = include_str!("../../schemas/messages/referral.request/examples/valid/least.json");
/// A look is made every 250 ms; the rest is room for a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

fn issuer() -> (RunningIssuer, Issuer) {
    let pem = seal::pkcs8_pem(&seal::NoteKey::generate_pkcs8());
    let scopes = SCOPES.map(str::to_owned).to_vec();
    let client = IssuerClient { id: "ictp-system".into(), secret: SECRET.into(), scopes };
    let mut kept = None;
    let running = simulator::start_issuer(0, |url| {
        let issuer = Issuer::new(url, &pem, NAME, vec![client])?;
        kept = Some(issuer.clone());
        Ok::<_, identity::issuer::IssuerError>(issuer)
    });
    (running.unwrap(), kept.unwrap())
}

fn place(issuer: &str, servers: &str) -> Place {
    Place::furnished(&format!(
        "[hub]\nname = \"{NAME}\"\n\n{servers}[[issuers]]\nissuer = \"{issuer}\"\naudience = \"{NAME}\"\n\n\
         [[clients]]\nissuer = \"{issuer}\"\nclient = \"ictp-system\"\nagency = \"ictp\"\n\
         roles = [\"system\"]\nscopes = {SCOPES:?}\n"
    ))
}

/// Calls one process as ICT Police's system.
struct Caller {
    http: Client,
    base: String,
    token: String,
}

impl Caller {
    fn new(hub: &Running, issuer: &Issuer) -> Self {
        let rules = Rules { allow: vec![hub.address.clone()], loopback_http: true, ..Rules::default() };
        let token = issuer.token(&TokenRequest::client_credentials("ictp-system", SECRET)).unwrap();
        let base = format!("http://{}", hub.address);
        Self { http: Client::new(rules).unwrap(), base, token: token.access_token }
    }

    async fn send(&self, request: impl FnOnce(egress::Url) -> Request, path: &str) -> (Response, Value) {
        let request = request(format!("{}{path}", self.base).parse().unwrap());
        let request = request.header("authorization", &format!("Bearer {}", self.token));
        let answer = self.http.send(request).await.unwrap();
        let body = serde_json::from_slice(&answer.body).unwrap_or_default();
        (answer, body)
    }
}

/// Sends at one process and waits until what became of it can be read there.
async fn a_referral_is_taken_up(api: &Caller) {
    let mut message: Value = serde_json::from_str(REFERRAL).unwrap();
    message["recipients"] = json!([{ "agency": "cpi", "service": "SVC-SHELTER" }]);
    message["purpose"] = json!("protection");
    let post = |url| {
        let request = Request::post(url, message.to_string().into_bytes());
        request.header("content-type", "application/json").header("idempotency-key", "once")
    };
    let (answer, body) = api.send(post, "/v1/referrals").await;
    assert_eq!(answer.status, 201, "{body}");
    let since = Instant::now();
    loop {
        let (_, body) = api.send(Request::get, "/v1/dead-letters").await;
        if body["data"].as_array().is_some_and(|rows| !rows.is_empty()) {
            return;
        }
        assert!(since.elapsed() < PATIENCE, "nobody took it up: {body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_does_everything() {
    let (running, issuer) = issuer();
    let place = place(&running.url, "");
    let hub = Running::start(&place, &["serve", "--config", "amaan.toml"]);
    a_referral_is_taken_up(&Caller::new(&hub, &issuer)).await;
    assert_eq!(hub.end("-TERM").0, Some(0));
}

/// Two databases of the test's own, and the broker's URL.
fn servers() -> Option<(Fresh, String)> {
    let Some(broker) = std::env::var("AMAAN_QUEUE_URL").ok().filter(|url| !url.is_empty()) else {
        println!("not run: AMAAN_QUEUE_URL is not set (start a broker with ops/services)");
        return None;
    };
    Some((Fresh::make()?, broker))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_takes_another_delivers() {
    let Some((fresh, broker)) = servers() else { return };
    let databases = fresh.databases();
    let (main, keys) = (databases.main.expose(), databases.keys.expose());
    let (running, issuer) = issuer();
    let ca = std::env::var("AMAAN_CA_FILE").unwrap();
    let prefix = format!("amaan-test-{}", hex::encode(seal::random::<4>()));
    let place = place(
        &running.url,
        &format!(
            "[store]\nurl_file = \"secrets/store\"\nkeys_url_file = \"secrets/keys\"\nca_file = {ca:?}\n\n\
             [queue]\nurl_file = \"secrets/queue\"\nca_file = {ca:?}\nprefix = \"{prefix}\"\n\n"
        ),
    );
    for (file, url) in [("secrets/store", main), ("secrets/keys", keys), ("secrets/queue", &broker)] {
        place.secret(file, url);
    }
    let start = |roles| {
        let data = format!("data-{roles}");
        let words = ["serve", "--config", "amaan.toml", "--role", roles];
        Running::start_with(&place, &words, &[("AMAAN_HUB__DATA", &data)])
    };
    let (api, oversight, delivery) = (start("api,pages"), start("oversight"), start("delivery"));
    assert!(delivery.get("/readyz").contains("\"roles\":[\"delivery\"]"));
    assert!(delivery.get("/v1/referrals").starts_with("HTTP/1.1 404"));
    assert!(oversight.get("/v1/audit/key").starts_with("HTTP/1.1 200"));
    a_referral_is_taken_up(&Caller::new(&api, &issuer)).await;
    for hub in [api, oversight, delivery] {
        assert_eq!(hub.end("-TERM").0, Some(0));
    }
}
