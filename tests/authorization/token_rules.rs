//! Rule by defect, for tokens. Each rule of `token_rules.toml` is broken in a token that is good but for
//! that, sent to a hub as other machines reach it (TLS, bound tokens only) and to the sandbox's. None is
//! believed; from outside all refusals are one and the same; the operator's counter names the rule.

use std::collections::{BTreeMap, BTreeSet};

use egress::{Client, Request};
use identity::{RealTime, TokenDefect, TokenTime};
use seal::NoteKey;
use serde::Deserialize;
use serde_json::{Value, json};

use super::refused::check_ledger;
use crate::http::authority::{Authority, Pair};
use crate::http::world::{AUDIENCE, World};
use crate::identity::{defects, mint::Mint};
use crate::journeys::answer::Answer;
use crate::journeys::sandbox::{sandbox, url};
use amaan_http::measure;
use amaan_http::tls::{Material, Pems, Tls};

const RULES: &str = include_str!("token_rules.toml");
/// Fewer would mean that the list has lost some.
const RULES_MIN: usize = 40;
/// All are sent within this.
const SLACK_SECONDS: i64 = 120;
const PATH: &str = "/v1/referrals";

/// The list: codes and what they ask.
fn rules() -> BTreeMap<String, String> {
    let list: List = toml::from_str(RULES).unwrap();
    let codes: BTreeMap<String, String> =
        list.rule.iter().map(|rule| (rule.code.clone(), rule.asks.clone())).collect();
    assert_eq!(codes.len(), list.rule.len(), "a rule stands twice");
    assert!(codes.len() >= RULES_MIN, "{} rules", codes.len());
    assert!(list.rule.iter().all(|rule| !rule.source.is_empty()), "a rule has no source");
    codes
}

#[derive(Deserialize)]
struct List {
    rule: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    code: String,
    asks: String,
    source: String,
}

/// What is sent, and the rule that it breaks.
struct Defect {
    name: String,
    code: &'static str,
    /// `Authorization` headers.
    sent: Vec<String>,
    /// Over a connection with the certificate, or without.
    shown: bool,
}

impl Defect {
    fn of(name: &str, code: &'static str, token: &str) -> Self {
        Self { name: name.to_owned(), code, sent: vec![format!("Bearer {token}")], shown: true }
    }
}

/// Every defect of a good token of this mint that a header can carry.
fn defects(mint: &Mint<'_>) -> Vec<Defect> {
    let rows = defects::rows(mint);
    let sendable =
        |token: &str| token.is_ascii() && !token.contains(char::is_control) && token.trim() == token;
    let mut found: Vec<Defect> = rows
        .iter()
        .filter(|(_, token, _)| sendable(token))
        .map(|(name, token, defect)| Defect::of(name, defect.slug(), token))
        .collect();
    let good = mint.token();
    let missing = TokenDefect::Missing.slug();
    let sent = |name: &str, sent: &[&str]| Defect {
        name: name.to_owned(),
        code: missing,
        sent: sent.iter().map(ToString::to_string).collect(),
        shown: true,
    };
    found.extend([
        sent("no header", &[]),
        sent("a password", &["Basic aWN0cDp6cXg="]),
        sent("a token without its scheme", &[&good]),
        sent("another scheme", &[&format!("DPoP {good}")]),
        sent("two headers", &[&format!("Bearer {good}"), "Bearer zqx"]),
        sent("the same header twice", &[&format!("Bearer {good}"), &format!("Bearer {good}")]),
    ]);
    let stranger = mint.claiming("client_id", json!("zqx"));
    found.push(Defect::of("a client of nobody", "client-unknown", &stranger));
    found
}

/// Those of the connection, where there is TLS.
fn of_the_connection(mint: &Mint<'_>) -> Vec<Defect> {
    let bare = Mint { bound_to: None, ..mint.clone() };
    let other = Mint { bound_to: Some([7; 32]), ..mint.clone() };
    let stolen = Defect::of("stolen, sent from elsewhere", "certificate-missing", &mint.token());
    vec![
        Defect { shown: false, ..stolen },
        Defect::of("stolen, sent from another agency", "certificate-other", &other.token()),
        Defect::of("bound to nothing", "token-unbound", &bare.token()),
        Defect {
            shown: false,
            ..Defect::of("bound to nothing, from anywhere", "token-unbound", &bare.token())
        },
    ]
}

/// What a stranger sees of an answer: all of it but the id of its request and the time. The length is the
/// whole body's.
type Face = (u16, Vec<(String, String)>, String, usize);

fn seen(answer: &Answer) -> Face {
    let own = ["date", "request-id"];
    let mut headers: Vec<_> =
        answer.headers.iter().filter(|(name, _)| !own.contains(&name.as_str())).cloned().collect();
    headers.sort();
    let mut body: Value = serde_json::from_slice(&answer.bytes).unwrap();
    body["instance"] = Value::Null;
    (answer.status, headers, body.to_string(), answer.bytes.len())
}

/// Refusals with one face, but that no error is named where no token was sent (RFC 6750 section 3.1).
#[derive(Default)]
struct Faces(BTreeMap<bool, BTreeSet<Face>>);

impl Faces {
    fn add(&mut self, defect: &Defect, answer: &Answer) {
        assert_eq!(answer.status, 401, "{} was believed, or failed otherwise", defect.name);
        let bare = defect.code == TokenDefect::Missing.slug();
        let expected = if bare { "Bearer" } else { "Bearer error=\"invalid_token\"" };
        assert_eq!(answer.header("www-authenticate"), Some(expected), "{}", defect.name);
        self.0.entry(bare).or_default().insert(seen(answer));
    }

