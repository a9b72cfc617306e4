//! Tokens of an OpenID provider that shares no code with the hub (npm `oidc-provider`, https on loopback, see
//! ops/docs/services.md): good ones pass, each other is refused by its own rule, and new keys are found.
//! Each test has an issuer of its own below the provider's address. Without the provider nothing runs.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use identity::{RealTime, TokenDefect, TokenTime, TrustedIssuer, Verified, Verifier, token_endpoint};
use serde_json::{Value, json};

use super::world::encode;

/// What the provider's tokens for the hub name as their audience.
const AUDIENCE: &str = "sandbox.amaan.example";
const FORM: &str = "application/x-www-form-urlencoded";

/// Real time, which a test may move ahead.
#[derive(Default)]
struct AheadBy(RealTime, AtomicI64);

impl TokenTime for AheadBy {
    fn unix_seconds(&self) -> i64 {
        self.0.unix_seconds() + self.1.load(Ordering::SeqCst)
    }
    fn monotonic(&self) -> Duration {
        self.0.monotonic() + Duration::from_secs(u64::try_from(self.1.load(Ordering::SeqCst)).unwrap())
    }
}

struct Provider {
    issuer: String,
    secrets: BTreeMap<String, String>,
    http: egress::Client,
    clock: Arc<AheadBy>,
}

impl Provider {
    /// The provider that runs, if one does.
    fn find() -> Option<Self> {
        let told = |name| std::env::var(name).ok();
        let (Some(url), Some(ca), Some(clients)) =
            (told("AMAAN_ISSUER_URL"), told("AMAAN_CA_FILE"), told("AMAAN_ISSUER_CLIENTS"))
        else {
            println!("not run: no OpenID provider (start it with ops/services)");
            return None;
        };
        let read = |path| std::fs::read_to_string(path).unwrap();
        let rules = egress::Rules {
            allow: vec![egress::entry_for(&url.parse().unwrap()).unwrap()],
            loopback_http: true,
            extra_roots_pem: Some(read(ca)),
            ..egress::Rules::default()
        };
        Some(Self {
            issuer: format!("{url}/own/{}", uuid::Uuid::now_v7()),
            secrets: serde_json::from_str(&read(clients)).unwrap(),
            http: egress::Client::new(rules).unwrap(),
            clock: Arc::default(),
        })
    }

    fn verifier(&self) -> Verifier {
        let trust = TrustedIssuer { issuer: self.issuer.clone(), audience: AUDIENCE.to_owned() };
        let time: Arc<dyn TokenTime> = self.clock.clone();
        Verifier::with_time(vec![trust], self.http.clone(), time)
    }

    /// The token endpoint's answer to a client with this secret.
    async fn ask(&self, client: &str, secret: &str, more: &str) -> (u16, Value) {
        let url = token_endpoint(&self.issuer, &self.http).await.unwrap();
        let basic = format!("Basic {}", STANDARD.encode(format!("{client}:{secret}")));
        let form = format!("grant_type=client_credentials{more}");
        let request = egress::Request::post(url, form.into_bytes());
        let request = request.header("authorization", &basic).header("content-type", FORM);
        let answer = self.http.send(request).await.unwrap();
        (answer.status, serde_json::from_slice(&answer.body).unwrap())
    }

    async fn token(&self, client: &str, more: &str) -> String {
        let (status, answer) = self.ask(client, &self.secrets[client], more).await;
        assert_eq!(status, 200, "{answer}");
        answer["access_token"].as_str().unwrap().to_owned()
    }

    async fn rotate(&self, how: &str) {
        let url = format!("{}/_control/rotate{how}", self.issuer).parse().unwrap();
        let bearer = format!("Bearer {}", self.secrets["operator"]);
        let request = egress::Request::post(url, Vec::new()).header("authorization", &bearer);
        assert_eq!(self.http.send(request).await.unwrap().status, 204);
    }
}

/// A verifier that has seen nothing before says this of a token.
async fn check(provider: &Provider, token: &str, expect: Result<&str, TokenDefect>) {
    let found = provider.verifier().verify(token).await.map(|verified| verified.client);
    assert_eq!(found, expect.map(str::to_owned));
}

