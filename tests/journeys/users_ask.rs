//! What users of every comparable product still ask for, through a running hub: each test is named after the
//! row it answers. Rows that another journey shows carry its name there.

use std::path::Path;

use serde_json::{Value, json};

use super::messages::{small_child, step};
use super::sandbox::{fresh_key, sandbox, until};

fn referred(agency: &str, service: &str) -> String {
    let made = sandbox().post("ictp", "/v1/referrals", &fresh_key(), &small_child(agency, service)).ok();
    made.json()["referrals"][0]["id"].as_str().unwrap().to_owned()
}

fn view(referral: &str) -> Value {
    sandbox().get("ictp", &format!("/v1/referrals/{referral}")).ok().json()
}

/// Not only accept and reject: what came of it is coded, comes back, and is acknowledged before it is closed.
#[test]
fn users_ask_02_nothing_is_completed_without_an_outcome_fed_back() {
    let _turn = sandbox().beside();
    let id = referred("laja", "SVC-LEGAL");
    sandbox().step("laja", &id, "accept", &step("accept")).ok();
    let empty = json!({ "schema": "referral.outcome/v1", "result": "completed" });
    sandbox().step("laja", &id, "outcome", &empty).problem(422, "validation-failed");
    sandbox().step("laja", &id, "outcome", &step("outcome")).ok();
    sandbox().rests("ictp", &id, "referral.outcome", "delivered");
    let back = view(&id);
    assert_eq!((&back["status"], &back["closed"]), (&json!("completed"), &json!(false)));
    assert_eq!((&back["owner"], &back["reason"]), (&json!("ictp"), &json!("service-delivered")));
    sandbox().step("ictp", &id, "feedback", &step("feedback")).ok();
    let closed = view(&id);
    assert_eq!((&closed["closed"], &closed["reason"]), (&json!(true), &json!("service-delivered")));
}

/// Whatever protocol an agency's system speaks, its officers take the same steps in it, and the sender sees
/// them.
#[test]
fn users_ask_06_every_protocol_has_the_same_machine() {
    let _turn = sandbox().beside();
    for (agency, service) in [("laja", "SVC-LEGAL"), ("cpi", "SVC-SHELTER"), ("nccia", "SVC-CYBER")] {
        let id = referred(agency, service);
        sandbox().rests("ictp", &id, "referral.request", "delivered");
        for (action, body, status) in [
            ("accept", json!({}), "accepted"),
            ("progress", json!({ "step": "service-started" }), "in-progress"),
            ("outcome", json!({ "result": "completed", "outcome": "service-delivered" }), "completed"),
        ] {
            let act = json!({ "referral": id, "action": action, "body": body });
            sandbox().sim(agency, "act", Some(&act));
            until(&format!("{agency}: {status}"), || (view(&id)["status"] == status).then_some(()));
        }
    }
}

/// Each valid example of each message is accepted by the check, each invalid one refused, and nothing is
/// entered.
#[test]
fn users_ask_14_every_message_can_be_validated_without_being_sent() {
    let _turn = sandbox().alone();
    let before = sandbox().ledger_size();
    let messages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/messages");
    let mut tried = 0;
    for message in std::fs::read_dir(messages).unwrap().map(|entry| entry.unwrap().path()) {
        for (folder, status) in [("valid", 200), ("invalid", 400)] {
            for example in std::fs::read_dir(message.join("examples").join(folder)).unwrap() {
                let example = example.unwrap().path();
                let call = sandbox().call("ictp", egress::Method::Post, "/v1/validate");
                let answer = call.bytes(std::fs::read(&example).unwrap()).send();
                let fits = if status == 200 { answer.status == 200 } else { answer.status >= 400 };
                assert!(fits, "{}: {} {}", example.display(), answer.status, answer.text());
                tried += 1;
            }
        }
    }
    assert!(tried > 40, "only {tried} examples");
    assert_eq!(sandbox().ledger_size(), before, "a check leaves no entry");
}
