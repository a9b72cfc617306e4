//! What becomes of an agency's signature: it is committed to in the ledger, sealed with its message, and
//! whoever looks is told that there is one, or that there is none.

use identity::{RealTime, SignedFor, TokenTime, sign_message};
use serde_json::{Value, json};

use super::signatures::{HUB, Keys, PATH, body, send};
use crate::http::world::World;

#[tokio::test]
async fn what_is_signed_is_kept_committed_to_and_shown() {
    let keys = Keys::new();
    let world = World::signed_to(keys.registered()).await;
    let body = body();
    let mut seen = Vec::new();
    for (client, key, pen) in [
        ("ictp-system", "one", Some(&keys.police)),
        ("ictp-system", "two", Some(&keys.next)),
        ("cpi-system", "three", None),
    ] {
        let target = format!("POST {PATH}");
        let meant = SignedFor { agency: "ictp", hub: HUB, key, target: &target };
        let now = RealTime::default().unix_seconds();
        let signature = pen.map(|pen| sign_message(pen, &body, &meant, now));
        let sent: Vec<String> = signature.iter().cloned().collect();
        let answer = send(&world, client, key, &body, &sent).await;
        assert_eq!(answer.response.status, 201, "{}", answer.text());
        let entry: Value = serde_json::from_str(answer.body["receipt"]["entry"].as_str().unwrap()).unwrap();
        assert_eq!(entry.get("signature").is_some(), pen.is_some());
        if let Some(signature) = &signature {
            let opening = answer.body["receipt"]["opening"].as_str().unwrap();
            let opening: [u8; 32] = hex::decode(opening).unwrap().try_into().unwrap();
            let told = hex::encode(seal::commitment(&opening, signature.as_bytes()));
            assert_eq!(entry["signature"], json!(told), "the ledger commits to another signature");
        }
        let assurance = answer.body["receipt"]["assurance"].as_str().unwrap().to_owned();
        let path = format!("{PATH}/{}", answer.body["referrals"][0]["id"].as_str().unwrap());
        let view = world.get(&path).calling_as(client).send().await;
        assert_eq!(view.body["assurance"], json!(assurance));
        // The same request again gets the same bytes, whoever signed it in between.
        assert_eq!(send(&world, client, key, &body, &sent).await.text(), answer.text());
        seen.push(assurance);
    }
    assert_eq!(seen, ["signed", "signed", "unsigned"]);
}

/// The signature lies with the sealed message: a draft that is sent later is committed to with the signature
/// under which it was written, read back from there.
#[tokio::test]
async fn a_signature_is_sealed_with_its_message() {
    let keys = Keys::new();
    let world = World::signed_to(keys.registered()).await;
    let post = async |path: &str, key: &str, body: &[u8]| {
        let target = format!("POST {path}");
        let meant = SignedFor { agency: "ictp", hub: HUB, key, target: &target };
        let signature = sign_message(&keys.police, body, &meant, RealTime::default().unix_seconds());
        let call = world.post(path, body).calling_as("ictp-system").key(key);
        (call.header("amaan-signature", &signature).send().await, signature)
    };
    let (written, signature) = post("/v1/drafts", "draft", &body()).await;
    assert_eq!(written.response.status, 201, "{}", written.text());
    let path = format!("{PATH}/{}/send", written.body["referrals"][0]["id"].as_str().unwrap());
    let sending = json!({ "schema": "referral.send/v1" }).to_string();
    let (sent, other) = post(&path, "send", sending.as_bytes()).await;
    assert_eq!(sent.response.status, 200, "{}", sent.text());
    assert_eq!(sent.body["receipt"]["assurance"], json!("signed"));
    let entry: Value = serde_json::from_str(sent.body["receipt"]["entry"].as_str().unwrap()).unwrap();
    let opening = hex::decode(sent.body["receipt"]["opening"].as_str().unwrap()).unwrap();
    let opening: [u8; 32] = opening.try_into().unwrap();
    let of = |text: &str| json!(hex::encode(seal::commitment(&opening, text.as_bytes())));
    assert_eq!(entry["signature"], of(&signature));
    assert_ne!(entry["signature"], of(&other), "the step's own signature stands for the draft's");
}
