//! Messages that wait for a person: an unknown outcome is never repeated blindly and is settled by what the
//! person found out; a message that no adapter can carry rests with its owner and can be sent again.

use std::process::{Command, Output};

use serde_json::{Value, json};

use super::messages::small_child;
use super::sandbox::{fresh_key, program, sandbox, until};

const REQUEST: &str = "referral.request";

/// A request to LAJA that meets this fault; the referral's id and its resting delivery.
fn lost(fault: &str) -> (String, Value) {
    sandbox().knobs("laja", json!({ fault: 1 }));
    let made = sandbox().post("ictp", "/v1/referrals", &fresh_key(), &small_child("laja", "SVC-LEGAL")).ok();
    let id = made.json()["referrals"][0]["id"].as_str().unwrap().to_owned();
    let delivery = sandbox().rests("ictp", &id, REQUEST, "undeliverable");
    assert_eq!(delivery["reason"], "outcome-unknown");
    assert_eq!(delivery["owner"], "ictp", "a dead letter has an owner");
    assert_eq!(delivery["attempts"], 1);
    (id, delivery)
}

fn id_of(delivery: &Value) -> &str {
    delivery["id"].as_str().unwrap()
}

fn listed(delivery: &str) -> Option<Value> {
    listed_for("operator").into_iter().find(|one| one["id"] == delivery)
}

/// All a client sees, in small pages.
fn listed_for(client: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = sandbox().get(client, &format!("/v1/dead-letters?limit=3{cursor}")).ok().json();
        let data = page["data"].as_array().unwrap();
        assert!(data.len() <= 3, "{page}");
        all.extend(data.iter().cloned());
        let Some(next) = page["next_cursor"].as_str() else { return all };
        cursor = format!("&cursor={next}");
    }
}

fn resolve(delivery: &str, resolution: &str) -> super::answer::Answer {
    let reason = if resolution == "delivered" { "agency-confirmed" } else { "agency-denied" };
    let body = json!({ "as": resolution, "reason": reason });
    sandbox().post("operator", &format!("/v1/dead-letters/{delivery}/resolve"), &fresh_key(), &body)
}

#[test]
fn an_unknown_outcome_that_arrived_is_settled_as_delivered() {
    let (sandbox, _turn) = (sandbox(), sandbox().alone());
    let (referral, delivery) = lost("lose_ack_next");
    let id = id_of(&delivery);
    assert_eq!(sandbox.effects_of("laja", id), 1, "LAJA has it, and its answer was lost");
    let letter = listed(id).unwrap();
    assert_eq!(
        (&letter["actions"], &letter["owner"], &letter["message"], &letter["to"]),
        (&json!(["resolve"]), &json!("ictp"), &json!(REQUEST), &json!("laja"))
    );
    assert!(letter["due"].is_string(), "it has a clock: {letter}");
    let path = format!("/v1/dead-letters/{id}/replay");
    sandbox.post("operator", &path, &fresh_key(), &json!({})).problem(409, "outcome-unknown");

    let settled = resolve(id, "delivered").ok().json();
    assert_eq!((&settled["status"], &settled["actions"]), (&json!("delivered"), &json!([])));
    assert_eq!(listed(id), None);
    resolve(id, "delivered").problem(409, "delivery-moved");
    assert_eq!(sandbox.effects_of("laja", id), 1, "settling sends nothing");
    // The referral goes on as any other.
    sandbox.sim("laja", "act", Some(&json!({ "referral": referral, "action": "accept" })));
    let view = sandbox.get("ictp", &format!("/v1/referrals/{referral}")).ok().json();
    assert_eq!(view["status"], "accepted");
}

#[test]
fn an_unknown_outcome_that_did_not_arrive_is_sent_again_once() {
    let (sandbox, _turn) = (sandbox(), sandbox().alone());
    let (referral, delivery) = lost("time_out_next");
    let id = id_of(&delivery);
    assert_eq!(sandbox.effects_of("laja", id), 0);
    resolve(id, "not-delivered").ok();
    let delivered = sandbox.rests("ictp", &referral, REQUEST, "delivered");
    assert_eq!((&delivered["id"], &delivered["attempts"]), (&delivery["id"], &json!(2)));
    assert_eq!(sandbox.effects_of("laja", id), 1);
}

