//! People at the desk, by a browser that shares no code with the hub: a supervisor signs in at the sandbox's
//! provider, decides an act that takes two, and signs out; a person whom no agency has named gets no
//! further. On the servers' wiring the provider is npm `oidc-provider`, over https.

use std::process::Command;

use serde_json::{Value, json};

use super::messages::step;
use super::sandbox::sandbox;
use super::two_people::{OFFICER, referral_as, shown};

/// What the pages said; none without Python.
fn browse(person: &str, more: &[&str]) -> Option<Value> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/journeys/browser.py");
    let mut command = Command::new("python3");
    command.arg(script).args([&sandbox().api, person]).args(more);
    if let (Ok("production"), Ok(ca)) =
        (std::env::var("AMAAN_TEST_WIRING").as_deref(), std::env::var("AMAAN_CA_FILE"))
    {
        command.args(["--ca", &ca]);
    }
    match command.output() {
        Ok(said) => {
            assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
            Some(serde_json::from_slice(&said.stdout).unwrap())
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("skipped: no python3");
            None
        }
        Err(error) => panic!("cannot run python3: {error}"),
    }
}

#[test]
fn a_supervisor_decides_an_act_at_the_desk() {
    let _turn = sandbox().beside();
    let id = shown();
    let asked = sandbox().step(OFFICER, &id, "void", &step("void"));
    assert_eq!(asked.status, 202, "{}", asked.text());
    let approval = asked.json()["id"].as_str().unwrap().to_owned();
    let Some(said) = browse("ictp-supervisor", &["--decide", &approval, "approve"]) else { return };
    assert_eq!(said["in"], json!([200, "Your desk"]), "{said}");
    assert_eq!(said["facts"]["Roles"], "supervisor", "{said}");
    assert_eq!(said["confirmed"], json!([200, "A referral that never should have been"]), "{said}");
    assert_eq!(said["old form"], json!([403, "This was not done"]), "its session has a new secret: {said}");
    assert_eq!(said["decided"], json!([200, "approved"]), "{said}");
    assert_eq!(said["out"], json!([200, "You are signed out"]), "{said}");
    assert_eq!(said["after"], json!([200, "Sign in"]), "{said}");
    assert_eq!(referral_as("ictp", &id)["status"], "entered-in-error");
    // Its receiver removes it, so that no other test meets it open.
    sandbox().rests("ictp", &id, "referral.void", "delivered");
    sandbox().sim("laja", "act", Some(&json!({ "referral": id, "action": "purged" })));
}

#[test]
fn whoever_no_agency_has_named_gets_no_further() {
    let _turn = sandbox().beside();
    let Some(said) = browse("a-stranger", &[]) else { return };
    assert_eq!(said["in"], json!([403, "You could not be signed in"]), "{said}");
    assert_eq!(said["out"], Value::Null, "{said}");
}
