//! Rows about the claims, each in a token well signed by the trusted issuer, and the moments just before a
//! claim becomes a defect.

use identity::TokenDefect as D;
use serde_json::{Value, json};

use super::{
    defects::Row,
    mint::Mint,
    world::{AUDIENCE, START, World, encode},
};

pub fn rows(mint: &Mint<'_>) -> Vec<Row> {
    let mut rows = who(mint);
    rows.extend(when(mint));
    rows.extend(what(mint));
    rows.extend(bound(mint));
    rows
}

fn who(mint: &Mint<'_>) -> Vec<Row> {
    let base = mint.issuer.as_str();
    let with = |claim: &str, value| mint.claiming(claim, value);
    vec![
        ("iss missing", mint.silent_of("iss"), D::IssMissing),
        ("iss a list", with("iss", json!([base])), D::IssMissing),
        ("iss another", with("iss", json!("https://evil.example")), D::IssUnknown),
        ("iss with a slash at the end", with("iss", json!(format!("{base}/"))), D::IssUnknown),
        ("iss in capitals", with("iss", json!(base.to_uppercase())), D::IssUnknown),
        ("iss a longer one", with("iss", json!(format!("{base}.evil.example"))), D::IssUnknown),
        ("iss empty", with("iss", json!("")), D::IssUnknown),
        ("aud missing", mint.silent_of("aud"), D::AudMissing),
        ("aud null", with("aud", Value::Null), D::AudMissing),
        ("aud an empty list", with("aud", json!([])), D::AudMissing),
        ("aud another", with("aud", json!("https://other.example")), D::AudWrong),
        ("aud with a slash at the end", with("aud", json!(format!("{}/", mint.audience))), D::AudWrong),
        ("aud a prefix", with("aud", json!("https://hub.exampl")), D::AudWrong),
        ("aud a number", with("aud", json!(1)), D::AudWrong),
        ("aud a list of another", with("aud", json!(["https://other.example"])), D::AudWrong),
        ("aud two others", with("aud", json!(["https://a.example", "https://b.example"])), D::AudWrong),
        ("aud this and another", with("aud", json!([mint.audience, "https://other.example"])), D::AudMany),
        ("aud this twice", with("aud", json!([mint.audience, mint.audience])), D::AudMany),
    ]
}

fn when(mint: &Mint<'_>) -> Vec<Row> {
    let with = |claim: &str, value| mint.claiming(claim, value);
    let old = json!({ "iat": mint.now - 3600, "exp": mint.now + 60 });
    let mut long = mint.claims();
    long.as_object_mut().unwrap().extend(old.as_object().unwrap().clone());
    vec![
        ("exp missing", mint.silent_of("exp"), D::ExpMissing),
        ("exp past", with("exp", json!(mint.now - 10)), D::Expired),
        ("exp long past", with("exp", json!(0)), D::Expired),
        ("exp negative", with("exp", json!(-5)), D::Expired),
        ("exp in eleven minutes", with("exp", json!(mint.now + 660)), D::ExpTooFar),
        ("exp never", with("exp", json!(i64::MAX)), D::ExpTooFar),
        ("exp larger than time", with("exp", json!(u64::MAX)), D::TimeMalformed),
        ("exp a text", with("exp", json!((mint.now + 300).to_string())), D::TimeMalformed),
        ("exp a fraction", with("exp", json!(1_800_000_300.5)), D::TimeMalformed),
        ("exp null", with("exp", Value::Null), D::TimeMalformed),
        (
            "an hour's life, almost over",
            mint.sign(&mint.header().to_string(), &long.to_string()),
            D::ExpTooFar,
        ),
        ("nbf ahead", with("nbf", json!(mint.now + mint.slack + 11)), D::NotYetValid),
        ("nbf far ahead", with("nbf", json!(i64::MAX)), D::NotYetValid),
        ("nbf a text", with("nbf", json!("now")), D::TimeMalformed),
        ("iat missing", mint.silent_of("iat"), D::IatMissing),
        ("iat ahead", with("iat", json!(mint.now + mint.slack + 11)), D::IatFuture),
        ("iat before time", with("iat", json!(i64::MIN)), D::ExpTooFar),
    ]
}

