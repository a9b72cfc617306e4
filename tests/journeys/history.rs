//! The loop is closed: what CPI's officers do in their own system reaches the sender, who reads each step
//! with its delivery in the referral's history, and has the messages in its own system.

use serde_json::{Value, json};

use super::messages::canary_child;
use super::sandbox::{fresh_key, sandbox, until};

/// The history in words: `created`, `accept`, `referral.accept delivered`, ...
fn told(client: &str, referral: &str) -> Vec<String> {
    let history = sandbox().get(client, &format!("/v1/referrals/{referral}/history")).ok().json();
    let entries = history["data"].as_array().unwrap();
    let mut last = 0;
    for entry in entries {
        let index = entry["index"].as_u64().unwrap();
        assert!(index > last, "the history is not in the ledger's order");
        last = index;
    }
    entries.iter().map(|line| in_words(&line["entry"]["event"])).collect()
}

fn in_words(event: &Value) -> String {
    let word = |member: &str| event[member].as_str().unwrap_or("-").to_owned();
    match event["kind"].as_str().unwrap() {
        "referral.requested" => "created".to_owned(),
        "referral.moved" => format!("{} -> {}", word("step"), word("status")),
        "delivery.moved" => format!("delivery {}", word("step")),
        other => other.to_owned(),
    }
}

/// Does the list hold these, in this order, whatever stands between?
#[track_caller]
fn check_order(found: &[String], expect: &[&str]) {
    let mut rest = found.iter();
    for wanted in expect {
        assert!(rest.any(|one| one == wanted), "`{wanted}` is missing or too early in {found:#?}");
    }
}

#[test]
fn the_sender_sees_every_step() {
    let (sandbox, _turn) = (sandbox(), sandbox().beside());
    let made =
        sandbox.post("ictp", "/v1/referrals", &fresh_key(), &canary_child(&[("cpi", "SVC-SHELTER")])).ok();
    assert_eq!(made.header("etag"), Some("\"1\""));
    let id = made.json()["referrals"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(made.header("location"), Some(&*format!("/v1/referrals/{id}")));
    sandbox.rests("ictp", &id, "referral.request", "delivered");
    for (action, body, status) in [
        ("accept", json!({}), "accepted"),
        ("progress", json!({ "step": "service-started" }), "in-progress"),
        ("outcome", json!({ "result": "completed", "outcome": "placed" }), "completed"),
    ] {
        sandbox.sim("cpi", "act", Some(&json!({ "referral": id, "action": action, "body": body })));
        until(&format!("the sender to see {status}"), || {
            let view = sandbox.get("ictp", &format!("/v1/referrals/{id}")).ok().json();
            (view["status"] == status).then_some(())
        });
        sandbox.rests("ictp", &id, &format!("referral.{action}"), "delivered");
    }
    let view = sandbox.get("ictp", &format!("/v1/referrals/{id}")).ok().json();
    assert_eq!(
        (&view["owner"], &view["reason"], &view["closed"]),
        (&json!("ictp"), &json!("placed"), &json!(false))
    );
    assert_eq!(view["clocks"][0]["clock"], "feedback", "{}", view["clocks"]);
    sandbox.step("ictp", &id, "feedback", &super::messages::step("feedback")).ok();
    let view = sandbox.get("ictp", &format!("/v1/referrals/{id}")).ok().json();
    assert_eq!((&view["owner"], &view["closed"], &view["clocks"]), (&json!(null), &json!(true), &json!([])));

    let found = told("ictp", &id);
    check_order(&found, &["created", "delivery sent", "delivery delivered"]);
    check_order(
        &found,
        &[
            "created",
            "accept -> accepted",
            "progress -> in-progress",
            "outcome -> completed",
            "feedback -> completed",
        ],
    );
    check_order(&found, &["outcome -> completed", "delivery sent", "delivery delivered"]);
    assert_eq!(found, told("cpi", &id), "both parties read the same history");
    let inbox = sandbox.seen_by("ictp", &format!("referral={id}"));
    for message in ["referral.accept", "referral.progress", "referral.outcome"] {
        assert!(inbox.contains(message), "the police's system has no {message}");
    }
}

#[test]
fn the_case_is_seen_by_its_parties_only() {
    let (sandbox, _turn) = (sandbox(), sandbox().beside());
    let body = canary_child(&[("cpi", "SVC-SHELTER"), ("laja", "SVC-LEGAL")]);
    let made = sandbox.post("ictp", "/v1/referrals", &fresh_key(), &body).ok().json();
    let case = made["case"]["id"].as_str().unwrap();
    let seen = |client: &str| {
        let answer = sandbox.get(client, &format!("/v1/cases/{case}"));
        let count = |answer: &super::answer::Answer| answer.json()["referrals"].as_array().map(Vec::len);
        if answer.status == 200 { count(&answer) } else { None }
    };
    assert_eq!([seen("ictp"), seen("cpi"), seen("laja"), seen("nccia")], [Some(2), Some(1), Some(1), None]);
    // A further referral names the case; one of a stranger may not.
    let mut more = super::messages::small_child("laja", "SVC-LEGAL");
    more["case"] = json!(case);
    sandbox.post("ictp", "/v1/referrals", &fresh_key(), &more).ok();
    assert_eq!(seen("ictp"), Some(3));
    sandbox.post("nccia", "/v1/referrals", &fresh_key(), &more).problem(404, "not-found");
}
