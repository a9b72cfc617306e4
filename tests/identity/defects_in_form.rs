//! Rows about the outer form: parts, header, signature.

use identity::TokenDefect as D;
use serde_json::{Value, json};

use super::{defects::Row, mint::Mint, world::encode};

pub fn rows(mint: &Mint<'_>) -> Vec<Row> {
    let mut rows = parts(mint);
    rows.extend(texts(mint));
    rows.extend(headers(mint));
    rows.extend(algorithms(mint));
    rows.extend(signatures(mint));
    rows
}

fn parts(mint: &Mint<'_>) -> Vec<Row> {
    let good = mint.token();
    let [header, claims, signature] = good.split('.').collect::<Vec<_>>()[..] else { unreachable!() };
    vec![
        ("nothing", String::new(), D::Missing),
        ("huge", format!("{good}{}", "A".repeat(8192)), D::TooLarge),
        ("huge and well signed", huge(mint), D::TooLarge),
        ("one part", header.to_owned(), D::NotThreeParts),
        ("two parts", format!("{header}.{claims}"), D::NotThreeParts),
        ("four parts", format!("{good}.{signature}"), D::NotThreeParts),
        ("five parts, encrypted", format!("{header}.a.b.c.{signature}"), D::NotThreeParts),
        ("only dots", "..".to_owned(), D::HeaderNotJson),
        ("a word", "Bearer".to_owned(), D::NotThreeParts),
        ("scheme left on", format!("Bearer {good}"), D::BadBase64),
        ("padded", format!("{header}=.{claims}.{signature}"), D::BadBase64),
        ("standard alphabet", format!("{header}.{claims}.+/{signature}"), D::BadBase64),
        ("space at the end", format!("{good} "), D::BadBase64),
        ("new line within", format!("{header}.{claims}\n.{signature}"), D::BadBase64),
        ("loose last bits", loose(header, claims, signature), D::BadBase64),
        ("letters beyond ascii", format!("{header}.{claims}.امان"), D::BadBase64),
    ]
}

fn huge(mint: &Mint<'_>) -> String {
    let mut claims = mint.claims();
    claims["scope"] = json!("x".repeat(8192));
    mint.sign(&mint.header().to_string(), &claims.to_string())
}

/// The same bytes by another last character: one token must not have two spellings.
fn loose(header: &str, claims: &str, signature: &str) -> String {
    // 64 bytes end in a character that carries two bits, so `A` and `B` would decode alike.
    format!("{header}.{claims}.{}B", &signature[..signature.len() - 1])
}