fn what(mint: &Mint<'_>) -> Vec<Row> {
    let with = |claim: &str, value| mint.claiming(claim, value);
    let many = vec!["a"; 65].join(" ");
    vec![
        ("sub missing", mint.silent_of("sub"), D::SubMissing),
        ("sub empty", with("sub", json!("")), D::SubMissing),
        ("client_id missing", mint.silent_of("client_id"), D::ClientIdMissing),
        ("client_id empty", with("client_id", json!("")), D::ClientIdMissing),
        ("client_id a list", with("client_id", json!(["laja-system"])), D::ClientIdMissing),
        ("client_id too long", with("client_id", json!("c".repeat(256))), D::ClientIdMissing),
        ("client_id with a line", with("client_id", json!("laja\nsystem")), D::ClientIdMissing),
        ("jti missing", mint.silent_of("jti"), D::JtiMissing),
        ("scope a list", with("scope", json!(["referral.send"])), D::ScopeMalformed),
        ("too many scopes", with("scope", json!(many)), D::ScopeMalformed),
    ]
}

fn bound(mint: &Mint<'_>) -> Vec<Row> {
    let with = |cnf| mint.claiming("cnf", cnf);
    let (right, short) = (encode([7; 32]), encode([7; 20]));
    vec![
        ("cnf null", with(Value::Null), D::CnfMalformed),
        ("cnf a text", with(json!(right)), D::CnfMalformed),
        ("cnf a list", with(json!([right])), D::CnfMalformed),
        ("cnf empty", with(json!({})), D::CnfMalformed),
        ("thumbprint null", with(json!({ "x5t#S256": null })), D::CnfMalformed),
        ("thumbprint empty", with(json!({ "x5t#S256": "" })), D::CnfMalformed),
        ("thumbprint of SHA-1 length", with(json!({ "x5t#S256": short })), D::CnfMalformed),
        ("thumbprint padded", with(json!({ "x5t#S256": format!("{right}=") })), D::CnfMalformed),
        ("thumbprint in hexadecimal", with(json!({ "x5t#S256": "07".repeat(32) })), D::CnfMalformed),
        ("bound to a key for DPoP", with(json!({ "jkt": right })), D::BoundOtherwise),
        ("bound to a key by itself", with(json!({ "jwk": { "kty": "OKP" } })), D::BoundOtherwise),
        ("bound by SHA-1", with(json!({ "x5t": short })), D::BoundOtherwise),
        ("bound twice", with(json!({ "x5t#S256": right, "jkt": right })), D::BoundOtherwise),
    ]
}

#[tokio::test]
async fn one_step_before_each_defect_all_is_well() {
    let world = World::start().await;
    for (claim, value) in [
        ("exp", json!(START + 600)),
        ("nbf", json!(START + 10)),
        ("iat", json!(START + 10)),
        ("aud", json!([AUDIENCE])),
        ("scope", json!("")),
        ("x", json!({})),
        ("client_id", json!("c".repeat(255))),
    ] {
        let token = world.mint().claiming(claim, value.clone());
        assert!(world.verifier.verify(&token).await.is_ok(), "{claim} {value}");
    }
    let mut over = world.claims();
    (over["iat"], over["exp"]) = (json!(START - 309), json!(START - 9));
    let token = world.sign(&world.header().to_string(), &over.to_string());
    assert!(world.verifier.verify(&token).await.is_ok(), "expired within the skew");
    let header = json!({ "typ": "application/AT+JWT", "alg": "EdDSA", "kid": world.issuer.kid() });
    let token = world.sign(&header.to_string(), &world.claims().to_string());
    assert!(world.verifier.verify(&token).await.is_ok());
}
