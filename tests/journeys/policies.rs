//! An operator looks at the policies in force, and puts a stricter set beside them, by the command line: what
//! the last decisions of the sandbox would have been. Nothing is changed by looking.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::sandbox::{program, sandbox};

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
    sandbox().get("ictp", "/v1/policies").problem(403, "not-permitted");
    sandbox().get("ncrc-analyst", "/v1/policies").ok();
}