#[tokio::test]
async fn every_client_gets_what_it_may() {
    let Some(provider) = Provider::find() else { return };
    let verifier = provider.verifier();
    for (client, scopes) in [
        ("ictp", "referral.send referral.receive identity.check delivery.manage"),
        ("cpi", "referral.send referral.receive identity.check delivery.manage"),
        ("laja", "referral.send referral.receive delivery.manage"),
        ("nccia", "referral.send referral.receive delivery.manage"),
        ("ncrc-analyst", "indicator.read audit.read"),
        ("operator", "delivery.manage"),
    ] {
        let Verified { issuer, client: named, subject, scopes: found, expires_at, .. } =
            verifier.verify(&provider.token(client, "").await).await.unwrap();
        assert_eq!((issuer.as_str(), named.as_str(), subject.as_str()), (&*provider.issuer, client, client));
        assert_eq!(found.join(" "), scopes);
        assert!((200..=300).contains(&(expires_at - provider.clock.unix_seconds())));
    }
    let one = verifier.verify(&provider.token("laja", "&scope=referral.send").await).await.unwrap();
    assert_eq!(one.scopes, ["referral.send"]);
    check(&provider, &provider.token("laja", "&resource=urn:amaan:hub:es256").await, Ok("laja")).await;
    assert_eq!(provider.ask("laja", "not its secret", "").await.0, 401);
    assert_eq!(provider.ask("laja", &provider.secrets["laja"], "&scope=indicator.read").await.0, 400);
}

#[tokio::test]
async fn each_wrong_token_is_refused_by_its_own_rule() {
    let Some(provider) = Provider::find() else { return };
    let another = provider.token("cpi", "&resource=urn:amaan:another").await;
    check(&provider, &another, Err(TokenDefect::AudWrong)).await;
    let an_hour = provider.token("cpi", "&resource=urn:amaan:hub:an-hour").await;
    check(&provider, &an_hour, Err(TokenDefect::ExpTooFar)).await;

    let good = provider.token("cpi", "").await;
    let parts: Vec<&str> = good.split('.').collect();
    let mut claims: Value = serde_json::from_slice(&super::world::decode(parts[1])).unwrap();
    claims["client_id"] = json!("operator");
    let claims = encode(claims.to_string());
    let tampered = format!("{}.{claims}.{}", parts[0], parts[2]);
    check(&provider, &tampered, Err(TokenDefect::SignatureWrong)).await;
    for alg in ["none", "NONE"] {
        let header = encode(json!({ "alg": alg, "typ": "at+jwt", "kid": "one" }).to_string());
        check(&provider, &format!("{header}.{claims}."), Err(TokenDefect::AlgNone)).await;
    }
    check(&provider, &good, Ok("cpi")).await;
    provider.clock.1.fetch_add(320, Ordering::SeqCst);
    check(&provider, &good, Err(TokenDefect::Expired)).await;
    let elsewhere = Provider::find().unwrap();
    check(&elsewhere, &good, Err(TokenDefect::IssUnknown)).await;
}

#[tokio::test]
async fn new_keys_are_found_and_withdrawn_ones_forgotten() {
    let Some(provider) = Provider::find() else { return };
    let verifier = provider.verifier();
    let says = async |token: &str| verifier.verify(token).await.map(|verified| verified.client);
    let laja = || Ok("laja".to_owned());
    assert_eq!(says(&provider.token("laja", "").await).await, laja());

    provider.rotate("").await;
    let new = provider.token("laja", "").await;
    assert_eq!(says(&new).await, Err(TokenDefect::KidUnknown), "one fetch a minute");
    provider.clock.1.fetch_add(60, Ordering::SeqCst);
    assert_eq!(says(&new).await, laja());

    let stolen = provider.token("operator", "").await;
    provider.rotate("?withdraw").await;
    provider.clock.1.fetch_add(60, Ordering::SeqCst);
    let newest = provider.token("laja", "").await;
    assert_eq!(says(&newest).await, laja());
    assert_eq!(says(&stolen).await, Err(TokenDefect::KidUnknown), "its key is no longer published");
}

#[tokio::test]
async fn without_its_authority_the_provider_is_not_believed() {
    let Some(provider) = Provider::find() else { return };
    let good = provider.token("cpi", "").await;
    let rules = egress::Rules {
        allow: vec![egress::entry_for(&provider.issuer.parse().unwrap()).unwrap()],
        loopback_http: true,
        ..egress::Rules::default()
    };
    let stranger = Provider { http: egress::Client::new(rules).unwrap(), ..provider };
    check(&stranger, &good, Err(TokenDefect::KeysUnavailable)).await;
    let sought = token_endpoint(&stranger.issuer, &stranger.http).await;
    assert_eq!(sought.unwrap_err().0, "tls-failed");
}