#[test]
fn the_command_line_does_the_same() {
    let (sandbox, _turn) = (sandbox(), sandbox().alone());
    let token = sandbox.token("operator");
    let run = |args: &[&str]| -> Output {
        let mut command = Command::new(program());
        command.args(["dead-letter", "--url", &sandbox.api, "--token", &token]).args(args).output().unwrap()
    };
    let said = |output: &Output| String::from_utf8_lossy(&output.stdout).into_owned();
    let (referral, delivery) = lost("lose_ack_next");
    let id = id_of(&delivery);
    let list = run(&["list"]);
    let line =
        format!("{id}  {REQUEST} ictp -> laja  undeliverable (outcome-unknown), 1 attempt(s), owner ictp");
    assert!(list.status.success() && said(&list).contains(&line), "{}", said(&list));
    let blind = run(&["replay", id]);
    assert_eq!(blind.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&blind.stderr).contains("Nobody knows whether it arrived"), "{blind:?}");
    let settled = run(&["--json", "resolve", id, "--as", "delivered", "--reason", "agency-confirmed"]);
    assert!(settled.status.success(), "{settled:?}");
    let settled: Value = serde_json::from_slice(&settled.stdout).unwrap();
    assert_eq!(settled["status"], "delivered");
    assert_eq!(sandbox.delivery("ictp", &referral, REQUEST)["status"], "delivered");
}

#[test]
fn what_no_adapter_can_carry_rests_and_can_be_sent_again() {
    let (sandbox, _turn) = (sandbox(), sandbox().beside());
    // PTA holds a mandate for removal requests and has no adapter yet.
    let made = sandbox.post("ictp", "/v1/referrals", &fresh_key(), &small_child("pta", "SVC-CYBER")).ok();
    let referral = made.json()["referrals"][0]["id"].as_str().unwrap().to_owned();
    let delivery = sandbox.rests("ictp", &referral, REQUEST, "undeliverable");
    assert_eq!((&delivery["reason"], &delivery["owner"]), (&json!("no-adapter"), &json!("ictp")));
    let id = id_of(&delivery);
    assert_eq!(listed(id).unwrap()["actions"], json!(["replay", "resolve"]));
    let key = fresh_key();
    let path = format!("/v1/dead-letters/{id}/replay");
    sandbox.post("operator", &path, &key, &json!({})).ok();
    let again = until("the second attempt", || {
        let delivery = sandbox.delivery("ictp", &referral, REQUEST);
        (delivery["status"] == "undeliverable" && delivery["attempts"] == 2).then_some(delivery)
    });
    assert_eq!(again["id"], delivery["id"], "the same delivery, its next attempt");
    // The same key again replays nothing.
    sandbox.post("operator", &path, &key, &json!({})).ok();
    assert_eq!(sandbox.delivery("ictp", &referral, REQUEST)["attempts"], 2);
    resolve(id, "delivered").ok();
    assert_eq!(listed(id), None);
}

#[test]
fn an_agency_settles_its_own_and_sees_no_other() {
    let (sandbox, _turn) = (sandbox(), sandbox().beside());
    let made = sandbox.post("ictp", "/v1/referrals", &fresh_key(), &small_child("pta", "SVC-CYBER")).ok();
    let referral = made.json()["referrals"][0]["id"].as_str().unwrap().to_owned();
    let delivery = sandbox.rests("ictp", &referral, REQUEST, "undeliverable");
    let path = |act: &str| format!("/v1/dead-letters/{}/{act}", id_of(&delivery));
    sandbox.post("nccia", &path("replay"), &fresh_key(), &json!({})).problem(404, "not-found");
    let mine = |client: &str| listed_for(client).iter().any(|one| one["id"] == delivery["id"]);
    assert!(!mine("nccia"));
    assert!(mine("ictp"), "the owner sees its dead letter");
    let found = json!({ "as": "delivered", "reason": "agency-confirmed" });
    sandbox.post("ictp", &path("resolve"), &fresh_key(), &found).ok();
}
