//! Logins that fail: a good one but for its ID token, or but for how the browser comes back. Each is counted
//! under the word of the rule it breaks, so that no defect is refused by accident.

use serde_json::{Value, json};

use super::browser::{Browser, LOGIN, Seen};
use super::provider::{CLIENT, SECRET, tokens};
use super::rules::Told;
use super::world::{Begun, Making, World};
use crate::identity::world::encode;

/// A defect, and what became of it.
pub struct Judged {
    pub rule: &'static str,
    pub name: &'static str,
    pub told: Told,
    pub seen: Seen,
    /// How often the word that was expected was counted meanwhile; none where it is no refusal.
    pub counted: Option<u64>,
}

/// A good ID token but for this.
type Bend = fn(&mut Making);
/// A good answer but for this.
type Twist = fn(&mut Return);

/// How a browser comes back.
struct Return {
    browser: Browser,
    /// The provider whose address it calls.
    at: &'static str,
    answer: Vec<(String, String)>,
    /// Another login that was begun, by another browser.
    others: Begun,
    /// What happens before.
    before: Before,
}

#[derive(PartialEq, Eq)]
enum Before {
    Nothing,
    /// So many seconds pass.
    Seconds(i64),
    /// It comes back once already.
    Once,
    /// The code is used by somebody.
    CodeUsed,
    /// The code was given for the other login.
    CodeOfOther,
}

/// Rule, name, the word it is counted under.
const TOKENS: &[(&str, &str, &str, Bend)] = &[
    ("id-token-present", "no id token", "id-token-missing", |m| m.answer = Some(tokens(None))),
    ("id-token-present", "no json object", "id-token-missing", |m| m.answer = Some(json!("zqx"))),
    ("id-token-present", "an id token of two parts", "id-token-missing", |m| m.text = Some("zqx.zqx".into())),
    ("id-token-signed", "alg none", "alg-none", |m| m.text = Some(unsigned(m, "none", b""))),
    ("id-token-signed", "HS256 with the client's secret", "alg-not-allowed", |m| {
        m.text = Some(unsigned(m, "HS256", b"zqx"));
    }),
    ("id-token-signed", "RS256 where better is offered", "alg-not-allowed", |m| {
        m.text = Some(unsigned(m, "RS256", b"zqx"));
    }),
    ("id-token-signature", "another's signature", "signature-wrong", |m| {
        m.text = Some(unsigned(m, "EdDSA", &[7; 64]));
    }),
    ("id-token-signature", "no signature", "signature-missing", |m| m.text = Some(unsigned(m, "EdDSA", b""))),
    ("id-token-key", "a key the provider does not publish", "kid-unknown", |m| {
        m.header["kid"] = json!("zqx")
    }),
    ("id-token-key", "no key id", "kid-missing", |m| remove(&mut m.header, "kid")),
    ("id-token-key", "it brings its own key", "key-in-header", |m| m.header["jwk"] = json!({ "kty": "OKP" })),
    ("id-token-key", "it names its own key set", "key-in-header", |m| m.header["jku"] = json!("http://zqx")),
    ("id-token-header", "an extension it demands", "crit-present", |m| m.header["crit"] = json!(["exp"])),
    ("id-token-header", "an access token", "typ-wrong", |m| m.header["typ"] = json!("at+jwt")),
    ("id-token-members-once", "two nonces", "claims-duplicate-member", |m| m.text = Some("twice".into())),
    ("id-token-issuer", "another issuer", "iss-unknown", |m| m.claims["iss"] = json!("https://zqx.example")),
    ("id-token-issuer", "a slash more", "iss-unknown", |m| {
        m.claims["iss"] = json!(format!("{}/", m.claims["iss"].as_str().unwrap()));
    }),
    ("id-token-audience", "another client", "aud-wrong", |m| m.claims["aud"] = json!("zqx")),
    ("id-token-audience", "us and another", "aud-many", |m| m.claims["aud"] = json!([CLIENT, "zqx"])),
    ("id-token-audience", "nobody", "aud-missing", |m| m.claims["aud"] = json!([])),
    ("id-token-azp", "given to another client", "azp-wrong", |m| m.claims["azp"] = json!("zqx")),
    ("id-token-expiry", "expired", "token-expired", |m| m.claims["exp"] = json!(m.now - 11)),
    ("id-token-expiry", "not valid yet", "nbf-future", |m| m.claims["nbf"] = json!(m.now + 60)),
    ("id-token-issued-now", "issued in the future", "iat-future", |m| m.claims["iat"] = json!(m.now + 60)),
    ("id-token-issued-now", "issued before any login", "iat-stale", |m| m.claims["iat"] = json!(m.now - 700)),
    ("nonce", "none", "nonce-missing", |m| remove(&mut m.claims, "nonce")),
    ("nonce", "another's", "nonce-wrong", |m| m.claims["nonce"] = json!(encode([9; 32]))),
    ("nonce", "empty", "nonce-wrong", |m| m.claims["nonce"] = json!("")),
    ("auth-time", "none", "auth-time-missing", |m| remove(&mut m.claims, "auth_time")),
    ("auth-time", "in the future", "auth-time-future", |m| m.claims["auth_time"] = json!(m.now + 60)),
    ("auth-time", "yesterday", "auth-time-stale", |m| m.claims["auth_time"] = json!(m.now - 43_300)),
    ("acr", "none", "acr-wrong", |m| remove(&mut m.claims, "acr")),
    ("acr", "a weaker one", "acr-wrong", |m| m.claims["acr"] = json!("urn:test:password")),
    ("subject", "empty", "sub-missing", |m| m.claims["sub"] = json!("")),
    ("subject", "longer than any", "sub-missing", |m| m.claims["sub"] = json!("z".repeat(256))),
    ("subject", "not ascii", "sub-missing", |m| m.claims["sub"] = json!("نگران")),
    ("person-registered", "somebody nobody named", "person-unknown", |m| m.claims["sub"] = json!("zqx")),
    ("person-registered", "somebody who may not act any more", "person-unknown", |m| {
        m.claims["sub"] = json!("gone-5");
    }),
    ("person-registered", "another agency's person", "person-unknown", |m| {
        m.claims["sub"] = json!("of-another-agency");
    }),
];