fn texts(mint: &Mint<'_>) -> Vec<Row> {
    let (header, claims) = (mint.header().to_string(), mint.claims().to_string());
    let kid = &mint.kid;
    let twice = format!(r#"{{"typ":"at+jwt","alg":"none","alg":"EdDSA","kid":"{kid}"}}"#);
    let deep = claims.replacen('{', &format!(r#"{{"x":{}{},"#, "[".repeat(500), "]".repeat(500)), 1);
    let again = |member: &str| claims.replacen('{', &format!("{{{member},"), 1);
    vec![
        ("header no json", mint.sign("at+jwt", &claims), D::HeaderNotJson),
        ("header an array", mint.sign("[]", &claims), D::HeaderNotJson),
        ("header with a tail", mint.sign(&format!("{header}{header}"), &claims), D::HeaderNotJson),
        ("header empty", mint.sign("", &claims), D::HeaderNotJson),
        ("alg twice", mint.sign(&twice, &claims), D::HeaderDuplicate),
        ("claims no json", mint.sign(&header, "hello"), D::ClaimsNotJson),
        ("claims a string", mint.sign(&header, r#""hello""#), D::ClaimsNotJson),
        ("claims with a tail", mint.sign(&header, &format!("{claims} x")), D::ClaimsNotJson),
        ("claims empty", mint.sign(&header, ""), D::ClaimsNotJson),
        ("claims very deep", mint.sign(&header, &deep), D::ClaimsNotJson),
        ("exp beyond all numbers", mint.sign(&header, &again(r#""x":1e999"#)), D::ClaimsNotJson),
        ("aud twice", mint.sign(&header, &again(r#""aud":"other""#)), D::ClaimsDuplicate),
        ("exp twice", mint.sign(&header, &again(r#""exp":9999999999"#)), D::ClaimsDuplicate),
        ("iss twice, once escaped", mint.sign(&header, &again(r#""i\u0073s":"x""#)), D::ClaimsDuplicate),
        ("twice within", mint.sign(&header, &again(r#""act":{"sub":"a","sub":"b"}"#)), D::ClaimsDuplicate),
    ]
}

fn headers(mint: &Mint<'_>) -> Vec<Row> {
    let with = |member: &str, value: Value| {
        let mut header = mint.header();
        header[member] = value;
        mint.sign(&header.to_string(), &mint.claims().to_string())
    };
    let without = |member: &str| {
        let mut header = mint.header();
        header.as_object_mut().unwrap().remove(member);
        mint.sign(&header.to_string(), &mint.claims().to_string())
    };
    let own_key = json!({ "kty": "OKP", "crv": "Ed25519", "kid": mint.kid, "x": encode(mint.key.public()) });
    let long = "k".repeat(129);
    vec![
        ("kid missing", without("kid"), D::KidMissing),
        ("kid unknown", with("kid", json!("another")), D::KidUnknown),
        ("kid by another case", with("kid", json!(mint.kid.to_uppercase())), D::KidUnknown),
        ("kid empty", with("kid", json!("")), D::KidMalformed),
        ("kid a number", with("kid", json!(1)), D::KidMalformed),
        ("kid a path", with("kid", json!("../../../../dev/null")), D::KidMalformed),
        ("kid a query", with("kid", json!("x' UNION SELECT 'y")), D::KidMalformed),
        ("kid with a zero", with("kid", json!("x\u{0}y")), D::KidMalformed),
        ("kid too long", with("kid", json!(long)), D::KidMalformed),
        ("jku present", with("jku", json!("https://evil.example/jwks")), D::KeyInHeader),
        ("jwk present", with("jwk", own_key), D::KeyInHeader),
        ("x5u present", with("x5u", json!("https://evil.example/cert")), D::KeyInHeader),
        ("x5c present", with("x5c", json!(["AAAA"])), D::KeyInHeader),
        ("crit present", with("crit", json!(["exp"])), D::CritPresent),
        ("crit empty", with("crit", json!([])), D::CritPresent),
        ("nested", with("cty", json!("JWT")), D::Nested),
        ("typ missing", without("typ"), D::TypMissing),
        ("typ JWT", with("typ", json!("JWT")), D::TypWrong),
        ("typ of an id token", with("typ", json!("ID")), D::TypWrong),
        ("typ null", with("typ", Value::Null), D::TypWrong),
        ("typ with a parameter", with("typ", json!("at+jwt;v=1")), D::TypWrong),
    ]
}

fn algorithms(mint: &Mint<'_>) -> Vec<Row> {
    let input = |alg: Value| {
        let mut header = mint.header();
        header["alg"] = alg;
        format!("{}.{}", encode(header.to_string()), encode(mint.claims().to_string()))
    };
    let signed = |alg: &str| {
        let input = input(json!(alg));
        format!("{input}.{}", encode(mint.key.sign(&input)))
    };
    let public_as_secret = {
        let input = input(json!("HS256"));
        format!("{input}.{}", encode(seal::commitment(&mint.key.public(), input.as_bytes())))
    };
    let mut without = mint.header();
    without.as_object_mut().unwrap().remove("alg");
    vec![
        ("alg missing", mint.sign(&without.to_string(), &mint.claims().to_string()), D::AlgMissing),
        ("alg none, unsigned", format!("{}.", input(json!("none"))), D::AlgNone),
        ("alg none, signed", signed("none"), D::AlgNone),
        ("alg nOnE", format!("{}.", input(json!("nOnE"))), D::AlgNone),
        ("alg null", format!("{}.AAAA", input(Value::Null)), D::AlgRefused),
        ("alg a list", format!("{}.AAAA", input(json!(["EdDSA"]))), D::AlgRefused),
        ("HS256 with the public key", public_as_secret, D::AlgRefused),
        ("HS512", signed("HS512"), D::AlgRefused),
        ("RS256 with an EdDSA key", signed("RS256"), D::AlgRefused),
        ("ES384", signed("ES384"), D::AlgRefused),
        ("eddsa in lower case", signed("eddsa"), D::AlgRefused),
        ("ES256 with an EdDSA key", signed("ES256"), D::AlgKeyMismatch),
        ("PS256 with an EdDSA key", signed("PS256"), D::AlgKeyMismatch),
    ]
}

fn signatures(mint: &Mint<'_>) -> Vec<Row> {
    let good = mint.token();
    let (input, signature) = good.rsplit_once('.').unwrap();
    let (header, _) = input.split_once('.').unwrap();
    let other = super::world::issuer(&mint.issuer).1;
    let mut raised = mint.claims();
    raised["scope"] = json!("audit.read");
    let raised = format!("{header}.{}.{signature}", encode(raised.to_string()));
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    vec![
        ("signature empty", format!("{input}."), D::SignatureMissing),
        ("signature of one byte", format!("{input}.AA"), D::SignatureWrong),
        ("signature tampered", format!("{input}.{first}{}", &signature[1..]), D::SignatureWrong),
        (
            "signature truncated",
            format!("{input}.{}", encode(&mint.key.sign(input)[..63])),
            D::SignatureWrong,
        ),
        (
            "signature too long",
            format!("{input}.{}", encode([mint.key.sign(input), vec![0]].concat())),
            D::SignatureWrong,
        ),
        ("signature of zeros", format!("{input}.{}", encode([0; 64])), D::SignatureWrong),
        ("another key's signature", format!("{input}.{}", encode(other.sign(input))), D::SignatureWrong),
        ("signature of other claims", raised, D::SignatureWrong),
    ]
}
