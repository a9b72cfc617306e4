//! Acts that take two people, by the API: asked for by one, seen word for word, decided by another. The
//! sandbox's police have an officer and a supervisor.

use serde_json::{Value, json};

use super::messages::{small_child, step};
use super::sandbox::{fresh_key, sandbox};

pub const OFFICER: &str = "ictp-officer";
const SUPERVISOR: &str = "ictp-supervisor";

pub fn shown() -> String {
    let made = sandbox().post("ictp", "/v1/referrals", &fresh_key(), &small_child("laja", "SVC-LEGAL")).ok();
    let id = made.json()["referrals"][0]["id"].as_str().unwrap().to_owned();
    sandbox().rests("ictp", &id, "referral.request", "delivered");
    id
}

fn asked(referral: &str) -> Value {
    let asked = sandbox().step(OFFICER, referral, "void", &step("void"));
    assert_eq!(asked.status, 202, "{}", asked.text());
    asked.json()
}

fn settle(client: &str, approval: &Value, verb: &str) -> super::answer::Answer {
    let path = format!("/v1/approvals/{}/{verb}", approval["id"].as_str().unwrap());
    sandbox().post(client, &path, &fresh_key(), &json!({}))
}

pub fn referral_as(client: &str, id: &str) -> Value {
    sandbox().get(client, &format!("/v1/referrals/{id}")).ok().json()
}

#[test]
fn a_void_takes_two_and_is_open_until_it_is_removed() {
    let (sandbox, _turn) = (sandbox(), sandbox().beside());
    let id = shown();
    let approval = asked(&id);
    assert_eq!(
        (&approval["change"], &approval["referral"], &approval["reason"], &approval["status"]),
        (&json!("void-referral"), &json!(id), &json!("sent-twice"), &json!("open"))
    );
    assert_eq!(referral_as("ictp", &id)["status"], "requested", "nothing has happened yet");
    settle(OFFICER, &approval, "approve").problem(403, "not-permitted");
    settle("ictp", &approval, "approve").problem(403, "not-permitted");
    settle("laja", &approval, "approve").problem(404, "not-found");
    let seen = sandbox.get(SUPERVISOR, &format!("/v1/approvals/{}", approval["id"].as_str().unwrap()));
    assert_eq!(seen.ok().json()["actions"], json!(["approve", "refuse"]));
    settle(SUPERVISOR, &approval, "approve").ok();
    settle(SUPERVISOR, &approval, "approve").problem(409, "approval-over");
    let view = referral_as("ictp", &id);
    assert_eq!(
        (&view["status"], &view["owner"], &view["closed"], &view["clocks"][0]["clock"]),
        (&json!("entered-in-error"), &json!("ictp"), &json!(false), &json!("purge"))
    );
    sandbox.rests("ictp", &id, "referral.void", "delivered");
    assert!(sandbox.seen_by("laja", &format!("referral={id}")).contains("referral.void"));
    sandbox.sim("laja", "act", Some(&json!({ "referral": id, "action": "purged" })));
    let view = referral_as("ictp", &id);
    assert_eq!(
        (&view["status"], &view["closed"], &view["reason"]),
        (&json!("entered-in-error"), &json!(true), &json!("sent-twice"))
    );
}

#[test]
fn what_is_asked_for_can_be_taken_back_or_refused() {
    let (sandbox, _turn) = (sandbox(), sandbox().beside());
    let id = shown();
    let approval = asked(&id);
    settle(SUPERVISOR, &approval, "withdraw").problem(403, "needs-another-person");
    assert_eq!(settle(OFFICER, &approval, "withdraw").ok().json()["status"], "withdrawn");
    let approval = asked(&id);
    assert_eq!(settle(SUPERVISOR, &approval, "refuse").ok().json()["status"], "refused");
    assert_eq!(referral_as("ictp", &id)["status"], "requested");
    let listed = sandbox.get(OFFICER, "/v1/approvals?status=refused").ok().json();
    assert!(listed["data"].as_array().unwrap().iter().any(|one| one["id"] == approval["id"]));
    sandbox.get(OFFICER, "/v1/approvals?status=nothing").problem(400, "query-malformed");
    sandbox.step("laja", &id, "void", &step("void")).problem(409, "invalid-transition");
}

#[test]
fn an_administrator_lists_and_changes_the_agencys_people() {
    let (sandbox, _turn) = (sandbox(), sandbox().beside());
    let said = json!({ "subject": "journey-officer", "roles": ["caseworker", "privacy-officer"] });
    let made = sandbox.post("ictp-admin", "/v1/persons", &fresh_key(), &said).ok().json();
    assert_eq!(made["roles"], json!(["caseworker", "privacy-officer"]));
    let gone = json!({ "subject": "journey-officer", "roles": [], "active": false });
    let gone = sandbox.post("ictp-admin", "/v1/persons", &fresh_key(), &gone).ok().json();
    assert_eq!((&gone["id"], &gone["active"]), (&made["id"], &json!(false)));
    let listed = sandbox.get("ictp-admin", "/v1/persons").ok().json();
    assert!(listed["data"].as_array().unwrap().contains(&gone), "{listed}");
    assert!(!listed.to_string().contains("journey-officer"), "no name, no subject");
    sandbox.get(SUPERVISOR, "/v1/persons").problem(403, "missing-scope");
    let wrong = json!({ "subject": "x", "roles": ["king"] });
    sandbox.post("ictp-admin", "/v1/persons", &fresh_key(), &wrong).problem(422, "validation-failed");
}

#[test]
fn two_people_give_a_dead_letter_up() {
    let (sandbox, _turn) = (sandbox(), sandbox().alone());
    sandbox.knobs("laja", json!({ "time_out_next": 1 }));
    let made = sandbox.post("ictp", "/v1/referrals", &fresh_key(), &small_child("laja", "SVC-LEGAL")).ok();
    let id = made.json()["referrals"][0]["id"].as_str().unwrap().to_owned();
    let letter = sandbox.rests("ictp", &id, "referral.request", "undeliverable");
    let path = format!("/v1/dead-letters/{}/discard", letter["id"].as_str().unwrap());
    let why = |reason: &str| json!({ "reason": reason });
    sandbox.post(OFFICER, &path, &fresh_key(), &why("because")).problem(422, "unknown-code");
    sandbox.post("laja", &path, &fresh_key(), &why("told-otherwise")).problem(404, "not-found");
    let approval = sandbox.post(OFFICER, &path, &fresh_key(), &why("told-otherwise"));
    assert_eq!(approval.status, 202, "{}", approval.text());
    settle(SUPERVISOR, &approval.json(), "approve").ok();
    let letter = sandbox.delivery("ictp", &id, "referral.request");
    assert_eq!((&letter["status"], &letter["reason"]), (&json!("withdrawn"), &json!("told-otherwise")));
    let view = referral_as("ictp", &id);
    assert_eq!(
        (&view["status"], &view["reason"], &view["owner"]),
        (&json!("cancelled"), &json!("undelivered"), &json!("ictp"))
    );
    sandbox.post(OFFICER, &path, &fresh_key(), &why("told-otherwise")).problem(409, "delivery-moved");
}
