//! The hub's signature over what it hands out, checked by a verifier that shares no code with it
//! (`ops/verify_copy.py`): what the police fetch from their inbox holds, and nothing of it can be changed.

use std::path::Path;
use std::process::Command;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::messages::small_child;
use super::sandbox::{fresh_key, officer, sandbox, until};

const HUB: &str = "sandbox.amaan.example";

/// What the verifier says of an item, and whether it holds; `None` where there is no Python.
fn judged(folder: &Path, item: &Value, agency: &str) -> Option<(bool, String)> {
    let (keys, file) = (folder.join("keys.json"), folder.join("item.json"));
    std::fs::write(&keys, sandbox().get("", "/v1/keys").ok().text()).unwrap();
    std::fs::write(&file, item.to_string()).unwrap();
    let verifier = format!("{}/../ops/verify_copy.py", env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new("python3");
    command.arg(verifier).args(["--hub", HUB, "--agency", agency, "--keys"]).arg(&keys).arg(&file);
    match command.output() {
        Ok(said) => {
            let text = String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned();
            Some((said.status.success(), text))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => panic!("cannot run python3: {error}"),
    }
}

/// LAJA accepts a referral of the police, with the officer's name, and the police fetch that.
fn fetched() -> (Value, Value) {
    let made = sandbox().post("ictp", "/v1/referrals", &fresh_key(), &small_child("laja", "SVC-LEGAL"));
    let referral = made.ok().json()["referrals"][0]["id"].as_str().unwrap().to_owned();
    let body = json!({ "schema": "referral.accept/v1", "officer": officer(), "local_reference": "L-1" });
    let accepted = sandbox().step("laja", &referral, "accept", &body).ok().json();
    sandbox().rests("laja", &referral, "referral.accept", "delivered");
    let item = until("the police to fetch it", || {
        let seen = sandbox().sim("ictp", &format!("inbox?referral={referral}"), None);
        let all = seen["messages"].as_array().unwrap().clone();
        all.into_iter().map(|effect| effect["seen"].clone()).find(|item| item["signed"].is_string())
    });
    (accepted, item)
}

#[test]
fn a_copy_is_signed_by_the_hub_and_by_nobody_else() {
    let _turn = sandbox().beside();
    let (accepted, item) = fetched();
    let folder = tempfile::tempdir().unwrap();
    let Some((holds, said)) = judged(folder.path(), &item, "ictp") else {
        println!("skipped: no python3");
        return;
    };
    assert!(holds, "{said}");
    // It names the original as the ledger does, so that its sender's receipt is for the same message.
    let entry: Value = serde_json::from_str(accepted["receipt"]["entry"].as_str().unwrap()).unwrap();
    assert!(said.contains(entry["commitment"].as_str().unwrap()), "{said}");
    for (what, changed) in changes(&item) {
        let (holds, said) = judged(folder.path(), &changed, "ictp").unwrap();
        assert!(!holds && said.starts_with("WRONG"), "{what}: {said}");
    }
    assert!(!judged(folder.path(), &item, "cpi").unwrap().0, "it holds for another agency");
}

/// The same item but for one thing.
fn changes(item: &Value) -> Vec<(&'static str, Value)> {
    let parts: Vec<&str> = item["signed"].as_str().unwrap().split('.').collect();
    let with = |signed: String| {
        let mut changed = item.clone();
        changed["signed"] = json!(signed);
        changed
    };
    let decoded =
        |part: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
    let encoded = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let headed = |member: &str, value: Value| {
        let mut head = decoded(parts[0]);
        head[member] = value;
        with(format!("{}.{}.{}", encoded(&head), parts[1], parts[2]))
    };
    let mut payload = decoded(parts[1]);
    payload["local_reference"] = json!("L-2");
    let mut body = item.clone();
    body["body"]["local_reference"] = json!("L-2");
    let mut delivery = item.clone();
    delivery["delivery"] = json!("dl_00000000-0000-4000-8000-000000000000");
    let mut flipped = URL_SAFE_NO_PAD.decode(parts[2]).unwrap();
    flipped[3] ^= 1;
    vec![
        ("another message inside", with(format!("{}.{}.{}", parts[0], encoded(&payload), parts[2]))),
        ("another message beside it", body),
        ("another delivery", delivery),
        ("another original", headed("original", json!("00"))),
        ("less taken out", headed("removed", json!(["/zqx"]))),
        ("another key", headed("kid", json!("copy-zqx"))),
        ("another algorithm", headed("alg", json!("none"))),
        ("another signature", with(format!("{}.{}.{}", parts[0], parts[1], URL_SAFE_NO_PAD.encode(flipped)))),
        ("no signature", with(format!("{}.{}.", parts[0], parts[1]))),
    ]
}
