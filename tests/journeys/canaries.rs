//! Words planted in every personal field are searched for wherever something of the hub ends up: databases,
//! write-ahead logs, the broker's folder, logs, metrics, addresses, error answers, temporary files, and
//! copies of both stores as a backup makes them. On whatever parts the journeys run. Traces are watched in
//! `observability::story`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use egress::Method;
use serde_json::{Value, json};

use super::messages::{CANARIES, canary_child};
use super::sandbox::{Sandbox, fresh_key, sandbox};

const TO: &[(&str, &str)] = &[("cpi", "SVC-SHELTER"), ("laja", "SVC-LEGAL"), ("fia-ccw", "SVC-CYBER")];

#[track_caller]
fn nothing_in(place: &str, text: &str) {
    let found: Vec<&str> =
        CANARIES.iter().filter(|(_, word)| text.contains(word)).map(|(name, _)| *name).collect();
    assert_eq!(found, Vec::<&str>::new(), "{place} holds these of the planted words");
}

/// No file under these folders holds a word.
pub fn nothing_under(folders: &[PathBuf]) {
    for folder in folders {
        assert!(folder.is_dir(), "{}", folder.display());
        let mut search = Command::new("grep");
        search.args(["--recursive", "--text", "--fixed-strings", "--files-with-matches", "--no-messages"]);
        // What the simulated agencies wrote down is theirs: they were sent it.
        search.arg("--exclude-dir=agencies");
        CANARIES.iter().for_each(|(_, word)| _ = search.args(["-e", word]));
        let found = search.arg("--").arg(folder).output().unwrap();
        assert!(found.stdout.is_empty(), "in clear in {}", String::from_utf8_lossy(&found.stdout));
    }
}

/// Everything a running sandbox writes: its data, what it said, its temporary files; and the servers'
/// folders.
pub fn nothing_on_the_disks(sandbox: &Sandbox) {
    let own = sandbox.dir.parent().unwrap().to_owned();
    assert!(own.join("out.txt").is_file() || sandbox.dir.join("store").is_dir(), "{}", own.display());
    nothing_under(&[vec![own], sandbox.wiring.disks()].concat());
}

/// Refused in every way a message about a child can be; none of the answers repeats a word.
fn refused_without_an_echo(sandbox: &Sandbox) {
    let whole = canary_child(TO);
    let mut pointers = Vec::new();
    places(&whole, String::new(), &mut pointers);
    assert!(pointers.len() > 30, "{pointers:?}");
    for pointer in pointers {
        for wrong in [json!({ "Canaryaddress": "Canarynarrative" }), json!(["Test Child 7 Canaryname"])] {
            let mut body = whole.clone();
            *body.pointer_mut(&pointer).unwrap() = wrong;
            for path in ["/v1/referrals", "/v1/referrals/preview", "/v1/validate"] {
                let call = sandbox.call("ictp", Method::Post, path).key(&fresh_key());
                let answer = call.json(&body).send();
                assert!((400..500).contains(&answer.status), "{path} {pointer}: {}", answer.status);
                nothing_in(&format!("the refusal of {pointer} by {path}"), &answer.text());
            }
        }
    }
    let mut broken = whole.to_string().into_bytes();
    broken.truncate(broken.len() / 2);
    let doubled =
        format!("{{\"narrative\":\"Canarynarrative\",{}", whole.to_string().trim_start_matches('{'));
    for body in [broken, doubled.into_bytes(), b"\"Canarynarrative".to_vec()] {
        let answer = sandbox.call("ictp", Method::Post, "/v1/referrals").key(&fresh_key()).bytes(body).send();
        assert!((400..500).contains(&answer.status), "{}", answer.status);
        nothing_in("the refusal of what is no JSON", &answer.text());
    }
}

fn places(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| places(member, format!("{at}/{name}"), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| places(item, format!("{at}/{index}"), found));
        }
        _ => found.push(at),
    }
}

/// Words in addresses: neither answered nor, as the search of the logs says, written down.
fn asked_for_by_name(sandbox: &Sandbox) {
    for path in [
        "/v1/referrals/Canaryaddress",
        "/v1/cases/Canaryaddress/looks",
        "/v1/referrals?cursor=Canarynarrative",
        "/v1/referrals?Canarynarrative=1",
        "/v1/events?after=Canarytimes",
        "/Canaryaddress/Canarynarrative",
        "/v1/directory?service=Canaryaddress",
    ] {
        let answer = sandbox.get("ictp", path);
        assert!((400..500).contains(&answer.status), "{path}: {}", answer.status);
        nothing_in(path, &answer.text());
    }
}

