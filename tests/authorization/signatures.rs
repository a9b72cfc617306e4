//! Rule by defect, for agencies' signatures over their messages. Each rule of `signature_rules.toml` is
//! broken in a signature that is good but for that. None is accepted; its sender is told the rule, the
//! refusal is an entry, the operator's counter names the defect, and the body is never read.

use std::collections::{BTreeMap, BTreeSet};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use casework::AgencyCode;
use identity::{RealTime, SignatureDefect, SigningKeys, TokenTime};
use seal::NoteKey;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::world::{Answer, World};
use crate::journeys::messages::canary_child;
use amaan_http::{ROUTES, Takes, measure};

const RULES: &str = include_str!("signature_rules.toml");
pub(super) const HUB: &str = "hub.example";
pub(super) const PATH: &str = "/v1/referrals";
/// Longer than a signature may be by a little.
const TOO_LONG: usize = 4_097;

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

fn rules() -> BTreeSet<String> {
    let list: List = toml::from_str(RULES).unwrap();
    assert!(list.rule.iter().all(|rule| !rule.source.is_empty() && !rule.asks.is_empty()));
    let codes: BTreeSet<String> = list.rule.iter().map(|rule| rule.code.clone()).collect();
    assert_eq!(codes.len(), list.rule.len(), "a rule stands twice");
    codes
}

fn agency(code: &str) -> AgencyCode {
    code.parse().unwrap()
}

fn key(kid: &str) -> NoteKey {
    NoteKey::from_pkcs8(kid, &NoteKey::generate_pkcs8()).unwrap()
}

/// Two of the police's, as while one takes the other's place; one of NCCIA's. CPI signs nothing.
pub(super) struct Keys {
    pub(super) police: NoteKey,
    pub(super) next: NoteKey,
    nccia: NoteKey,
}

impl Keys {
    pub(super) fn new() -> Self {
        Self { police: key("ictp-1"), next: key("ictp-2"), nccia: key("nccia-1") }
    }

    pub(super) fn registered(&self) -> BTreeMap<AgencyCode, SigningKeys> {
        let mut both = SigningKeys::set_of(&self.police);
        let next = SigningKeys::set_of(&self.next)["keys"][0].clone();
        both["keys"].as_array_mut().unwrap().push(next);
        let read = |set: &Value| SigningKeys::read(set.to_string().as_bytes()).unwrap();
        [(agency("ictp"), read(&both)), (agency("nccia"), read(&SigningKeys::set_of(&self.nccia)))].into()
    }
}

/// A good signature's parts, to be broken one at a time.
struct Good<'a> {
    keys: &'a Keys,
    body: &'a [u8],
    jti: &'a str,
}

