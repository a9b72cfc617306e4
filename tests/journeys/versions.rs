//! Versions and strangers: who acts on what it saw before somebody else moved it is told so; what belongs
//! to other agencies looks exactly like what does not exist.

use egress::Method;
use serde_json::{Value, json};

use super::answer::Answer;
use super::messages::{small_child, step};
use super::sandbox::{fresh_key, sandbox};

fn referral() -> String {
    let made = sandbox().post("ictp", "/v1/referrals", &fresh_key(), &small_child("laja", "SVC-LEGAL")).ok();
    made.json()["referrals"][0]["id"].as_str().unwrap().to_owned()
}

fn take(referral: &str, action: &str, if_match: &str) -> Answer {
    let call = sandbox().call("laja", Method::Post, &format!("/v1/referrals/{referral}/{action}"));
    call.key(&fresh_key()).header("if-match", if_match).json(&step(action)).send()
}

#[test]
fn a_stale_version_is_refused_and_the_newest_passes() {
    let _turn = sandbox().beside();
    let id = referral();
    let seen = sandbox().get("laja", &format!("/v1/referrals/{id}")).ok();
    assert_eq!(seen.header("etag"), Some("\"1\""));
    let moved = take(&id, "received", "\"1\"").ok();
    assert_eq!(moved.header("etag"), Some("\"2\""));
    let stale = take(&id, "accept", "\"1\"").problem(412, "version-conflict").json();
    assert_eq!(stale["current_version"], 2);
    let actions = sandbox().get("laja", &format!("/v1/referrals/{id}/actions")).ok();
    assert_eq!(actions.header("etag"), Some("\"2\""), "what may be done next belongs to a version");
    assert_eq!(take(&id, "accept", "\"2\"").ok().header("etag"), Some("\"3\""));
}

#[test]
fn foreign_absent_and_malformed_look_alike() {
    let _turn = sandbox().beside();
    let (foreign, absent) = (referral(), "rf_00000000000070008000000000000000");
    let key = fresh_key();
    let both = |method: Method, of: &str, body: Option<&Value>| {
        let call = sandbox().call("nccia", method, of);
        match body {
            Some(body) => call.key(&key).json(body).send(),
            None => call.send(),
        }
    };
    for path in ["", "/history", "/actions"] {
        let answers = [foreign.as_str(), absent, "rf_7", "x"].map(|id| {
            both(Method::Get, &format!("/v1/referrals/{id}{path}"), None).problem(404, "not-found")
        });
        check_alike(&answers);
    }
    let answers = [foreign.as_str(), absent, "rf_7"].map(|id| {
        both(Method::Post, &format!("/v1/referrals/{id}/accept"), Some(&step("accept")))
            .problem(404, "not-found")
    });
    check_alike(&answers);
    let case = sandbox().get("ictp", &format!("/v1/referrals/{foreign}")).ok().json()["case"]["id"].clone();
    let answers = [case.as_str().unwrap(), "cs_00000000000070008000000000000000", "x"]
        .map(|id| both(Method::Get, &format!("/v1/cases/{id}"), None).problem(404, "not-found"));
    check_alike(&answers);
    let delivery = sandbox().delivery("ictp", &foreign, "referral.request")["id"].clone();
    let answers = [delivery.as_str().unwrap(), "dl_00000000000070008000000000000000", "x"].map(|id| {
        both(Method::Post, &format!("/v1/inbox/{id}/acknowledge"), Some(&json!({}))).problem(404, "not-found")
    });
    check_alike(&answers);
}

/// Same status, same headers but for id and date, same body but for the request's id.
#[track_caller]
fn check_alike(answers: &[Answer]) {
    let plain = |answer: &Answer| {
        let mut body = answer.json();
        body["instance"] = Value::Null;
        let mut headers = answer.headers.clone();
        headers.retain(|(name, _)| name != "date" && name != "request-id");
        headers.sort();
        (answer.status, answer.bytes.len(), body, headers)
    };
    for answer in &answers[1..] {
        assert_eq!(plain(answer), plain(&answers[0]));
    }
}
