//! An operator looks at the policies in force, and puts a stricter set beside them, by the command line: what
//! the last decisions of the sandbox would have been. Nothing is changed by looking.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::sandbox::{program, sandbox, within};

fn amaan(words: &[&str]) -> (Option<i32>, String) {
    let token = sandbox().token("operator");
    let mut command = Command::new(program());
    command.args(words).args(["--url", &sandbox().api, "--token", &token]);
    let done = command.output().unwrap();
    (done.status.code(), String::from_utf8([done.stdout, done.stderr].concat()).unwrap())
}

/// The repository's set, in which the cyber-crime agency may ask nobody for police protection any more.
fn stricter(dir: &Path) {
    let own = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../policies"));
    std::fs::create_dir(dir.join("tests")).unwrap();
    for part in ["", "tests"] {
        for found in std::fs::read_dir(own.join(part)).unwrap() {
            let path = found.unwrap().path();
            if path.is_file() {
                std::fs::copy(&path, dir.join(part).join(path.file_name().unwrap())).unwrap();
            }
        }
    }
    // Over before the sandbox began: none of its permissions counts any more.
    let file = dir.join("online-exploitation.cedar");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("2025-01-01 to open", "2025-01-01 to 2025-06-30", 1)).unwrap();
}

#[test]
fn what_another_set_would_have_decided_is_shown_and_nothing_changes() {
    let _turn = sandbox().beside();
    let (code, before) = amaan(&["policy", "show"]);
    assert_eq!(code, Some(0), "{before}");
    assert!(before.contains("(the program's own)") && before.contains("oversight: in-force"), "{before}");

    let dir = tempfile::tempdir().unwrap();
    stricter(dir.path());
    let (code, text) = amaan(&["policy", "diff", "--json", "--dir", dir.path().to_str().unwrap()]);
    let told: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
    assert_eq!((code, told["newly_permitted"].as_u64()), (Some(0), Some(0)));
    let count = |member: &str| told[member].as_u64().unwrap();
    assert!(count("decisions") > 10 && count("newly_denied") > 0, "{text}");
    assert!(count("newly_denied") < count("decisions"), "other agreements still bind: {text}");
    let first = &told["differences"][0];
    assert_eq!((first["was"].as_str(), first["becomes"].as_str()), (Some("permitted"), Some("denied")));
    assert!(first["was_by"][0].as_str().unwrap().starts_with("online-exploitation."), "{first}");
    let (_, text) = amaan(&["policy", "diff", "--last", "5", "--dir", dir.path().to_str().unwrap()]);
    assert!(text.contains("of 5 past decision(s), 0 would be permitted that are not"), "{text}");
    assert_eq!(amaan(&["policy", "show"]).1, before);
    sandbox().get("ncrc-analyst", "/v1/policies").ok();
}

/// The repository's set, in which the police's system may look at the policies.
fn looser(dir: &Path) {
    stricter(dir);
    let own = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../policies/online-exploitation.cedar"));
    std::fs::copy(own, dir.join("online-exploitation.cedar")).unwrap();
    let file = dir.join("hub-operation.cedar");
    let mut text = std::fs::read_to_string(&file).unwrap();
    text.push_str(
        "\n@id(\"hub-operation.police-look\")\n@title(\"Police may look at the policies.\")\n\
         permit (principal == Agency::\"ictp\", action == Action::\"manage_policies\", resource);\n",
    );
    std::fs::write(&file, text).unwrap();
}

/// The police ask for the policies and are refused, by an entry of its own: where other tests have used up
/// the ten of this minute, in the next.
fn refused_singly() {
    let mut tried: Option<Instant> = None;
    within(Duration::from_secs(90), "a refusal with an entry of its own", || {
        if tried.is_some_and(|tried| tried.elapsed() < Duration::from_secs(5)) {
            return None;
        }
        tried = Some(Instant::now());
        let size = sandbox().ledger_size();
        sandbox().get("ictp", "/v1/policies").problem(403, "not-permitted");
        let entries = sandbox().entries_from(size);
        entries.iter().any(|line| line["entry"]["event"]["problem"] == "not-permitted").then_some(())
    });
}

#[test]
fn what_was_refused_and_another_set_would_permit_is_shown() {
    let _turn = sandbox().alone();
    refused_singly();
    let dir = tempfile::tempdir().unwrap();
    looser(dir.path());
    let (code, text) = amaan(&["policy", "diff", "--json", "--dir", dir.path().to_str().unwrap()]);
    let told: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
    assert_eq!((code, told["newly_denied"].as_u64()), (Some(0), Some(0)), "{text}");
    assert!(told["refusals"].as_u64() >= told["newly_permitted"].as_u64(), "{text}");
    let [one] = &told["differences"].as_array().unwrap()[..] else { panic!("{text}") };
    assert_eq!(one["asked"], "ictp [system] manage_policies", "{text}");
    assert_eq!((one["was"].as_str(), one["becomes"].as_str()), (Some("denied"), Some("permitted")));
    assert_eq!(one["becomes_by"][0], "hub-operation.police-look", "{text}");
    assert!(one["refused"].as_u64() > Some(0) && one["refused"] == one["times"], "{text}");
    let (_, text) = amaan(&["policy", "diff", "--dir", dir.path().to_str().unwrap()]);
    assert!(text.contains("of them refused then") && text.contains("were refused then"), "{text}");
}
