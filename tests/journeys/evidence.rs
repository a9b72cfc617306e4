//! Evidence of a referral from the running sandbox: both agencies fetch theirs, and the program and a
//! verifier that shares no code with it (`ops/verify_bundle.py`) say the same of it; nobody else gets any,
//! and a change shows.

use std::path::{Path, PathBuf};
use std::process::Command;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use egress::Method;
use serde_json::{Value, json};

use super::messages::{CANARIES, canary_child, small_child, step};
use super::sandbox::{fresh_key, program, sandbox};

/// A referral of the police to LAJA, accepted, worked on and ended; the bytes that the police sent.
fn ended() -> (String, Vec<u8>) {
    let sent = format!("{:#}\n", canary_child(&[("laja", "SVC-LEGAL"), ("cpi", "SVC-SHELTER")])).into_bytes();
    let call = sandbox().call("ictp", Method::Post, "/v1/referrals").key(&fresh_key());
    let made = call.bytes(sent.clone()).send().ok().json();
    let id = made["referrals"][0]["id"].as_str().unwrap().to_owned();
    sandbox().rests("laja", &id, "referral.request", "delivered");
    for action in ["received", "accept", "progress", "outcome"] {
        sandbox().step("laja", &id, action, &step(action)).ok();
    }
    sandbox().rests("laja", &id, "referral.outcome", "delivered");
    sandbox().step("ictp", &id, "feedback", &step("feedback")).ok();
    (id, sent)
}

