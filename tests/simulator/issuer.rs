//! The issuer's server: what it publishes, both ways of authenticating, and the whole set with a real token.

use std::time::Duration;

use ::simulator::{RunningIssuer, SimConfig, SimError, start, start_issuer};
use egress::{Client, Request, Response, Rules};
use identity::issuer::Issuer;
use serde_json::{Value, json};

const FORM: &str = "application/x-www-form-urlencoded";

fn issuer(url: &str) -> Issuer {
    let key = seal::pkcs8_pem(&seal::NoteKey::generate_pkcs8());
    let client = identity::issuer::Client {
        id: "ictp-system".into(),
        secret: "own secret".into(),
        scopes: vec!["referral.send".into()],
    };
    Issuer::new(url, &key, "hub", vec![client]).expect("an issuer")
}

async fn call(running: &RunningIssuer, path: &str, form: Option<(&str, Option<&str>)>) -> (Response, Value) {
    let rules = Rules {
        allow: vec![running.url.replace("http://", "")],
        loopback_http: true,
        connect_timeout: Duration::from_secs(2),
        ..Rules::default()
    };
    let url = format!("{}{path}", running.url).parse().expect("an address");
    let request = match form {
        None => Request::get(url),
        Some((form, basic)) => {
            let request = Request::post(url, form.into()).header("content-type", FORM);
            basic.map_or(request.clone(), |basic| request.header("authorization", basic))
        }
    };
    let answer = Client::new(rules).expect("a client").send(request).await.expect("an answer");
    let body = serde_json::from_slice(&answer.body).expect("JSON");
    (answer, body)
}

#[tokio::test]
async fn it_publishes_itself_and_gives_tokens() {
    let running = start_issuer(0, |url| Ok::<_, String>(issuer(url))).expect("an issuer");
    let (_, metadata) = call(&running, "/.well-known/openid-configuration", None).await;
    assert_eq!(metadata["issuer"], json!(running.url));
    assert_eq!(metadata["token_endpoint"], json!(format!("{}/token", running.url)));
    let (_, keys) = call(&running, "/jwks", None).await;
    assert_eq!(keys["keys"][0]["kty"], "OKP");
    let listed = metadata["jwks_uri"].as_str().expect("an address").replace(&running.url, "");
    assert_eq!(call(&running, &listed, None).await.1, keys);

    let post = "grant_type=client_credentials&client_id=ictp-system&client_secret=own+secret";
    let (answer, token) = call(&running, "/token", Some((post, None))).await;
    assert_eq!((answer.status, &token["token_type"]), (200, &json!("Bearer")));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let basic = "Basic aWN0cC1zeXN0ZW06b3duK3NlY3JldA=="; // ictp-system:own+secret
    let (answer, _) = call(&running, "/token", Some(("grant_type=client_credentials", Some(basic)))).await;
    assert_eq!(answer.status, 200);
    let wrong = "grant_type=client_credentials&client_id=ictp-system&client_secret=x";
    let (answer, error) = call(&running, "/token", Some((wrong, None))).await;
    assert_eq!((answer.status, &error["error"]), (401, &json!("invalid_client")));
    assert_eq!(answer.header("www-authenticate"), Some("Basic realm=\"sandbox\""));
    running.stop().await;
}

fn all(dir: &std::path::Path, issuer: Issuer) -> SimConfig {
    SimConfig {
        dir: dir.into(),
        hub: "http://127.0.0.1:9".into(),
        issuer_port: None,
        agency_ports: [].into(),
        issuer,
        agency_secret: "secret".into(),
        clients: [("ictp".to_owned(), ("ictp-system".to_owned(), "own secret".to_owned()))].into(),
        signing: Default::default(),
    }
}

#[tokio::test]
async fn an_issuer_made_for_another_address_does_not_start() {
    let dir = tempfile::tempdir().expect("a folder");
    let refused = start(all(dir.path(), issuer("http://127.0.0.1:1"))).await.err().expect("no start");
    assert!(matches!(refused, SimError::Issuer(_)), "{refused}");
}