const ANSWERS: &[(&str, &str, &str, Twist)] = &[
    ("parameters-once", "two codes", "answer-malformed", |r| r.answer.push(("code".into(), "zqx".into()))),
    ("parameters-once", "two states", "answer-malformed", |r| r.answer.push(("state".into(), "zqx".into()))),
    ("parameters-once", "two issuers", "answer-malformed", |r| r.answer.push(("iss".into(), "zqx".into()))),
    ("login-of-this-browser", "no ticket", "pre-session-missing", |r| r.browser.cookies.clear()),
    ("login-of-this-browser", "another browser's ticket", "state-wrong", |r| {
        r.browser.cookies.clone_from(&r.others.browser.cookies);
    }),
    ("login-of-this-browser", "a ticket that is none", "pre-session-missing", |r| {
        r.browser.cookies.insert(LOGIN.into(), "zqx".into());
    }),
    ("state-present", "none", "state-missing", |r| r.answer.retain(|(name, _)| name != "state")),
    ("state-of-this-login", "another's", "state-wrong", |r| set(r, "state", r.others.state.clone())),
    ("state-of-this-login", "empty", "state-wrong", |r| set(r, "state", String::new())),
    ("state-of-this-login", "its beginning", "state-wrong", |r| {
        let short = r.answer.iter().find(|(name, _)| name == "state").unwrap().1[..20].to_owned();
        set(r, "state", short);
    }),
    ("login-once", "the same answer again", "pre-session-gone", |r| r.before = Before::Once),
    ("login-within-ten-minutes", "eleven minutes later", "pre-session-gone", |r| {
        r.before = Before::Seconds(660);
    }),
    ("provider-own-address", "at another provider's address", "pre-session-elsewhere", |r| r.at = "other"),
    ("provider-own-address", "at nobody's address", "pre-session-elsewhere", |r| r.at = "zqx"),
    ("iss-present", "none", "answer-iss-missing", |r| r.answer.retain(|(name, _)| name != "iss")),
    ("iss-exact", "another provider's", "answer-iss-wrong", |r| set(r, "iss", "https://zqx.example".into())),
    ("iss-exact", "empty", "answer-iss-wrong", |r| set(r, "iss", String::new())),
    ("no-error", "the person said no", "provider-said-no", |r| {
        r.answer.push(("error".into(), "access_denied".into()));
    }),
    ("code-present", "none", "code-missing", |r| r.answer.retain(|(name, _)| name != "code")),
    ("code-of-this-login", "a code of another login", "code-refused", |r| r.before = Before::CodeOfOther),
    ("code-of-this-login", "a code that was never given", "code-refused", |r| set(r, "code", "zqx".into())),
    ("code-once", "a code that was used", "code-refused", |r| r.before = Before::CodeUsed),
];

