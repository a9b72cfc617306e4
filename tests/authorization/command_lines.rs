//! Bad command lines: exit code 2 where it was asked wrongly, 1 where it failed, and a text that says what,
//! where and what to do. The texts are a snapshot.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use crate::journeys::sandbox::{program, sandbox};

/// A delivery id of the right form.
const ID: &str = "dl_00000000000070008000000000000000";

/// Runs the program in a folder; gives exit code and what it said on both streams.
pub fn said(folder: &Path, line: &str) -> (Option<i32>, String) {
    let mut command = Command::new(program());
    command.current_dir(folder).args(line.split(' ').filter(|word| !word.is_empty()));
    command.env_remove("AMAAN_URL").env_remove("AMAAN_TOKEN").env_remove("AMAAN_CA_FILE");
    command.env_remove("AMAAN_ISSUER_CLIENTS");
    let done = command.output().unwrap();
    let text = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
    (done.status.code(), text)
}

/// A folder with things that are not what they should be.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    std::fs::create_dir(path.join("empty")).unwrap();
    std::fs::create_dir(path.join("torn")).unwrap();
    std::fs::write(path.join("torn/sandbox.json"), "{").unwrap();
    std::fs::write(path.join("file.txt"), "invented\n").unwrap();
    std::fs::write(path.join("hub.toml"), "[hub]\nname = \"amaan.example.org\"\n").unwrap();
    std::fs::write(path.join("other.json"), "{\"receipt\":{}}").unwrap();
    folder
}

#[test]
fn bad_command_lines_say_what_to_do() {
    let _turn = sandbox().beside();
    let folder = folder();
    let (data, api) = (sandbox().dir.to_str().unwrap(), &sandbox().api);
    let lines: &[(i32, &str)] = &[
        (2, "frobnicate"),
        (2, "sandbox --past=-1"),
        (2, "sandbox --past many"),
        (2, "sandbox --past 100001"),
        (2, "sandbox --date x"),
        (1, "sandbox --past 0 --exit --data file.txt"),
        (1, "sandbox --past 0 --exit --data torn"),
        (1, "sandbox --past 0 --exit --data DATA"),
        (2, "audit verify"),
        (1, "audit verify --data empty"),
        (1, "audit verify --data absent"),
        (2, "audit verify --data DATA --checkpoint absent.txt"),
        (2, "audit verify --data DATA --checkpoint file.txt"),
        (2, "audit verify --data DATA --checkpoint other.json"),
        (2, "audit verify --data DATA --vkey nonsense"),
        (2, "serve --config hub.toml --role delivery"),
        (2, "serve --config hub.toml --role api,pages --role oversight"),
        (2, "serve --config hub.toml --role deliveries"),
        (1, "serve --config hub.toml --role api,pages,delivery,oversight"),
        (2, "doctor"),
        (2, "doctor --config absent.toml"),
        (2, "migrate --config absent.toml"),
        (2, "migrate --config hub.toml --down 0"),
        (2, "migrate --config hub.toml --down 1 --check"),
        (2, "migrate --config hub.toml --drop-data"),
        (2, "dead-letter list"),
        (2, "dead-letter --url nonsense --token t list"),
        (1, "dead-letter --url http://127.0.0.1:1 --token t list"),
        (1, "dead-letter --url API --token t list"),
        (2, "dead-letter --url API --token t replay rf_1"),
        (2, "dead-letter --url API --token t resolve ID --as maybe --reason told"),
        (2, "dead-letter --url API --token t resolve ID --as delivered"),
    ];
    // Help texts change with every new command: only their exit code is kept.
    for line in ["", "audit", "dead-letter"] {
        let (code, text) = said(folder.path(), line);
        assert!(code == Some(2) && text.contains("Usage: amaan"), "amaan {line}\n{text}");
    }
    let mut report = String::new();
    for (code, line) in lines {
        let whole = line.replace("DATA", data).replace("API", api).replace("ID", ID);
        let (found, text) = said(folder.path(), &whole);
        assert_eq!(found, Some(*code), "amaan {line}\n{text}");
        let text = text.replace(data, "DATA").replace(api.as_str(), "API");
        writeln!(report, "$ amaan {line}\n{}\n[exit {code}]\n", text.trim_end()).unwrap();
    }
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("command-lines", report);
    });
}

#[test]
fn a_token_that_is_not_believed_is_said_so() {
    let _turn = sandbox().beside();
    let folder = folder();
    let api = &sandbox().api;
    let (code, text) =
        said(folder.path(), &format!("dead-letter --url {api} --token {} replay {ID}", token("")));
    assert_eq!(code, Some(1));
    assert!(text.contains("the hub said 404: Not found"), "{text}");
    let (code, text) =
        said(folder.path(), &format!("dead-letter --url {api} --token {} list", token("referral.send")));
    assert_eq!(code, Some(1));
    assert!(text.contains("the hub said 403: The token lacks a scope"), "{text}");
    let (code, text) =
        said(folder.path(), &format!("dead-letter --url {api} --token {} list --json", token("")));
    assert_eq!(code, Some(0), "{text}");
}

fn token(scope: &str) -> String {
    sandbox().fresh_token("ictp", scope)
}
