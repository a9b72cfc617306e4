//! Tokens that are not believed: each breaks one rule of a good one. All get the same words, so that nobody
//! learns which rule it was, and none leaves a trace in the ledger. Every rule has its row in the area
//! `identity`; here it is shown that the hub asks.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use egress::{Method, Request};
use identity::{RealTime, TokenTime};
use seal::NoteKey;
use serde_json::{Value, json};

use super::refused::{Row, check_all, request};
use crate::journeys::sandbox::{sandbox, signed, url};

const AUDIENCE: &str = "sandbox.amaan.example";

/// What good tokens of the sandbox's issuer are made of.
pub struct Mint {
    key: NoteKey,
    kid: String,
    now: u64,
}

impl Mint {
    pub fn new() -> Self {
        let keys = sandbox().send(Request::get(url(&format!("{}/jwks.json", sandbox().issuer)))).ok().json();
        let kid = keys["keys"][0]["kid"].as_str().unwrap().to_owned();
        let now = u64::try_from(RealTime::default().unix_seconds()).unwrap();
        Self { key: sandbox().issuer_key(), kid, now }
    }

    fn header(&self) -> Value {
        json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": self.kid })
    }

    fn claims(&self) -> Value {
        json!({
            "iss": sandbox().issuer, "sub": "ictp", "client_id": "ictp", "aud": AUDIENCE, "jti": "zqx-1",
            "iat": self.now, "exp": self.now + 300, "scope": "referral.send referral.receive",
        })
    }

    fn good(&self) -> String {
        signed(&self.key, &self.header(), &self.claims())
    }

    /// A good token but for one claim.
    pub fn claiming(&self, claim: &str, value: Value) -> String {
        let mut claims = self.claims();
        claims[claim] = value;
        signed(&self.key, &self.header(), &claims)
    }

    /// A good token but for one member of its header.
    fn headed(&self, member: &str, value: Value) -> String {
        let mut header = self.header();
        header[member] = value;
        signed(&self.key, &header, &self.claims())
    }

    /// Another algorithm's token with this signature.
    fn unsigned(&self, alg: &str, signature: impl Fn(&[u8]) -> Vec<u8>) -> String {
        let mut header = self.header();
        header["alg"] = json!(alg);
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let input = format!("{}.{}", encode(&header), encode(&self.claims()));
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature(input.as_bytes())))
    }
}

/// A look at the list of referrals with this `Authorization` header.
fn stranger(name: &str, authorization: Option<&str>) -> Row {
    let mut request = request(Method::Get, "/v1/referrals");
    if let Some(text) = authorization {
        request = request.header("authorization", text);
    }
    Row { name: name.to_owned(), agency: "", request, status: 401, slug: "unauthorized", pointer: None }
}