fn planted(sandbox: &Sandbox) {
    let made = sandbox.post("ictp", "/v1/referrals", &fresh_key(), &canary_child(TO)).ok();
    nothing_in("an address", made.header("location").unwrap_or_default());
    nothing_in("the answer to the sender", &made.text());
    let made = made.json();
    for referral in made["referrals"].as_array().unwrap() {
        let id = referral["id"].as_str().unwrap();
        sandbox.rests("ictp", id, "referral.request", "delivered");
    }
    let draft =
        sandbox.post("ictp", "/v1/drafts", &fresh_key(), &canary_child(&[("cpi", "SVC-SHELTER")])).ok();
    nothing_in("the answer to who wrote a draft", &draft.text());
    let case = made["case"]["id"].as_str().unwrap();
    let number = CANARIES.iter().find(|(name, _)| *name == "cnic").unwrap().1;
    let asked = json!({
        "schema": "identity.check/v1", "case": case, "purpose": "guardian-verification",
        "basis": "best-interests", "subject": { "id_number": number, "name": "Test Guardian Canary" },
    });
    let answer = sandbox.post("ictp", "/v1/identity-checks", &fresh_key(), &asked).ok();
    nothing_in("the answer of an identity check", &answer.text());
    for path in ["", "/looks", "/disclosures", "/disclosures?for=child"] {
        let path = format!("/v1/cases/{case}{path}");
        nothing_in(&path, &sandbox.get("ictp", &path).ok().text());
    }
    nothing_in("events", &sandbox.get("ictp", "/v1/events").ok().text());
}

/// Copies as a backup makes them, and what they say in words.
fn nothing_in_backups(sandbox: &Sandbox) {
    let copies = tempfile::tempdir().unwrap();
    match sandbox.wiring.store_url() {
        None => copy_files(&sandbox.dir.join("store"), copies.path()),
        Some((url, authority)) => dump_databases(&url, &authority, &sandbox.own(), copies.path()),
    }
    let count = std::fs::read_dir(copies.path()).unwrap().count();
    assert!(count >= 2, "main and keys were copied: {count}");
    nothing_under(&[copies.path().to_owned()]);
}

fn copy_files(store: &Path, to: &Path) {
    const SCRIPT: &str = "import sqlite3, sys, pathlib\n\
        for name in ('amaan.db', 'keys.db'):\n\
        \x20   source = sqlite3.connect(f'file:{sys.argv[1]}/{name}?mode=ro', uri=True)\n\
        \x20   copy = sqlite3.connect(f'{sys.argv[2]}/{name}')\n\
        \x20   source.backup(copy)\n\
        \x20   text = '\\n'.join(copy.iterdump())\n\
        \x20   pathlib.Path(f'{sys.argv[2]}/{name}.sql').write_text(text)\n";
    done(Command::new("python3").args(["-c", SCRIPT]).arg(store).arg(to).output().unwrap());
}

fn dump_databases(url: &str, authority: &Path, own: &str, to: &Path) {
    let tool = |name: &str| {
        let mut command = Command::new(name);
        command.env("PGSSLMODE", "verify-ca").env("PGSSLROOTCERT", authority);
        command
    };
    let list = "SELECT datname FROM pg_database WHERE NOT datistemplate";
    let names = done(tool("psql").args([url, "-AtXc", list]).output().unwrap());
    let names = String::from_utf8(names).unwrap();
    for name in names.lines().filter(|name| name.contains(own)) {
        let (server, _) = url.rsplit_once('/').unwrap();
        let file = to.join(format!("{name}.sql"));
        done(
            tool("pg_dump")
                .arg(format!("--dbname={server}/{name}"))
                .arg("--file")
                .arg(file)
                .output()
                .unwrap(),
        );
    }
}

#[track_caller]
fn done(output: Output) -> Vec<u8> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn no_place_keeps_a_word_of_a_child_in_clear() {
    let (sandbox, _turn) = (sandbox(), sandbox().beside());
    planted(sandbox);
    refused_without_an_echo(sandbox);
    asked_for_by_name(sandbox);
    nothing_in("the metrics", &sandbox.get("", "/metrics").ok().text());
    nothing_in("the ledger", &json!(sandbox.entries_from(0)).to_string());
    nothing_on_the_disks(sandbox);
    nothing_in_backups(sandbox);
}
