//! Time passes and nobody answers: who is told, by which agency's own system, and where the child is in the
//! end. A sandbox of its own, because its clock is moved.

use std::process::Command;

use serde_json::{Value, json};

use super::messages::{small_child, step};
use super::sandbox::{Sandbox, fresh_key, program, until};

/// `amaan sandbox clock`, as a person types it.
fn pass(sandbox: &Sandbox, time: &str) -> Value {
    let mut command = Command::new(program());
    let output =
        command.args(["sandbox", "clock", time, "--json", "--data"]).arg(&sandbox.dir).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn referred(sandbox: &Sandbox) -> String {
    let mut body = small_child("laja", "SVC-LEGAL");
    body["priority"] = json!("emergency");
    let made = sandbox.post("ictp", "/v1/referrals", &fresh_key(), &body).ok().json();
    let id = made["referrals"][0]["id"].as_str().unwrap().to_owned();
    sandbox.rests("ictp", &id, "referral.request", "delivered");
    id
}

fn view(sandbox: &Sandbox, id: &str) -> Value {
    sandbox.get("ictp", &format!("/v1/referrals/{id}")).ok().json()
}

fn overdue(sandbox: &Sandbox, agency: &str) -> Vec<String> {
    let page = sandbox.get(agency, "/v1/referrals?overdue=true").ok().json();
    let ids = page["data"].as_array().unwrap().iter();
    ids.map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

/// users-ask 3: a referral that came back to nobody. It has an owner and a running clock, and whoever has to
/// see to it hears of it in their own system.
#[test]
fn users_ask_03_an_unanswered_referral_climbs_its_ladder_and_comes_back() {
    let sandbox = Sandbox::start();
    let id = referred(&sandbox);
    assert!(overdue(&sandbox, "ictp").is_empty(), "nothing is overdue yet");

    let told = pass(&sandbox, "+61m");
    assert!(told["rungs_climbed"].as_u64() >= Some(1), "{told}");
    assert_eq!(overdue(&sandbox, "ictp"), std::slice::from_ref(&id));
    assert_eq!(overdue(&sandbox, "laja"), std::slice::from_ref(&id));
    until("LAJA's own system to have the notice", || {
        sandbox.seen_by("laja", &format!("referral={id}")).contains("referral.overdue").then_some(())
    });
    let clock = view(&sandbox, &id)["clocks"][0].clone();
    assert_eq!((&clock["clock"], &clock["rung"]), (&json!("receive"), &json!(1)), "{clock}");

    pass(&sandbox, "+3h");
    let expired = view(&sandbox, &id);
    assert_eq!(
        (&expired["status"], &expired["reason"], &expired["owner"]),
        (&json!("cancelled"), &json!("expired"), &json!("ictp")),
        "{expired}"
    );
    assert_eq!(expired["clocks"][0]["clock"], "reroute", "the child is somebody's, by a running clock");
    let late = sandbox.step("laja", &id, "accept", &step("accept"));
    late.problem(409, "invalid-transition");

    let close = json!({ "schema": "referral.close/v1", "reason": "family-solved" });
    assert_eq!(sandbox.step("ictp", &id, "close", &close).ok().json()["owner"], Value::Null);
    assert!(overdue(&sandbox, "ictp").is_empty(), "what is closed is not overdue");
}

/// What a person may type, and what they are told of a slip.
#[test]
fn the_clock_goes_only_forward() {
    for wrong in ["-3h", "72h", "+72", "+0h", "+3w"] {
        let output =
            Command::new(program()).args(["sandbox", "clock", "--data", "/nowhere", "--", wrong]).output();
        let output = output.unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{wrong}: {said}");
        assert!(said.contains("+72h"), "{wrong}: {said}");
    }
}