    fn check(self) {
        for faces in self.0.values() {
            assert_eq!(faces.len(), 1, "a stranger learns which rule it broke: {faces:#?}");
        }
        let words: BTreeSet<_> =
            self.0.values().flatten().map(|(_, _, body, length)| (body, length)).collect();
        assert_eq!(words.len(), 1, "the bodies differ: {words:#?}");
    }
}

/// How often a breach of this rule was counted.
fn counted(metrics: &str, code: &str) -> u64 {
    let line = format!("amaan_tokens_refused_total{{defect=\"{code}\"}} ");
    metrics.lines().find_map(|text| text.strip_prefix(&line)?.parse().ok()).unwrap_or(0)
}

fn dressed(mut request: Request, defect: &Defect) -> Request {
    for sent in &defect.sent {
        request = request.header("authorization", sent);
    }
    request
}

struct Hub {
    world: World,
    with: Client,
    without: Client,
    pair: Pair,
}

impl Hub {
    async fn start() -> Self {
        let authority = Authority::new("agencies");
        let (server, pair) = (authority.server(), authority.client("ictp"));
        let pems = Pems {
            certificate: &server.certificate,
            key: &server.key,
            client_authorities: Some(&authority.pem),
            client_revoked: None,
        };
        let material = Material::read(pems, RealTime::default().unix_seconds()).unwrap();
        let world = World::over_tls(Tls::new(material, false), true).await;
        let (with, without) = (world.caller(&authority.pem, Some(&pair)), world.caller(&authority.pem, None));
        Self { world, with, without, pair }
    }

    fn mint(&self) -> Mint<'_> {
        Mint {
            issuer: self.world.issuer.base_url().to_owned(),
            audience: AUDIENCE.to_owned(),
            client: "ictp-system".to_owned(),
            kid: self.world.issuer.kid().to_owned(),
            key: &self.world.issuer_key,
            now: RealTime::default().unix_seconds(),
            slack: SLACK_SECONDS,
            bound_to: Some(self.pair.thumbprint()),
        }
    }
}

#[tokio::test]
async fn every_rule_is_broken_and_no_defect_is_believed() {
    let hub = Hub::start().await;
    let mint = hub.mint();
    let good = hub.with.send(hub.world.request(PATH, Some(&mint.token()))).await.unwrap();
    assert_eq!(good.status, 200, "what the defects are made from is good");
    let mut all = defects(&mint);
    all.extend(of_the_connection(&mint));
    let mut faces = Faces::default();
    for defect in &all {
        let before = counted(&measure::recorder().render(), defect.code);
        let http = if defect.shown { &hub.with } else { &hub.without };
        let answer = http.send(dressed(hub.world.request(PATH, None), defect)).await;
        let answer = Answer::of(answer.unwrap());
        faces.add(defect, &answer);
        let after = counted(&measure::recorder().render(), defect.code);
        assert!(after > before, "{}: not counted as {}", defect.name, defect.code);
    }
    faces.check();
    assert_eq!(hub.world.entries().await, 0, "a stranger left a trace in the ledger");
    assert!(all.len() >= 130, "{} defects", all.len());
}

#[tokio::test]
async fn every_rule_has_a_defect_and_every_defect_a_rule() {
    let hub = Hub::start().await;
    let mut all = defects(&hub.mint());
    all.extend(of_the_connection(&hub.mint()));
    let broken: BTreeSet<&str> = all.iter().map(|defect| defect.code).collect();
    let rules = rules();
    let listed: BTreeSet<&str> = rules.keys().map(String::as_str).collect();
    assert_eq!(broken, listed, "left: broken here; right: listed in token_rules.toml");
    // And whatever the verifier knows to refuse is one of them, but for outages.
    let known = TokenDefect::ALL.iter().filter(|defect| !defect.is_outage()).map(|defect| defect.slug());
    assert_eq!(known.filter(|code| !listed.contains(code)).collect::<Vec<_>>(), Vec::<&str>::new());
}

/// The sandbox's issuer's key, with which anything can be signed.
pub struct OfSandbox(NoteKey);

impl OfSandbox {
    pub fn key() -> Self {
        Self(sandbox().issuer_key())
    }

    pub fn mint(&self) -> Mint<'_> {
        let keys = sandbox().send(Request::get(url(&format!("{}/jwks.json", sandbox().issuer)))).ok().json();
        Mint {
            issuer: sandbox().issuer.clone(),
            audience: "sandbox.amaan.example".to_owned(),
            client: "ictp".to_owned(),
            kid: keys["keys"][0]["kid"].as_str().unwrap().to_owned(),
            key: &self.0,
            now: RealTime::default().unix_seconds(),
            slack: SLACK_SECONDS,
            bound_to: None,
        }
    }
}

#[test]
fn the_sandbox_believes_none_of_them_either() {
    let key = OfSandbox::key();
    let mint = key.mint();
    let _turn = sandbox().alone();
    let ask = |defect: &Defect| {
        let request = Request::get(url(&format!("{}{PATH}", sandbox().api)));
        sandbox().send(dressed(request, defect))
    };
    assert_eq!(ask(&Defect::of("good", "", &mint.token())).status, 200);
    let mut all = defects(&mint);
    let bound = Mint { bound_to: Some([7; 32]), ..key.mint() };
    all.push(Defect::of("stolen, sent from elsewhere", "certificate-missing", &bound.token()));
    let before = sandbox().ledger_size();
    let mut faces = Faces::default();
    for defect in &all {
        faces.add(defect, &ask(defect));
    }
    faces.check();
    check_ledger("a token that is not believed", before, "", "unauthorized");
}
