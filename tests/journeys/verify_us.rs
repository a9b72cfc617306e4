//! README.md, "Verify us": its commands are run word for word against the sandbox, as an outsider types them.

use std::process::Command;

use ledger::VerifierKey;

use super::messages::small_child;
use super::sandbox::{fresh_key, sandbox};

/// The block of commands under the heading.
fn commands() -> String {
    let readme = include_str!("../../README.md");
    let section = readme.split("## Verify us").nth(1).unwrap();
    section.split("```sh\n").nth(1).unwrap().split("```").next().unwrap().to_owned()
}

#[test]
fn an_outsider_verifies_us_with_what_the_readme_says() {
    let _turn = sandbox().beside();
    let has = |words: &[&str]| {
        Command::new(words[0]).args(&words[1..]).output().is_ok_and(|done| done.status.success())
    };
    if !has(&["python3", "-c", "import cryptography"]) || !has(&["curl", "--version"]) {
        println!("skipped: no curl, or no python3 with cryptography");
        return;
    }
    let made = sandbox().post("ictp", "/v1/referrals", &fresh_key(), &small_child("laja", "SVC-LEGAL"));
    let id = made.ok().json()["referrals"][0]["id"].as_str().unwrap().to_owned();
    let folder = tempfile::tempdir().unwrap();
    let ops = format!("{}/../ops", env!("CARGO_MANIFEST_DIR"));
    std::os::unix::fs::symlink(ops, folder.path().join("ops")).unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-eu", "-c", &commands()]).current_dir(folder.path()).env("REFERRAL", &id);
    shell.env("AMAAN_URL", &sandbox().api).env("AMAAN_TOKEN", sandbox().token("ictp"));
    let done = shell.output().unwrap();
    let said = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
    assert!(done.status.success(), "{said}");
    assert!(said.contains(&format!("holds referral={id} side=sender")), "{said}");
    assert!(said.contains("stands in the ledger sandbox.amaan.example"), "{said}");
    // Where the ledger's key has changed the file has more lines, and the same commands hold.
    let vkeys = folder.path().join("ledger.vkey");
    let first = VerifierKey { name: "sandbox.amaan.example".to_owned(), public: [7; 32] }.to_text();
    std::fs::write(&vkeys, format!("{}{first}\n", std::fs::read_to_string(&vkeys).unwrap())).unwrap();
    let again: Vec<String> =
        commands().lines().filter(|line| line.starts_with("python3")).map(str::to_owned).collect();
    let done =
        Command::new("sh").args(["-euc", &again.join("\n")]).current_dir(folder.path()).output().unwrap();
    assert!(again.len() == 2 && done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
    // As the README says: a byte changed is a byte seen.
    let receipt = folder.path().join("receipt.json");
    let text = std::fs::read_to_string(&receipt).unwrap();
    std::fs::write(&receipt, text.replacen("request.submitted", "request.submittee", 1)).unwrap();
    let again = "python3 ops/verify_receipt.py --ledger-key \"$(cat ledger.vkey)\" receipt.json";
    let done = Command::new("sh").args(["-c", again]).current_dir(folder.path()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&done.stdout), "DOES NOT HOLD: inclusion\n");
}