/// Every login that fails.
pub async fn all() -> Vec<Judged> {
    let world = World::start().await;
    let mut judged = Vec::new();
    for (rule, name, word, bend) in TOKENS {
        let before = world.counted(word).await;
        let seen = with_token(&world, *bend).await;
        judged.push(told(&world, rule, name, seen, word, before).await);
    }
    for (rule, name, word, twist) in ANSWERS {
        let before = world.counted(word).await;
        let seen = with_answer(&world, *twist).await;
        judged.push(told(&world, rule, name, seen, word, before).await);
    }
    judged
}

async fn told(
    world: &World,
    rule: &'static str,
    name: &'static str,
    seen: Seen,
    word: &str,
    before: u64,
) -> Judged {
    let counted = world.counted(word).await - before;
    Judged { rule, name, told: Told::NotSignedIn, seen, counted: Some(counted) }
}

async fn with_token(world: &World, bend: Bend) -> Seen {
    let mut begun = world.begin(world.browser()).await;
    let mut making = world.making(&begun);
    bend(&mut making);
    if making.text.as_deref() == Some("twice") {
        let claims = making.claims.to_string();
        let twice = format!("{},\"zqx\":1,\"zqx\":2}}", claims.trim_end_matches('}'));
        making.text = Some(world.main.sign(&making.header.to_string(), &twice));
    }
    world.grant(&begun, making, "a-code");
    let answer = world.answer(&begun, "a-code");
    let seen = world.come_back(&mut begun.browser, "main", &answer).await;
    nobody_is_in(world, begun.browser).await;
    seen
}

async fn with_answer(world: &World, twist: Twist) -> Seen {
    let others = world.begin(world.browser()).await;
    let begun = world.begin(world.browser()).await;
    let (making, answer) = (world.making(&begun), world.answer(&begun, "a-code"));
    world.grant(&begun, making, "a-code");
    let browser = begun.browser.clone();
    let mut back = Return { browser, at: "main", answer, others, before: Before::Nothing };
    twist(&mut back);
    match back.before {
        Before::Seconds(seconds) => world.clock.advance(seconds),
        Before::CodeUsed => world.main.use_up("a-code"),
        Before::CodeOfOther => world.grant(&back.others, world.making(&back.others), "a-code"),
        Before::Once => {
            let mut first = back.browser.clone();
            let seen = world.come_back(&mut first, back.at, &back.answer).await;
            assert_eq!(seen.status, 303, "the first time is good: {}", seen.body);
        }
        Before::Nothing => {}
    }
    let seen = world.come_back(&mut back.browser, back.at, &back.answer).await;
    nobody_is_in(world, back.browser).await;
    seen
}

/// Whatever the page said.
async fn nobody_is_in(world: &World, mut browser: Browser) {
    let home = browser.get("/desk").await;
    assert_eq!(home.status, 303, "somebody is signed in: {}", world.site);
}

fn set(back: &mut Return, name: &str, value: String) {
    back.answer.iter_mut().find(|(held, _)| held == name).unwrap().1 = value;
}

fn remove(value: &mut Value, member: &str) {
    value.as_object_mut().unwrap().remove(member);
}

/// The token with another algorithm's name, and this signature; HS256 gets a true one.
fn unsigned(making: &Making, alg: &str, signature: &[u8]) -> String {
    let mut header = making.header.clone();
    header["alg"] = json!(alg);
    let input = format!("{}.{}", encode(header.to_string()), encode(making.claims.to_string()));
    let mut key = [0; 32];
    key[..SECRET.len()].copy_from_slice(SECRET.as_bytes());
    let mac = seal::commitment(&key, input.as_bytes());
    let signature = if alg == "HS256" { &mac[..] } else { signature };
    format!("{input}.{}", encode(signature))
}