fn rows(mint: &Mint) -> Vec<Row> {
    let good = mint.good();
    let public = mint.key.public();
    let (input, signature) = good.rsplit_once('.').unwrap();
    let another = NoteKey::from_pkcs8("another", &NoteKey::generate_pkcs8()).unwrap();
    let other_claims = URL_SAFE_NO_PAD.encode(mint.claiming("scope", json!("delivery.manage")));
    let tampered = format!("{}.{other_claims}.{signature}", input.split('.').next().unwrap());
    let bearer = |name: &str, token: &str| stranger(name, Some(&format!("Bearer {token}")));
    let now = mint.now;
    vec![
        stranger("no token", None),
        stranger("an empty token", Some("Bearer ")),
        stranger("a password", Some("Basic aWN0cDp6cXg=")),
        stranger("a token without its scheme", Some(&good)),
        bearer("not a token", "zqx"),
        bearer("no signature", &format!("{input}.")),
        bearer("expired", &mint.claiming("exp", json!(now - 60))),
        bearer("long expired", &{
            let mut claims = mint.claims();
            (claims["iat"], claims["exp"]) = (json!(now - 900), json!(now - 600));
            signed(&mint.key, &mint.header(), &claims)
        }),
        bearer("living too long", &mint.claiming("exp", json!(now + 86_400))),
        bearer("issued in the future", &mint.claiming("iat", json!(now + 200))),
        bearer("not yet good", &mint.claiming("nbf", json!(now + 200))),
        bearer("of another key", &signed(&another, &mint.header(), &mint.claims())),
        bearer("of an unknown key", &mint.headed("kid", json!("zqx"))),
        bearer("bringing its own key", &mint.headed("jwk", json!({ "kty": "OKP" }))),
        bearer("asking for more than we know", &mint.headed("crit", json!(["exp"]))),
        bearer("changed after signing", &tampered),
        bearer("for another audience", &mint.claiming("aud", json!("https://zqx.example"))),
        bearer("for us and another", &mint.claiming("aud", json!([AUDIENCE, "https://zqx.example"]))),
        bearer("of another issuer", &mint.claiming("iss", json!("http://127.0.0.1:1"))),
        bearer("of an unknown client", &mint.claiming("client_id", json!("zqx"))),
        bearer("an identity token", &mint.headed("typ", json!("JWT"))),
        bearer("alg none", &mint.unsigned("none", |_| Vec::new())),
        bearer("alg none with a signature", &mint.unsigned("none", |input| mint.sign(input))),
        bearer(
            "HS256 with the public key",
            &mint.unsigned("HS256", |input| seal::commitment(&public, input).to_vec()),
        ),
        bearer(
            "HS256 that says EdDSA",
            &mint.unsigned("EdDSA", |input| seal::commitment(&public, input).to_vec()),
        ),
    ]
}

impl Mint {
    fn sign(&self, input: &[u8]) -> Vec<u8> {
        self.key.sign(std::str::from_utf8(input).unwrap()).to_vec()
    }
}

#[test]
fn what_is_not_believed_is_refused_alike_and_leaves_no_trace() {
    let mint = Mint::new();
    check_all(rows(&mint));
    // The rows differ from this one in one thing each.
    sandbox().call_with(Some(&mint.good()), Method::Get, "/v1/referrals").send().ok();
    let mut words = std::collections::BTreeSet::new();
    for row in rows(&mint) {
        let bare = ["no token", "an empty token", "a password", "a token without its scheme"];
        let expected =
            if bare.contains(&row.name.as_str()) { "Bearer" } else { "Bearer error=\"invalid_token\"" };
        let answer = sandbox().send(row.request);
        assert_eq!(answer.header("www-authenticate"), Some(expected), "{}", row.name);
        let mut body = answer.json();
        body["instance"] = Value::Null;
        words.insert(body.to_string());
    }
    assert_eq!(words.len(), 1, "a stranger learns which rule it broke: {words:#?}");
}

#[test]
fn a_scope_the_token_lacks_is_not_there() {
    let mint = Mint::new();
    let check = |name: &str, token: &str, path: &str, agency: &'static str| {
        let row = Row::get(name, path, 403, "missing-scope");
        Row { agency, ..row.header("authorization", &format!("Bearer {token}")) }
    };
    let receiver = sandbox().fresh_token("ictp", "referral.receive");
    // The registry knows what a client may hold at most, whatever its token claims.
    let overreaching = {
        let mut claims = mint.claims();
        (claims["client_id"], claims["scope"]) = (json!("nccia"), json!("audit.read indicator.read"));
        signed(&mint.key, &mint.header(), &claims)
    };
    check_all(vec![
        check("dead letters with a receiver's token", &receiver, "/v1/dead-letters", "ictp"),
        check("the trail with a claimed scope", &overreaching, "/v1/audit/entries", "nccia"),
        check("statistics with a claimed scope", &overreaching, "/v1/indicators/referrals", "nccia"),
        check("no scope at all", &mint.claiming("scope", json!("")), "/v1/referrals", "ictp"),
    ]);
}
