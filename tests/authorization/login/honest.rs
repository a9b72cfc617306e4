//! Logins that go well: what the defects differ from.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;

use super::browser::{LOGIN, SESSION};
use super::provider::KID;
use super::world::World;
use crate::identity::world::encode;

#[tokio::test]
async fn a_person_signs_in_sees_who_they_are_and_signs_out() {
    let world = World::start().await;
    let mut browser = world.browser();
    let first = browser.get("/desk").await;
    assert_eq!((first.status, first.location().as_str()), (303, "/desk/sign-in?return_to=/desk"));
    let list = browser.get(&first.location()).await;
    assert!(list.body.contains("/desk/sign-in/main/ictp?return_to=/desk"), "{}", list.body);
    let mut browser = world.signed_in().await;
    assert!(!browser.cookies.contains_key(LOGIN), "the ticket is used up");
    let home = browser.get("/desk").await;
    assert_eq!(home.status, 200);
    for word in ["Islamabad Capital Territory Police", "supervisor", "Sign out"] {
        assert!(home.body.contains(word), "no `{word}` in {}", home.body);
    }
    assert!(!home.body.contains("supervisor-7"), "the page shows the provider's word for the person");
    let urdu = browser.get("/desk?lang=ur").await.body;
    assert!(urdu.contains("dir=\"rtl\"") && urdu.contains("سائن آؤٹ"), "{urdu}");
    let token = world.form_token(&mut browser).await;
    assert_eq!(browser.post("/desk/sign-out", &format!("csrf={token}")).await.status, 200);
    assert!(!browser.cookies.contains_key(SESSION));
}

/// What a provider may do and need not: a list of one audience, `azp`, words of its own in the answer.
#[tokio::test]
async fn what_a_provider_may_add_does_no_harm() {
    let world = World::start().await;
    let mut begun = world.begin(world.browser()).await;
    let mut making = world.making(&begun);
    making.claims["aud"] = json!(["amaan-desk"]);
    making.claims["azp"] = json!("amaan-desk");
    making.claims["name"] = json!("nobody reads it");
    making.header.as_object_mut().unwrap().remove("typ");
    world.grant(&begun, making, "a-code");
    let mut answer = world.answer(&begun, "a-code");
    answer.push(("session_state".into(), "zqx".into()));
    let seen = world.come_back(&mut begun.browser, "main", &answer).await;
    assert_eq!((seen.status, seen.location().as_str()), (303, "/desk"), "{}", seen.body);
}

/// One that takes the client's secret in the form only.
#[tokio::test]
async fn a_provider_that_knows_no_http_basic() {
    let world = World::start().await;
    world.main.says("token_endpoint_auth_methods_supported", json!(["client_secret_post"]));
    let mut browser = world.signed_in().await;
    assert_eq!(browser.get("/desk").await.status, 200);
}

/// RS256 is taken from a provider that offers nothing better; `defects.rs` has one that does.
#[tokio::test]
async fn a_provider_that_knows_only_rs256() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("rsa.pem");
    let path = key.to_str().unwrap();
    openssl(&["genrsa", "-out", path, "2048"], b"");
    let said = openssl(&["rsa", "-in", path, "-noout", "-modulus"], b"");
    let digits = String::from_utf8(said).unwrap().trim().trim_start_matches("Modulus=").to_owned();
    let jwk = json!({
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": KID, "e": "AQAB",
        "n": encode(hex::decode(digits).unwrap()),
    });
    let world = World::start().await;
    world.main.publishes(&jwk);
    world.main.says("id_token_signing_alg_values_supported", json!(["RS256"]));
    let begun = world.begin(world.browser()).await;
    let mut making = world.making(&begun);
    making.header["alg"] = json!("RS256");
    making.text = Some(by_rs256(&key, &making.header.to_string(), &making.claims.to_string()));
    let mut browser = world.finish(begun, making).await;
    assert_eq!(browser.get("/desk").await.status, 200);
}

fn by_rs256(key: &Path, header: &str, claims: &str) -> String {
    let input = format!("{}.{}", encode(header), encode(claims));
    let signature = openssl(&["dgst", "-sha256", "-sign", key.to_str().unwrap()], input.as_bytes());
    format!("{input}.{}", encode(signature))
}

/// What `openssl` says to this.
fn openssl(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut command = Command::new("openssl");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut running = command.spawn().unwrap();
    running.stdin.take().unwrap().write_all(input).unwrap();
    let said = running.wait_with_output().unwrap();
    assert!(said.status.success(), "{arguments:?}");
    said.stdout
}