fn fetched(folder: &Path, client: &str, id: &str) -> (PathBuf, Vec<Value>) {
    let file = folder.join(format!("{client}.jsonl"));
    let bundle = sandbox().get(client, &format!("/v1/referrals/{id}/evidence")).ok();
    assert_eq!(bundle.header("content-type"), Some("application/x-ndjson"));
    std::fs::write(&file, &bundle.bytes).unwrap();
    (file, bundle.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// Keys as they are known from elsewhere.
fn keys(folder: &Path) -> Vec<String> {
    let (hub, agencies) = (folder.join("hub.json"), folder.join("agencies.json"));
    std::fs::write(&hub, sandbox().get("", "/v1/keys").ok().text()).unwrap();
    let public = |agency: &str| {
        let pkcs8 = hex::decode(sandbox().plan["signing_keys"][agency].as_str()?).unwrap();
        let pen = seal::NoteKey::from_pkcs8(format!("{agency}-1"), &pkcs8).unwrap();
        Some(identity::SigningKeys::set_of(&pen)["keys"][0].clone())
    };
    let all: Vec<Value> = ["ictp", "laja"].into_iter().filter_map(public).collect();
    std::fs::write(&agencies, json!({ "keys": all }).to_string()).unwrap();
    let vkey = sandbox().get("", "/v1/audit/key").ok().text();
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let options = ["--ledger-key", vkey.trim(), "--hub-keys", &text(&hub), "--agency-keys", &text(&agencies)];
    options.map(str::to_owned).to_vec()
}

fn said(mut command: Command, file: &Path, options: &[String]) -> (Option<i32>, String) {
    let done = command.args(options).arg(file).output().unwrap();
    let text = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
    (done.status.code(), text)
}

fn by_program(file: &Path, options: &[String]) -> (Option<i32>, String) {
    let mut command = Command::new(program());
    command.args(["audit", "verify", "bundle"]);
    said(command, file, options)
}

/// `None` where there is no Python with `cryptography` (`ops/test` installs it).
fn by_python(file: &Path, options: &[String]) -> Option<(Option<i32>, String)> {
    let known = Command::new("python3").args(["-c", "import cryptography"]).output();
    if !known.is_ok_and(|done| done.status.success()) {
        println!("skipped: no python3 with cryptography");
        return None;
    }
    let mut command = Command::new("python3");
    command.arg(format!("{}/../ops/verify_bundle.py", env!("CARGO_MANIFEST_DIR")));
    Some(said(command, file, options))
}

/// What both say of a file: the first line is the verdict.
fn verdict(file: &Path, options: &[String]) -> (Option<i32>, String) {
    let (code, text) = by_program(file, options);
    let first = text.lines().next().unwrap_or_default().to_owned();
    if let Some((other, python)) = by_python(file, options) {
        assert_eq!((other, python.lines().next()), (code, Some(first.as_str())), "{python}{text}");
    }
    (code, first)
}

#[test]
fn each_side_has_evidence_that_two_verifiers_believe() {
    let _turn = sandbox().beside();
    let folder = tempfile::tempdir().unwrap();
    let (id, sent) = ended();
    let options = keys(folder.path());
    for (client, side) in [("ictp", "sender"), ("laja", "receiver")] {
        let (file, lines) = fetched(folder.path(), client, &id);
        let (code, first) = verdict(&file, &options);
        assert_eq!(code, Some(0), "{first}");
        assert!(first.starts_with(&format!("holds referral={id} side={side} ")), "{first}");
        assert!(first.ends_with("ledger-key=given hub-key=given agency-key=given"), "{first}");
        assert!(verdict(&file, &[]).1.ends_with("ledger-key=bundle hub-key=bundle agency-key=bundle"));
        let kinds: Vec<Value> = lines.iter().filter_map(|line| line["leaf"].as_str()).map(kind).collect();
        assert_eq!(kinds.contains(&json!("request.submitted")), side == "sender", "{kinds:?}");
        let own: Vec<Vec<u8>> = lines.iter().filter_map(|line| line["body"].as_str()).map(decoded).collect();
        assert_eq!(own.contains(&sent), side == "sender", "the exact bytes are their sender's");
        let copies: Vec<String> =
            lines.iter().filter_map(|line| line["signed"].as_str()).map(inside).collect();
        assert!(
            !copies.is_empty() && lines.iter().all(|line| line["copy"].is_null() || line["body"].is_null())
        );
        // Legal aid may not know of the shelter, nor what its mask withholds.
        let withheld = CANARIES.iter().filter(|(name, _)| ["evidence", "custodian", "handle"].contains(name));
        let shown = |word: &str| copies.iter().any(|copy| copy.contains(word));
        assert!(
            withheld.map(|(_, word)| word).chain(&["SVC-SHELTER"]).all(|word| !shown(word)),
            "{copies:?}"
        );
    }
}

fn kind(leaf: &str) -> Value {
    serde_json::from_str::<Value>(leaf).unwrap()["event"]["kind"].clone()
}

fn decoded(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn inside(jws: &str) -> String {
    String::from_utf8(decoded(jws.split('.').nth(1).unwrap())).unwrap()
}

#[test]
fn what_is_changed_or_checked_with_other_keys_does_not_hold() {
    let _turn = sandbox().beside();
    let folder = tempfile::tempdir().unwrap();
    let (id, _) = ended();
    let (file, _) = fetched(folder.path(), "ictp", &id);
    let text = std::fs::read_to_string(&file).unwrap();
    let changed = folder.path().join("changed.jsonl");
    let last = text.trim_end().rfind('\n').unwrap();
    for (what, other, reason) in [
        (
            "who asked",
            text.replacen("\"asked_by\":\"ictp\"", "\"asked_by\":\"laja\"", 1),
            "line=3 reason=other-referral",
        ),
        ("a time", text.replacen("\"made\":\"2", "\"made\":\"3", 1), "reason=seal"),
        (
            "a line is gone",
            text.lines()
                .enumerate()
                .filter(|(at, _)| *at != 5)
                .map(|(_, line)| format!("{line}\n"))
                .collect(),
            "reason=",
        ),
        ("it ends early", text[..=last].to_owned(), "reason=ends-early"),
        ("a space", text.replacen(",\"hub\"", ", \"hub\"", 1), "line=1 reason=form"),
    ] {
        std::fs::write(&changed, other).unwrap();
        let (code, first) = verdict(&changed, &[]);
        assert!(
            code == Some(1) && first.starts_with("refused ") && first.contains(reason),
            "{what}: {first}"
        );
    }
    let vkey = sandbox().get("", "/v1/audit/key").ok().text();
    let key = ledger::VerifierKey::parse(vkey.trim()).unwrap();
    let other = ledger::VerifierKey { public: [7; 32], ..key }.to_text();
    let (code, first) = verdict(&file, &["--ledger-key".to_owned(), other]);
    assert_eq!((code, first.as_str()), (Some(1), "refused line=3 reason=other-key"));
}

#[test]
fn it_is_a_look_and_nobody_elses() {
    let _turn = sandbox().beside();
    let (id, _) = ended();
    let folder = tempfile::tempdir().unwrap();
    let (_, lines) = fetched(folder.path(), "laja", &id);
    let look = lines[0]["look"].as_u64().unwrap();
    let found = sandbox().entries_from(look);
    let event = &found[0]["entry"]["event"];
    assert_eq!(
        (&event["kind"], &event["what"], &event["subject"], &event["agency"]),
        (&json!("read"), &json!("evidence"), &json!(id), &json!("laja"))
    );
    assert!(event["categories"].as_array().is_some_and(|shown| !shown.is_empty()), "{event}");
    let strange = sandbox().get("cpi", &format!("/v1/referrals/{id}/evidence"));
    let nobody = sandbox().get("cpi", "/v1/referrals/rf_00000000000070008000000000000000/evidence");
    assert_eq!((strange.status, strange.slug()), (404, "not-found".to_owned()));
    assert_eq!((nobody.status, nobody.slug()), (404, "not-found".to_owned()));
}

#[test]
fn it_can_be_printed() {
    let _turn = sandbox().beside();
    let (id, _) = ended();
    let folder = tempfile::tempdir().unwrap();
    let (file, _) = fetched(folder.path(), "ictp", &id);
    for (lang, word) in [("en", "What is NOT proven"), ("ur", "کیا ثابت نہیں")] {
        let page = folder.path().join(format!("{lang}.html"));
        let options = ["--html", page.to_str().unwrap(), "--lang", lang].map(str::to_owned);
        assert_eq!(by_program(&file, &options).0, Some(0));
        let text = std::fs::read_to_string(&page).unwrap();
        assert!(text.contains(word) && text.contains(&id) && text.contains("Canarynarrative"), "{lang}");
        assert!(
            !text.contains("<script") && !text.contains("src=") && !text.contains("href="),
            "it stands alone"
        );
    }
}

#[test]
fn a_draft_and_a_consent_taken_back_have_evidence_too() {
    let _turn = sandbox().beside();
    let folder = tempfile::tempdir().unwrap();
    let mut body = small_child("laja", "SVC-LEGAL");
    body["consent"] = json!({ "basis": "consent", "given_by": "child", "scope": "this-case" });
    let made = sandbox().post("ictp", "/v1/drafts", &fresh_key(), &body).ok().json();
    let (id, case) = (made["referrals"][0]["id"].as_str().unwrap(), made["case"]["id"].as_str().unwrap());
    assert!(
        verdict(&fetched(folder.path(), "ictp", id).0, &[]).1.contains(" entries=2 messages=1 signed=1 ")
    );
    assert_eq!(sandbox().get("laja", &format!("/v1/referrals/{id}/evidence")).status, 404);
    sandbox().step("ictp", id, "send", &step("send")).ok();
    sandbox().rests("laja", id, "referral.request", "delivered");
    sandbox().step("laja", id, "accept", &step("accept")).ok();
    let before = verdict(&fetched(folder.path(), "laja", id).0, &[]).1;
    assert!(
        before.starts_with("holds ") && before.contains(" messages=1 signed=1 unkeyed=0 copies=1 "),
        "{before}"
    );

    let said = json!({ "schema": "consent.revoked/v1", "said_by": "child", "said_on": "2026-11-20" });
    sandbox().post("ictp", &format!("/v1/cases/{case}/consent/revoke"), &fresh_key(), &said).ok();
    let sender = verdict(&fetched(folder.path(), "ictp", id).0, &[]).1;
    assert!(sender.starts_with("holds ") && sender.contains(" messages=2 signed=2 "), "{sender}");
    // What happened stays proven; what was said is shown to the receiver no more.
    let after = verdict(&fetched(folder.path(), "laja", id).0, &[]).1;
    assert!(
        after.starts_with("holds ") && after.contains(" messages=0 signed=0 unkeyed=0 copies=0 "),
        "{after}"
    );
}
