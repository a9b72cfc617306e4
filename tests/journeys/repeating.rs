//! Repeating a request is safe: the same key with the same bytes gives the same answer byte for byte,
//! however often and at the same time; with other bytes it is refused and nothing happens.

use std::collections::BTreeSet;

use egress::Method;
use serde_json::{Value, json};

use super::answer::Answer;
use super::messages::{small_child, step};
use super::sandbox::{fresh_key, sandbox};

fn post(client: &str, path: &str, key: &str, body: &Value) -> Answer {
    sandbox().post(client, path, key, body)
}

/// The second answer is the first one, and says so.
#[track_caller]
fn check_same(first: &Answer, second: &Answer) {
    assert_eq!(first.header("idempotency-replayed"), None);
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    assert_eq!(first.status, second.status);
    assert_eq!(first.text(), second.text(), "the same bytes again");
    assert_eq!(first.header("etag"), second.header("etag"));
    assert_eq!(first.header("location"), second.header("location"));
}

#[test]
fn the_same_request_gets_the_same_bytes() {
    let _turn = sandbox().beside();
    let (key, body) = (fresh_key(), small_child("laja", "SVC-LEGAL"));
    let first = post("ictp", "/v1/referrals", &key, &body).ok();
    check_same(&first, &post("ictp", "/v1/referrals", &key, &body));
    let id = first.json()["referrals"][0]["id"].as_str().unwrap().to_owned();

    let path = format!("/v1/referrals/{id}/received");
    let key_of_step = fresh_key();
    let received = post("laja", &path, &key_of_step, &step("received")).ok();
    // The referral moves on; the answer of then stays the answer.
    sandbox().step("laja", &id, "accept", &step("accept")).ok();
    check_same(&received, &post("laja", &path, &key_of_step, &step("received")));
    check_same(&first, &post("ictp", "/v1/referrals", &key, &body));

    let (key, asked) = (fresh_key(), check_of("0000000000001"));
    let answered = post("ictp", "/v1/identity-checks", &key, &asked).ok();
    check_same(&answered, &post("ictp", "/v1/identity-checks", &key, &asked));
}

fn check_of(number: &str) -> Value {
    json!({
        "schema": "identity.check/v1", "case": super::disclosure::open_case(),
        "purpose": "guardian-verification", "basis": "best-interests",
        "subject": { "id_number": number },
    })
}

#[test]
fn a_key_belongs_to_one_request() {
    let _turn = sandbox().beside();
    let (key, body) = (fresh_key(), small_child("laja", "SVC-LEGAL"));
    let first = post("ictp", "/v1/referrals", &key, &body).ok();
    let mut other = body.clone();
    other["child"]["age"]["years"] = json!(13);
    post("ictp", "/v1/referrals", &key, &other).problem(422, "idempotency-key-reused");
    let id = first.json()["referrals"][0]["id"].as_str().unwrap().to_owned();
    // The same key at another address is another request too.
    let path = format!("/v1/referrals/{id}/information");
    post("ictp", &path, &key, &step("information")).problem(422, "idempotency-key-reused");
    // Another client's keys are its own.
    let mut cpi = small_child("laja", "SVC-LEGAL");
    cpi["purpose"] = json!("protection");
    let theirs = post("cpi", "/v1/referrals", &key, &cpi).ok();
    assert_ne!(theirs.json()["request"], first.json()["request"]);
    check_same(&first, &post("ictp", "/v1/referrals", &key, &body));
}

#[test]
fn many_at_once_are_one() {
    let _turn = sandbox().beside();
    let (key, body) = (fresh_key(), small_child("laja", "SVC-LEGAL"));
    let answers = at_once(8, |_| post("ictp", "/v1/referrals", &key, &body));
    assert!(answers.iter().all(|answer| answer.status == 201), "{:?}", statuses(&answers));
    let texts: BTreeSet<String> = answers.iter().map(Answer::text).collect();
    assert_eq!(texts.len(), 1, "one answer for all");
    let fresh = answers.iter().filter(|answer| answer.header("idempotency-replayed").is_none()).count();
    assert_eq!(fresh, 1, "one of them did it");
}

#[test]
fn of_many_different_ones_at_once_one_wins() {
    let _turn = sandbox().beside();
    let key = fresh_key();
    let answers = at_once(6, |number| {
        let mut body = small_child("laja", "SVC-LEGAL");
        body["child"]["age"]["years"] = json!(10 + number);
        post("ictp", "/v1/referrals", &key, &body)
    });
    let mut found = statuses(&answers);
    found.sort_unstable();
    assert_eq!(found, [201, 422, 422, 422, 422, 422]);
}

#[test]
fn one_step_of_many_at_once_is_taken() {
    let _turn = sandbox().beside();
    let made = post("ictp", "/v1/referrals", &fresh_key(), &small_child("laja", "SVC-LEGAL")).ok().json();
    let id = made["referrals"][0]["id"].as_str().unwrap();
    let answers = at_once(6, |_| {
        let call = sandbox().call("laja", Method::Post, &format!("/v1/referrals/{id}/accept"));
        call.key(&fresh_key()).json(&step("accept")).send()
    });
    let taken = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(taken, 1, "{:?}", statuses(&answers));
    let refused = answers.iter().filter(|answer| answer.slug() == "invalid-transition").count();
    assert_eq!(refused, 5, "{:?}", statuses(&answers));
}

fn statuses(answers: &[Answer]) -> Vec<u16> {
    answers.iter().map(|answer| answer.status).collect()
}

fn at_once(count: usize, act: impl Fn(usize) -> Answer + Sync) -> Vec<Answer> {
    let act = &act;
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|number| scope.spawn(move || act(number))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}