impl Good<'_> {
    fn head(&self) -> Value {
        json!({
            "alg": "EdDSA", "kid": "ictp-1", "typ": "amaan-message+jws", "iss": "ictp", "aud": HUB,
            "jti": self.jti, "target": format!("POST {PATH}"), "iat": RealTime::default().unix_seconds(),
        })
    }

    fn signed(&self, head: &str, by: &NoteKey, body: &[u8]) -> String {
        let head = URL_SAFE_NO_PAD.encode(head);
        let signature = by.sign(&format!("{head}.{}", URL_SAFE_NO_PAD.encode(body)));
        format!("{head}..{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn good(&self) -> String {
        self.signed(&self.head().to_string(), &self.keys.police, self.body)
    }

    fn with(&self, member: &str, value: Value) -> String {
        let mut head = self.head();
        head[member] = value;
        self.signed(&head.to_string(), &self.keys.police, self.body)
    }

    fn without(&self, member: &str) -> String {
        let mut head = self.head();
        head.as_object_mut().unwrap().remove(member);
        self.signed(&head.to_string(), &self.keys.police, self.body)
    }

    /// Every defect: its name, the rule it breaks, the headers sent.
    fn defects(&self) -> Vec<(String, &'static str, Vec<String>)> {
        let mut all = self.of_form();
        all.extend(self.of_header());
        all.extend(self.of_key());
        all.extend(self.of_purpose());
        let mut all: Vec<(String, &'static str, Vec<String>)> = all
            .into_iter()
            .map(|(name, defect, sent)| (name.to_owned(), defect.slug(), vec![sent]))
            .collect();
        let (good, doubled) = (self.good(), SignatureDefect::Doubled.slug());
        all.push(("no signature".to_owned(), "missing", vec![]));
        all.push(("the same twice".to_owned(), doubled, vec![good.clone(), good.clone()]));
        all.push(("another beside it".to_owned(), doubled, vec![good, "zqx..zqx".to_owned()]));
        all
    }

    fn of_form(&self) -> Vec<(&'static str, SignatureDefect, String)> {
        use SignatureDefect as D;
        let good = self.good();
        let (head, signature) = good.split_once("..").unwrap();
        let payload = URL_SAFE_NO_PAD.encode(self.body);
        let plain = self.head().to_string();
        let signed = |head: &str| self.signed(head, &self.keys.police, self.body);
        vec![
            ("larger than any", D::TooLarge, format!("{head}..{}", "A".repeat(TOO_LONG))),
            ("empty", D::NotDetached, String::new()),
            ("a word", D::NotDetached, "zqx".to_owned()),
            ("with its payload", D::NotDetached, format!("{head}.{payload}.{signature}")),
            ("of four parts", D::NotDetached, format!("{head}...{signature}")),
            ("of more parts", D::NotDetached, format!("{head}..{signature}.{signature}")),
            ("as json", D::NotDetached, json!({ "protected": head, "signature": signature }).to_string()),
            ("a padded header", D::BadBase64, format!("{head}=..{signature}")),
            ("a padded signature", D::BadBase64, format!("{head}..{signature}==")),
            ("in plain base64", D::BadBase64, format!("{}..{signature}", STANDARD.encode([251, 255]))),
            ("a header that is a list", D::HeaderNotJson, signed("[]")),
            ("a header that is no json", D::HeaderNotJson, signed("zqx")),
            ("a header and more", D::HeaderNotJson, signed(&format!("{plain}{{}}"))),
            (
                "a key named twice",
                D::HeaderDuplicate,
                signed(&plain.replacen('{', "{\"kid\":\"ictp-1\",", 1)),
            ),
            ("two algorithms", D::HeaderDuplicate, signed(&plain.replacen('{', "{\"alg\":\"none\",", 1))),
            ("another spelling of it", D::SignatureWrong, format!("{}..{signature}", respelled(&plain))),
        ]
    }

    fn of_header(&self) -> Vec<(&'static str, SignatureDefect, String)> {
        use SignatureDefect as D;
        let with = |member: &str, value: Value| self.with(member, value);
        vec![
            ("no algorithm", D::AlgRefused, self.without("alg")),
            ("alg none", D::AlgRefused, with("alg", json!("none"))),
            ("alg NONE", D::AlgRefused, with("alg", json!("NoNe"))),
            ("a shared secret", D::AlgRefused, with("alg", json!("HS256"))),
            ("the old RSA", D::AlgRefused, with("alg", json!("RS256"))),
            ("another curve", D::AlgRefused, with("alg", json!("ES384"))),
            ("another spelling", D::AlgRefused, with("alg", json!("eddsa"))),
            ("a number as algorithm", D::AlgRefused, with("alg", json!(1))),
            ("no type", D::TypWrong, self.without("typ")),
            ("an access token's type", D::TypWrong, with("typ", json!("at+jwt"))),
            ("a webhook's type", D::TypWrong, with("typ", json!("JOSE"))),
            ("an unencoded payload", D::CritPresent, with("b64", json!(false))),
            ("an encoded payload, said", D::CritPresent, with("b64", json!(true))),
            ("an extension", D::CritPresent, with("crit", json!(["b64"]))),
            ("no extensions, said", D::CritPresent, with("crit", json!([]))),
            ("a key to fetch", D::KeyInHeader, with("jku", json!("https://zqx.example/keys"))),
            (
                "a key beside it",
                D::KeyInHeader,
                with("jwk", SigningKeys::set_of(&self.keys.police)["keys"][0].clone()),
            ),
            ("a certificate to fetch", D::KeyInHeader, with("x5u", json!("https://zqx.example/c"))),
            ("a certificate beside it", D::KeyInHeader, with("x5c", json!(["zqx"]))),
            ("no key id", D::KidMissing, self.without("kid")),
            ("an empty key id", D::KidMissing, with("kid", json!(""))),
            ("a number as key id", D::KidMissing, with("kid", json!(1))),
            ("a path as key id", D::KidMissing, with("kid", json!("../ictp-1"))),
            ("a sentence as key id", D::KidMissing, with("kid", json!("ictp 1"))),
        ]
    }

    fn of_key(&self) -> Vec<(&'static str, SignatureDefect, String)> {
        use SignatureDefect as D;
        let head = self.head().to_string();
        let good = self.good();
        let (first, signature) = good.split_once("..").unwrap();
        let pretty = serde_json::to_vec_pretty(&serde_json::from_slice::<Value>(self.body).unwrap()).unwrap();
        let by = |key: &NoteKey, body: &[u8]| self.signed(&head, key, body);
        let police = &self.keys.police;
        let raw = police.sign(&format!("{first}.{}", str::from_utf8(self.body).unwrap()));
        let mut flipped = URL_SAFE_NO_PAD.decode(signature).unwrap();
        flipped[7] ^= 1;
        let with_signature = |bytes: &[u8]| format!("{first}..{}", URL_SAFE_NO_PAD.encode(bytes));
        vec![
            ("a key nobody knows", D::KidUnknown, self.with("kid", json!("ictp-9"))),
            ("another agency's key, named", D::KidUnknown, {
                let mut head = self.head();
                head["kid"] = json!("nccia-1");
                self.signed(&head.to_string(), &self.keys.nccia, self.body)
            }),
            ("ES256 with an Ed25519 key", D::AlgKeyMismatch, self.with("alg", json!("ES256"))),
            ("PS256 with an Ed25519 key", D::AlgKeyMismatch, self.with("alg", json!("PS256"))),
            ("another agency's key", D::SignatureWrong, by(&self.keys.nccia, self.body)),
            ("the agency's other key", D::SignatureWrong, by(&self.keys.next, self.body)),
            ("of another body", D::SignatureWrong, by(police, b"{}")),
            ("of no body", D::SignatureWrong, by(police, b"")),
            ("of the body in another layout", D::SignatureWrong, by(police, &pretty)),
            ("of the body and a line end", D::SignatureWrong, by(police, &[self.body, b"\n"].concat())),
            ("of the body as it stands", D::SignatureWrong, with_signature(&raw)),
            ("with one bit turned", D::SignatureWrong, with_signature(&flipped)),
            ("cut short", D::SignatureWrong, with_signature(&flipped[..63])),
            ("of zeros", D::SignatureWrong, with_signature(&[0; 64])),
            ("of nothing", D::SignatureWrong, format!("{first}..")),
        ]
    }

    fn of_purpose(&self) -> Vec<(&'static str, SignatureDefect, String)> {
        use SignatureDefect as D;
        let with = |member: &str, value: Value| self.with(member, value);
        let ahead = RealTime::default().unix_seconds() + 600;
        vec![
            ("by nobody", D::IssWrong, self.without("iss")),
            ("by another agency", D::IssWrong, with("iss", json!("nccia"))),
            ("by the agency in capitals", D::IssWrong, with("iss", json!("ICTP"))),
            ("for nobody", D::AudWrong, self.without("aud")),
            ("for another hub", D::AudWrong, with("aud", json!("other.example"))),
            ("for two hubs", D::AudWrong, with("aud", json!([HUB, "other.example"]))),
            ("for this hub in a list", D::AudWrong, with("aud", json!([HUB]))),
            ("for no request", D::JtiWrong, self.without("jti")),
            ("of an earlier request", D::JtiWrong, with("jti", json!("zqx-1"))),
            ("for no address", D::TargetWrong, self.without("target")),
            ("for another address", D::TargetWrong, with("target", json!("POST /v1/drafts"))),
            ("for another method", D::TargetWrong, with("target", json!("GET /v1/referrals"))),
            (
                "for a whole address",
                D::TargetWrong,
                with("target", json!(format!("POST http://{HUB}{PATH}"))),
            ),
            ("without a time", D::IatMalformed, self.without("iat")),
            ("a time in words", D::IatMalformed, with("iat", json!("2027-01-15T08:00:00Z"))),
            ("a time with a fraction", D::IatMalformed, with("iat", json!(1.5))),
            ("signed in the future", D::IatFuture, with("iat", json!(ahead))),
            ("signed at the end of time", D::IatFuture, with("iat", json!(i64::MAX))),
        ]
    }
}

/// The same header with a space in it.
fn respelled(head: &str) -> String {
    URL_SAFE_NO_PAD.encode(head.replacen(':', ": ", 1))
}

pub(super) async fn send(
    world: &World,
    client: &str,
    key: &str,
    body: &[u8],
    signatures: &[String],
) -> Answer {
    let call = world.post(PATH, body).calling_as(client).key(key);
    signatures.iter().fold(call, |call, text| call.header("amaan-signature", text)).send().await
}

fn counted(code: &str) -> u64 {
    let line = format!("amaan_signatures_refused_total{{defect=\"{code}\"}} ");
    let text = measure::recorder().render();
    text.lines().find_map(|text| text.strip_prefix(&line)?.parse().ok()).unwrap_or(0)
}

pub(super) fn body() -> Vec<u8> {
    canary_child(&[("nccia", "SVC-CYBER")]).to_string().into_bytes()
}

#[tokio::test]
async fn every_rule_is_broken_and_no_defect_is_accepted() {
    let keys = Keys::new();
    let world = World::signed_to(keys.registered()).await;
    let body = body();
    let mut broken = BTreeSet::new();
    let all = (Good { keys: &keys, body: &body, jti: "" }).defects();
    for (number, (name, code, sent)) in all.iter().enumerate() {
        let key = format!("defect-{number}");
        // The same defect over this request's own key.
        let again = (Good { keys: &keys, body: &body, jti: &key }).defects();
        let sent = if sent.is_empty() { Vec::new() } else { again[number].2.clone() };
        let before = counted(code);
        let answer = send(&world, "ictp-system", &key, &body, &sent).await;
        let slug = if *code == "missing" { "signature-required" } else { "signature-not-valid" };
        assert_eq!(answer.line(), format!("400 {slug}"), "{name}: {}", answer.text());
        assert!(!answer.text().contains("zqx"), "{name} repeats what was sent: {}", answer.text());
        assert!(counted(code) > before, "{name}: not counted as {code}");
        broken.insert((*code).to_owned());
    }
    // One more, of an agency whose signatures nobody can check.
    let good = (Good { keys: &keys, body: &body, jti: "cpi-1" }).good();
    let answer = send(&world, "cpi-system", "cpi-1", &body, &[good]).await;
    assert_eq!(answer.line(), "400 signature-not-valid");
    broken.insert("no-key-registered".to_owned());
    assert_eq!(broken, rules(), "left: broken here; right: listed in signature_rules.toml");
    let known: BTreeSet<&str> = SignatureDefect::ALL.iter().map(|defect| defect.slug()).collect();
    assert!(known.iter().all(|code| broken.contains(*code)), "a rule nobody breaks: {known:?}");
    only_refusals(&world).await;
}

/// Refusals of a known caller are entries, and nothing else is; past ten a minute they are counted.
async fn only_refusals(world: &World) {
    let entries = world.hub.store.entries_from(0, 200).await.unwrap();
    assert!(entries.len() >= 11, "{} refusals were entered", entries.len());
    for found in entries {
        let casework::Event::Refused(refused) = &found.entry.event else {
            panic!("something was stored: {:?}", found.entry.event)
        };
        let told = ["signature-required", "signature-not-valid", "refused-often"];
        assert!(told.contains(&refused.problem.as_str()), "{refused:?}");
    }
}

/// A body that is no JSON at all is refused for its signature: nothing has read it. Every address that takes
/// a message to keep asks for one; those that keep none do not.
#[tokio::test]
async fn every_message_is_asked_for_its_signature_before_it_is_read() {
    let keys = Keys::new();
    let world = World::signed_to(keys.registered()).await;
    for route in ROUTES.iter().filter(|route| matches!(route.takes, Takes::Message(_))) {
        let path = route.path.replace("{id}", "rf_00000000-0000-4000-8000-000000000000");
        let path = path.replace("{action}", "accept");
        let call = world.post(&path, "zqx").calling_as("ictp-system").key("unread");
        let answer = call.send().await;
        let asked = answer.line() == "400 signature-required";
        assert_eq!(asked, route.writes, "{path}: {}", answer.text());
    }
}
