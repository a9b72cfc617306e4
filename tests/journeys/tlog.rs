//! The ledger read by tools of others: `tests/ledger/tlog.go`, with Go's golang.org/x/mod/sumdb/{note,tlog},
//! fetches checkpoint, tiles and entry bundles of the running sandbox and proves every entry to be in the
//! tree, and a later tree to continue an earlier one.

use std::path::{Path, PathBuf};
use std::process::Command;

use egress::Method;

use super::messages::small_child;
use super::sandbox::{fresh_key, program, sandbox};

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/ledger");
/// Where Debian's golang-golang-x-mod-dev puts its sources.
const PACKAGES: &str = "/usr/share/gocode";

/// A program of that folder, built without a network; `None`, with a line on the console, where Go or the
/// package is missing (`ops/test` installs both).
pub fn built(name: &str) -> Option<PathBuf> {
    let beside = program().parent().unwrap().to_owned();
    if !Path::new(PACKAGES).join("src/golang.org/x/mod/sumdb").is_dir() {
        println!("skipped: golang-golang-x-mod-dev is not installed");
        return None;
    }
    let out = beside.join(format!("{name}-of-others"));
    let mut go = Command::new("go");
    go.args(["build", "-o"])
        .arg(&out)
        .arg(format!("{SOURCES}/{name}.go"))
        .env("GOCACHE", beside.join("go-cache"));
    go.env("GO111MODULE", "off").env("GOPATH", PACKAGES).env("GOFLAGS", "").env("GOPROXY", "off");
    match go.output() {
        Ok(said) => assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("skipped: go is not installed");
            return None;
        }
        Err(error) => panic!("cannot run go: {error}"),
    }
    Some(out)
}

/// What it says of the whole ledger, and that it agrees or not.
fn run(tool: &Path, vkey: &str, files: &[&Path]) -> (bool, String) {
    let said = Command::new(tool)
        .args([&sandbox().api, vkey])
        .args(files)
        .env("AMAAN_TOKEN", sandbox().token("cpi"))
        .env("AMAAN_AUDIT_TOKEN", sandbox().token("ncrc-analyst"))
        .output()
        .unwrap();
    (said.status.success(), String::from_utf8([said.stdout, said.stderr].concat()).unwrap())
}

#[test]
fn tools_of_others_verify_the_ledger() {
    let (sandbox, _turn) = (sandbox(), sandbox().beside());
    let Some(tool) = built("tlog") else { return };
    let vkey = sandbox.get("", "/v1/audit/key").ok().text();
    let folder = tempfile::tempdir().unwrap();
    let [before, after] = ["before", "after"].map(|name| folder.path().join(name));
    let (agrees, said) = run(&tool, vkey.trim(), &[&before]);
    assert!(agrees, "{said}");

    let sent = small_child("laja", "SVC-LEGAL").to_string().into_bytes();
    sandbox.call("ictp", Method::Post, "/v1/referrals").key(&fresh_key()).bytes(sent).send().ok();
    let (agrees, said) = run(&tool, vkey.trim(), &[&after, &before]);
    assert!(agrees && said.contains("consistent with"), "{said}");

    // It would have noticed: an older checkpoint of another root, and another key of the same name.
    let forged = std::fs::read_to_string(&before).unwrap().replacen('\n', "\n1", 1);
    std::fs::write(&before, forged).unwrap();
    assert!(!run(&tool, vkey.trim(), &[&after, &before]).0, "a forged checkpoint passes");
    let key = ledger::VerifierKey::parse(vkey.trim()).unwrap();
    let other = ledger::VerifierKey { public: [7; 32], ..key }.to_text();
    assert!(!run(&tool, &other, &[&after]).0, "another key passes");
}
