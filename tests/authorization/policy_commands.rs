//! `amaan policy`: a set that is sound, one whose tables do not hold, one that does not parse; explanations;
//! what is said of a hub that runs. Exit codes and texts are a snapshot.

use std::fmt::Write;
use std::path::Path;

use super::command_lines::said;

/// The repository's set in a folder, with a change.
fn set(folder: &Path, name: &str, file: &str, from: &str, to: &str) {
    let (own, dir) = (Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../policies")), folder.join(name));
    std::fs::create_dir_all(dir.join("tests")).unwrap();
    for part in ["", "tests"] {
        for found in std::fs::read_dir(own.join(part)).unwrap() {
            let path = found.unwrap().path();
            if path.is_file() {
                std::fs::copy(&path, dir.join(part).join(path.file_name().unwrap())).unwrap();
            }
        }
    }
    let text = std::fs::read_to_string(dir.join(file)).unwrap();
    assert!(from.is_empty() || text.contains(from), "{file}: {from}");
    std::fs::write(dir.join(file), if from.is_empty() { text } else { text.replacen(from, to, 1) }).unwrap();
}

#[test]
fn policy_commands_say_what_holds_and_why() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    set(path, "good", "oversight.cedar", "", "");
    set(path, "over", "oversight.cedar", "2025-01-01 to open", "2025-01-01 to 2025-06-30");
    set(path, "late", "missing-child.cedar", "2025-01-01 to open", "2030-01-01 to open");
    set(path, "broken", "oversight.cedar", "Role::\"analyst\"", "Role::\"analist\"");
    set(path, "denied", "tests/oversight.toml", "expect = \"permitted\"", "expect = \"denied\"");
    let explain = "policy explain ictp send zarra --message referral.request --service SVC-ALERT --purpose \
                   protection --basis statutory --on 2026-06-15";
    let lines: &[(i32, String)] = &[
        (0, "policy test --dir good".into()),
        (0, "policy test --dir over".into()),
        (0, "policy test --dir late".into()),
        (1, "policy test --dir broken".into()),
        (1, "policy test --dir denied".into()),
        (1, "policy test --dir absent".into()),
        (0, format!("{explain} --dir good")),
        (0, format!("{explain} --dir late")),
        (0, "policy explain ncrc read-audit --role analyst --dir over --on 2026-06-15".into()),
        (0, "policy explain cpi answer ictp --message identity.check --on 2026-06-15 --dir good".into()),
        (2, "policy explain ictp sned zarra --dir good".into()),
        (2, "policy explain ictp send zarra --dir good --urgency soon".into()),
        (2, "policy explain ictp send zarra --dir good --on yesterday".into()),
        (1, "policy diff --dir denied --url http://127.0.0.1:1 --token x".into()),
        (1, "policy propose --dir good --url http://127.0.0.1:1 --token x".into()),
    ];
    let mut text = String::new();
    for (code, line) in lines {
        let (ended, said) = said(path, line);
        assert_eq!(ended, Some(*code), "{line}: {said}");
        writeln!(text, "$ amaan {line}\n{said}").unwrap();
    }
    // The digest moves with every word of an agreement; what it is does not matter here.
    let mut parts = text.split(", set ");
    let mut shown = parts.next().unwrap().to_owned();
    for part in parts {
        shown.push_str(", set DIGEST");
        shown.push_str(part.trim_start_matches(|letter: char| letter.is_ascii_hexdigit()));
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn policy_test_as_json_lists_every_row() {
    let folder = tempfile::tempdir().unwrap();
    let (code, text) = said(folder.path(), "policy test --json");
    let told: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, told["failing"].as_u64()), (Some(0), Some(0)));
    assert!(told["rows"].as_array().unwrap().len() > 100);
    let (code, text) = said(folder.path(), "policy explain ncrc read-audit --role analyst --json");
    let told: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, told["decision"].as_str()), (Some(0), Some("permitted")));
    assert_eq!(told["because"][0]["policy"], "oversight.ncrc-audit");
}
