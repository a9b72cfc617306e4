//! The sandbox's issuer: who gets a token, for what, and what it publishes.

use identity::issuer::{Issuer, OAuthError, TokenAnswer, TokenRequest};
use serde_json::Value;

use super::world::{START, issuer};

const BASE: &str = "http://127.0.0.1:9300";

fn ask(issuer: &Issuer, form: &str, authorization: Option<&str>) -> Result<TokenAnswer, OAuthError> {
    issuer.token_at(&TokenRequest::parse(form.as_bytes(), authorization)?, START)
}

fn check(form: &str, authorization: Option<&str>, expect: Result<&str, OAuthError>) {
    let given = ask(&issuer(BASE).0, form, authorization);
    assert_eq!(given.as_ref().map(|answer| answer.scope.as_str()).map_err(|error| *error), expect, "{form}");
}

const GOOD: &str = "grant_type=client_credentials&client_id=laja-system&client_secret=wordy+secret";
/// `laja-system:wordy+secret`, the secret form-encoded as RFC 6749 asks.
const BASIC: &str = "Basic bGFqYS1zeXN0ZW06d29yZHkrc2VjcmV0";

#[test]
fn a_known_client_gets_what_it_may_have() {
    check(GOOD, None, Ok("referral.send referral.receive"));
    check("grant_type=client_credentials", Some(BASIC), Ok("referral.send referral.receive"));
    check(
        "grant_type=client_credentials&client_id=laja-system",
        Some(BASIC),
        Ok("referral.send referral.receive"),
    );
    check(&format!("{GOOD}&scope=referral.send"), None, Ok("referral.send"));
    check(&format!("{GOOD}&resource=https%3A%2F%2Fhub.example"), None, Ok("referral.send referral.receive"));
    check(&format!("{GOOD}&anything=else"), None, Ok("referral.send referral.receive"));
}

#[test]
fn everyone_else_is_refused() {
    let (unknown, other) = (OAuthError::InvalidClient, OAuthError::InvalidRequest);
    check("grant_type=client_credentials", None, Err(unknown));
    check("grant_type=client_credentials&client_id=laja-system", None, Err(unknown));
    check("grant_type=client_credentials&client_id=laja-system&client_secret=", None, Err(unknown));
    check("grant_type=client_credentials&client_id=laja-system&client_secret=wrong", None, Err(unknown));
    check("grant_type=client_credentials&client_id=nobody&client_secret=wordy+secret", None, Err(unknown));
    check("grant_type=client_credentials", Some("Bearer abc"), Err(unknown));
    check("grant_type=client_credentials", Some("Basic ***"), Err(unknown));
    check("", None, Err(other));
    check(GOOD, Some(BASIC), Err(other));
    check(&format!("{GOOD}&client_id=laja-system"), None, Err(other));
    check("grant_type=client_credentials&client_id=pta-system", Some(BASIC), Err(other));
    check(&"x=y&".repeat(4096), None, Err(other));
    check(&GOOD.replace("client_credentials", "password"), None, Err(OAuthError::UnsupportedGrantType));
    check(&format!("{GOOD}&scope=audit.read"), None, Err(OAuthError::InvalidScope));
    check(&format!("{GOOD}&scope=referral.send+audit.read"), None, Err(OAuthError::InvalidScope));
    check(&format!("{GOOD}&audience=https%3A%2F%2Fother.example"), None, Err(OAuthError::InvalidTarget));
}

#[test]
fn errors_are_answered_as_oauth_asks() {
    let read = |error: OAuthError| -> Value { serde_json::from_str(&error.to_json()).unwrap() };
    assert_eq!(OAuthError::InvalidClient.status(), 401);
    assert_eq!(OAuthError::InvalidScope.status(), 400);
    assert_eq!(read(OAuthError::InvalidTarget)["error"], "invalid_target");
    assert!(read(OAuthError::InvalidClient)["error_description"].is_string());
}

#[test]
fn answers_and_documents_have_their_shapes() {
    let (issuer, key) = issuer(BASE);
    let answer = serde_json::to_value(ask(&issuer, GOOD, None).unwrap()).unwrap();
    assert_eq!((answer["token_type"].as_str(), answer["expires_in"].as_i64()), (Some("Bearer"), Some(300)));
    let metadata: Value = serde_json::from_str(&issuer.metadata()).unwrap();
    assert_eq!(metadata["issuer"], BASE);
    assert_eq!(metadata["token_endpoint"], "http://127.0.0.1:9300/token");
    assert_eq!(metadata["jwks_uri"], "http://127.0.0.1:9300/jwks.json");
    let jwks: Value = serde_json::from_str(&issuer.jwks()).unwrap();
    let published = &jwks["keys"][0];
    assert_eq!(published["x"], super::world::encode(key.public()));
    assert_eq!((published["kid"].as_str(), published["d"].as_str()), (Some(issuer.kid()), None));
    assert_eq!(jwks["keys"].as_array().unwrap().len(), 1);
}

#[test]
fn an_issuer_can_move() {
    let issuer = issuer(BASE).0;
    let moved = issuer.at("http://127.0.0.1:9399/");
    assert_eq!((moved.base_url(), moved.kid()), ("http://127.0.0.1:9399", issuer.kid()));
    let metadata: Value = serde_json::from_str(&moved.metadata()).unwrap();
    assert_eq!(metadata["issuer"], moved.base_url());
}

#[test]
fn two_tokens_are_never_the_same() {
    let issuer = issuer(BASE).0;
    let first = ask(&issuer, GOOD, None).unwrap().access_token;
    assert_ne!(first, ask(&issuer, GOOD, None).unwrap().access_token);
}

#[test]
fn the_key_must_be_ed25519() {
    for pem in ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
        assert!(Issuer::new(BASE, pem, "x", Vec::new()).is_err());
    }
}
