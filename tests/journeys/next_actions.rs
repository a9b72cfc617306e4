//! What `GET /v1/referrals/{id}/actions` names is what is then accepted, and nothing else is: in every
//! state a referral can be brought to, for both parties. The matrix is a snapshot.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::{Value, json};

use super::answer::Answer;
use super::messages::{small_child, step};
use super::sandbox::{fresh_key, sandbox};

const STEPS: &[&str] = &[
    "received",
    "accept",
    "reject",
    "hold",
    "information",
    "progress",
    "outcome",
    "close",
    "feedback",
    "resume",
    "cancel-request",
    "cancel-confirm",
    "cancel-refuse",
    "void",
    "purged",
    "cease",
];

/// A state and the steps that lead there. `hold-court` and `fail` are other bodies of hold and outcome.
const STATES: &[(&str, &[&str])] = &[
    ("requested", &[]),
    ("received", &["received"]),
    ("accepted", &["accept"]),
    ("on-hold, asked before deciding", &["hold"]),
    ("on-hold, asked after accepting", &["accept", "hold"]),
    ("on-hold, awaiting a court", &["accept", "hold-court"]),
    ("answered, undecided again", &["hold", "information"]),
    ("in-progress", &["accept", "progress"]),
    ("rejected", &["reject"]),
    ("rejected and closed", &["reject", "close"]),
    ("completed", &["accept", "outcome"]),
    ("completed and acknowledged", &["accept", "outcome", "feedback"]),
    ("failed", &["accept", "fail"]),
    ("failed and closed", &["accept", "fail", "close"]),
    ("taken up after a pause", &["accept", "hold-court", "resume"]),
    ("received, cancellation requested", &["received", "cancel-request"]),
    ("in-progress, cancellation requested", &["accept", "progress", "cancel-request"]),
    ("cancellation refused", &["accept", "cancel-request", "cancel-refuse"]),
    ("cancelled", &["accept", "cancel-request", "cancel-confirm"]),
    ("entered in error", &["accept", "void"]),
    ("entered in error and removed", &["accept", "void", "purged"]),
];

fn take(id: &str, act: &str) -> Answer {
    let (action, body) = match act {
        "hold-court" => (
            "hold",
            json!({
                "schema": "referral.hold/v1", "reason": "awaiting-court", "review_on": "2027-01-15",
            }),
        ),
        "fail" => {
            ("outcome", json!({ "schema": "referral.outcome/v1", "result": "failed", "outcome": "moved" }))
        }
        "void" => return void(id),
        action => (action, step(action)),
    };
    let who = if matches!(action, "information" | "close" | "feedback" | "cancel-request") {
        "ictp"
    } else {
        "laja"
    };
    sandbox().step(who, id, action, &body)
}

/// Asked for by one of the sender's people, agreed to by another.
fn void(id: &str) -> Answer {
    let asked = sandbox().step("ictp-officer", id, "void", &step("void")).ok().json();
    let path = format!("/v1/approvals/{}/approve", asked["id"].as_str().unwrap());
    sandbox().post("ictp-supervisor", &path, &fresh_key(), &json!({}))
}

/// A new referral in this state.
fn brought_to(steps: &[&str]) -> String {
    let made = sandbox().post("ictp", "/v1/referrals", &fresh_key(), &small_child("laja", "SVC-LEGAL")).ok();
    let id = made.json()["referrals"][0]["id"].as_str().unwrap().to_owned();
    for act in steps {
        take(&id, act).ok();
    }
    id
}

fn listed(agency: &str, id: &str) -> BTreeSet<String> {
    let view = sandbox().get(agency, &format!("/v1/referrals/{id}/actions")).ok().json();
    let actions = view["actions"].as_array().unwrap();
    for action in actions {
        let schema = format!("referral.{}/v1", action["action"].as_str().unwrap());
        assert_eq!(action["schema"], schema.as_str());
        let by_two = action["needs_approval"] == true;
        assert_eq!(by_two, action["action"] == "void", "what takes two people is said: {action}");
    }
    actions.iter().map(|action| action["action"].as_str().unwrap().to_owned()).collect()
}

/// Tries every step as this agency; gives what it may do.
#[track_caller]
fn check(state: &str, steps: &[&str], agency: &str) -> BTreeSet<String> {
    let id = brought_to(steps);
    let may = listed(agency, &id);
    for action in STEPS.iter().filter(|action| !may.contains(**action)) {
        let refused =
            sandbox().step(agency, &id, action, &step(action)).problem(409, "invalid-transition").json();
        let told: BTreeSet<String> = refused["allowed_actions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one.as_str().unwrap().into())
            .collect();
        assert_eq!(told, may, "{agency} may not {action} a referral {state}, and is told what it may");
    }
    assert_eq!(listed(agency, &id), may, "a refused step moved the referral {state}");
    for action in &may {
        let taken = sandbox().step(agency, &brought_to(steps), action, &step(action));
        let wanted = if action == "void" { 202 } else { 200 };
        assert_eq!(taken.status, wanted, "{agency}: {action} of a referral {state}: {}", taken.text());
    }
    may
}

#[test]
fn what_is_listed_is_what_is_accepted() {
    let _turn = sandbox().beside();
    let mut matrix = String::new();
    for (state, steps) in STATES {
        for agency in ["ictp", "laja"] {
            let may: Vec<String> = check(state, steps, agency).into_iter().collect();
            let who = if agency == "ictp" { "sender" } else { "receiver" };
            writeln!(matrix, "{state:36} {who:9} {}", may.join(", ")).unwrap();
        }
    }
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("next-actions", matrix);
    });
}

#[test]
fn the_owner_follows_the_steps() {
    let _turn = sandbox().beside();
    for (_, steps) in STATES {
        let view = sandbox().get("ictp", &format!("/v1/referrals/{}", brought_to(steps))).ok().json();
        let clocks = view["clocks"].as_array().unwrap().len();
        // No child without an owner: whoever is responsible has a clock, running or lawfully paused.
        match &view["owner"] {
            Value::Null => assert!(view["closed"] == true && clocks == 0, "{steps:?}: {view}"),
            owner => assert!(view["closed"] == false && clocks > 0, "{steps:?}: {owner} {view}"),
        }
    }
}
