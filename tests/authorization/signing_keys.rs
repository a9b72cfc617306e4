//! What agencies sign with: signatures by another library are believed, and only public keys of three kinds
//! are registered.

use identity::{BadSigningKeys, SignatureDefect, SignedFor, SigningKeys};
use seal::NoteKey;
use serde_json::{Value, json};

/// Made by Python's `cryptography`, of all three kinds.
#[test]
fn signatures_made_by_another_library_are_believed() {
    let made: Value = serde_json::from_str(include_str!("signatures.json")).unwrap();
    let keys = SigningKeys::read(made["jwks"].to_string().as_bytes()).unwrap();
    let body = made["body"].as_str().unwrap().as_bytes();
    let meant = SignedFor { agency: "ictp", hub: "hub.example", key: "key-1", target: "POST /v1/referrals" };
    for one in made["signatures"].as_array().unwrap() {
        let text = one.as_str().unwrap();
        keys.check(text, body, &meant, 1_800_000_000).unwrap();
        let other = [body, b" "].concat();
        let refused = keys.check(text, &other, &meant, 1_800_000_000).err();
        assert_eq!(refused, Some(SignatureDefect::SignatureWrong));
    }
}

#[test]
fn only_public_keys_of_three_kinds_are_registered() {
    let check = |set: Value| SigningKeys::read(set.to_string().as_bytes()).err();
    let one = SigningKeys::set_of(&NoteKey::from_pkcs8("one", &NoteKey::generate_pkcs8()).unwrap())["keys"]
        [0]
    .clone();
    let with = |member: &str, value: Value| {
        let mut key = one.clone();
        key[member] = value;
        json!({ "keys": [key] })
    };
    assert_eq!(check(json!({ "keys": [one] })), None);
    for (set, why) in [
        (json!([]), BadSigningKeys::NotASet),
        (json!({ "keys": [] }), BadSigningKeys::Count),
        (json!({ "keys": [one, one, one, one, one] }), BadSigningKeys::Count),
        (json!({ "keys": [one, one] }), BadSigningKeys::Kid),
        (with("d", json!("zqx")), BadSigningKeys::Secret),
        (json!({ "keys": [{ "kty": "oct", "kid": "a", "k": "enF4" }] }), BadSigningKeys::Secret),
        (with("crv", json!("X25519")), BadSigningKeys::Kind),
        (with("kty", json!("zqx")), BadSigningKeys::Kind),
        (with("kid", json!("a b")), BadSigningKeys::Kid),
    ] {
        assert_eq!(check(set), Some(why));
    }
}
