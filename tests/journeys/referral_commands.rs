//! `amaan referral` against the running sandbox: `send` sends once however often it is run, `preview` and
//! `disclosures` print names and categories and no word of the child.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::messages::small_child;
use super::sandbox::{program, sandbox};

struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

fn amaan(client: &str, words: &[&str]) -> Said {
    let mut command = Command::new(program());
    command.args(["referral", "--url", &sandbox().api]).args(words);
    if words.contains(&"send") {
        // The police have a signing key here, and are refused without it.
        command.arg("--sign-key").arg(sandbox().dir.join("ictp.signing.key"));
        command.args(["--kid", "ictp-1", "--agency", "ictp"]);
    }
    let done = command.env("AMAAN_TOKEN", sandbox().token(client)).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { code: done.status.code(), out: text(done.stdout), err: text(done.stderr) }
}

/// A message of the police for the shelter, in a file.
fn message(dir: &Path) -> String {
    let path = dir.join("message.json");
    std::fs::write(&path, small_child("cpi", "SVC-SHELTER").to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_referral_is_sent_once_however_often_it_is_run() {
    let _turn = sandbox().beside();
    let dir = tempfile::tempdir().unwrap();
    let file = message(dir.path());
    let first = amaan("ictp", &["send", &file, "--json"]);
    assert_eq!(first.code, Some(0), "{}", first.err);
    let told: Value = serde_json::from_str(&first.out).unwrap();
    assert!(told["receipt"]["tlog_proof"].is_string() && told["receipt"]["opening"].is_string(), "{told}");
    let key = dir.path().join("message.json.key");
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);

    let again = amaan("ictp", &["send", &file, "--json"]);
    assert_eq!((again.code, &again.out), (Some(0), &first.out), "the same receipt: {}", again.err);
    let words = amaan("ictp", &["send", &file]);
    let id = told["referrals"][0]["id"].as_str().unwrap();
    let reference = told["case"]["reference"].as_str().unwrap();
    assert!(words.out.contains(id) && words.out.contains(reference), "{}", words.out);
    assert!(words.out.lines().last().unwrap().starts_with("receipt {"), "{}", words.out);

    // Another message under the same key is another request, and refused.
    let mut other = small_child("cpi", "SVC-SHELTER");
    other["priority"] = json!("urgent");
    std::fs::write(&file, other.to_string()).unwrap();
    let reused = amaan("ictp", &["send", &file]);
    assert_eq!(reused.code, Some(1), "{}", reused.out);
    assert!(reused.err.contains("idempotency-key-reused") && reused.err.contains(".key"), "{}", reused.err);
    let elsewhere = dir.path().join("other.key");
    let sent = amaan("ictp", &["send", &file, "--json", "--key-file", elsewhere.to_str().unwrap()]);
    let sent: Value = serde_json::from_str(&sent.out).unwrap();
    assert_ne!(sent["request"], told["request"]);
    assert_eq!(amaan("ictp", &["send", "/nowhere/at/all.json"]).code, Some(2));
}

#[test]
fn what_is_printed_of_a_referral_is_names_and_never_values() {
    let _turn = sandbox().beside();
    let dir = tempfile::tempdir().unwrap();
    let file = message(dir.path());
    let preview = amaan("ictp", &["preview", &file]);
    assert_eq!(preview.code, Some(0), "{}", preview.err);
    assert!(preview.out.starts_with("cpi, asked for SVC-SHELTER\n"), "{}", preview.out);
    assert!(preview.out.contains("/child/name") && preview.out.contains("kept"), "{}", preview.out);

    let sent: Value = serde_json::from_str(&amaan("ictp", &["send", &file, "--json"]).out).unwrap();
    let (case, id) = (sent["case"]["id"].as_str().unwrap(), sent["referrals"][0]["id"].as_str().unwrap());
    sandbox().rests("ictp", id, "referral.request", "delivered");
    let report = amaan("ictp", &["disclosures", case]);
    assert_eq!(report.code, Some(0), "{}", report.err);
    assert!(report.out.contains("cpi  handed-over: referral.request"), "{}", report.out);
    let rows: Value = serde_json::from_str(&amaan("ictp", &["disclosures", case, "--json"]).out).unwrap();
    let to = |agency: &str| rows.as_array().unwrap().iter().any(|row| row["to"] == agency);
    assert!(to("cpi") && !to("laja"), "{rows}");
    let child = amaan("ictp", &["disclosures", case, "--child"]);
    assert!(child.code == Some(0) && child.out.len() <= report.out.len(), "{}", child.out);
    for said in [&preview.out, &report.out, &child.out, &rows.to_string()] {
        assert!(!said.contains("Test Child"), "{said}");
    }
    // A case of others is one that there is none of; what is no id is a mistake of the one who typed it.
    let foreign = amaan("nccia", &["disclosures", case]);
    assert!(foreign.code == Some(1) && foreign.err.contains("not-found"), "{}", foreign.err);
    assert_eq!(amaan("ictp", &["disclosures", "Test Child"]).code, Some(2));
}
