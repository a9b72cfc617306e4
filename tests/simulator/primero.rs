//! CPI's Primero: its public API's shapes, what its officers do, and what a poller sees of it.

use serde_json::{Value, json};

use super::{
    check,
    forms::*,
    world::{Call, SECRET, World},
};

async fn log_in(world: &World) -> String {
    let user = json!({ "user": { "user_name": "amaan", "password": SECRET } });
    let answer =
        check(world, Call::post("cpi", "/api/v2/tokens", &user), 200, json!({ "/user_name": "amaan" })).await;
    format!("Bearer {}", answer["token"].as_str().expect("a token"))
}

async fn read(world: &World, token: &str, path: &str) -> Value {
    check(world, Call::get("cpi", path).header("authorization", token), 200, json!({})).await
}

async fn act(world: &World, action: &str, n: u32, body: Value, status: u16) -> Value {
    let act = json!({ "referral": referral(1), "action": action, "body": body, "n": n });
    check(world, Call::post("cpi", "/_sim/act", &act), status, json!({})).await
}

#[tokio::test]
async fn a_case_is_created_once_and_referred_as_often_as_asked() {
    let mut world = World::new();
    check(&world, primero_case(1, "Bearer no"), 401, json!({})).await;
    let token = log_in(&world).await;
    check(&world, primero_referral(1, &token), 404, json!({})).await;
    check(&world, primero_case(1, &token), 204, json!({})).await;
    check(&world, primero_case(1, &token), 409, json!({})).await;
    let first =
        check(&world, primero_referral(1, &token), 200, json!({ "/data/status": "in_progress" })).await;
    world.restart().await;
    let old = Call::get("cpi", "/api/v2/cases").header("authorization", &token);
    check(&world, old, 401, json!({})).await;
    let token = log_in(&world).await;
    check(&world, primero_case(1, &token), 409, json!({})).await;
    let held = read(&world, &token, &format!("/api/v2/cases/{}/referrals", case(1))).await;
    assert_eq!(held["data"], json!([first["data"]]));
    check(&world, primero_referral(1, &token), 200, json!({})).await;
    let effects = world.effects("cpi", "referral.request").await;
    assert_eq!(effects.len(), 2, "Primero itself does not dedupe");
    assert_eq!(effects[0]["delivery"], json!(delivery(1)));
    assert_eq!(effects[0]["referral"], json!(referral(1)));
}

#[tokio::test]
async fn officers_change_what_the_poller_reads() {
    let mut world = World::new();
    let token = log_in(&world).await;
    check(&world, primero_case(1, &token), 204, json!({})).await;
    check(&world, primero_referral(1, &token), 200, json!({})).await;
    act(&world, "progress", 1, json!({ "step": "first-contact" }), 409).await;
    act(&world, "accept", 1, json!({}), 200).await;
    act(&world, "accept", 1, json!({}), 200).await;
    act(&world, "accept", 2, json!({}), 409).await;
    act(&world, "progress", 1, json!({ "step": "service-started", "note": "Test note" }), 200).await;
    act(&world, "outcome", 1, json!({ "result": "completed", "outcome": "child-safe" }), 200).await;
    world.restart().await;
    let token = log_in(&world).await;
    let case = read(&world, &token, &format!("/api/v2/cases/{}", case(1))).await;
    let services = case["data"]["services_section"].as_array().expect("services");
    assert_eq!(services.len(), 2);
    assert_eq!(services[0]["amaan_step"], "service_started");
    assert_eq!(services[0]["service_implemented"], "implemented");
    assert_eq!(services[1]["amaan_outcome"], "child_safe");
    let held = read(&world, &token, &format!("/api/v2/cases/{}/referrals", super::forms::case(1))).await;
    assert_eq!(held["data"][0]["status"], "done");
    assert_eq!(held["data"][0]["id"], services[0]["amaan_referral"]);
}

#[tokio::test]
async fn a_rejection_names_a_better_receiver() {
    let world = World::new();
    let token = log_in(&world).await;
    check(&world, primero_case(1, &token), 204, json!({})).await;
    check(&world, primero_referral(1, &token), 200, json!({})).await;
    let body = json!({ "reason": "no-capacity", "suggested_receiver": "pbm", "note": "Full." });
    let answer = act(&world, "reject", 1, body, 200).await;
    assert_eq!(answer["body"]["data"]["status"], "rejected");
    assert_eq!(answer["body"]["data"]["rejected_reason"], "no_capacity");
    assert_eq!(answer["body"]["data"]["rejection_note"], "Full. [amaan suggests pbm]");
}

#[tokio::test]
async fn changed_cases_are_listed_by_last_update() {
    let world = World::new();
    let token = log_in(&world).await;
    for n in 1..=3 {
        check(&world, primero_case(n, &token), 204, json!({})).await;
    }
    let all = read(&world, &token, "/api/v2/cases?fields=short&per=2&page=2").await;
    assert_eq!(all["metadata"], json!({ "total": 3, "per": 2, "page": 2 }));
    assert_eq!(all["data"].as_array().map(Vec::len), Some(1));
    assert!(all["data"][0].get("consent_for_services").is_none(), "short means short");
    check(&world, primero_referral(1, &token), 200, json!({})).await;
    let newest = read(&world, &token, "/api/v2/cases?per=3").await["data"][2].clone();
    assert_eq!(newest["id"], json!(case(1)));
    let from = newest["last_updated_at"].as_str().expect("a time");
    let changed = read(&world, &token, &format!("/api/v2/cases?last_updated_at_from={from}")).await;
    assert!(changed["data"].as_array().expect("cases").iter().any(|held| held["id"] == json!(case(1))));
    let never = read(&world, &token, "/api/v2/cases?last_updated_at_from=2999-01-01").await;
    assert_eq!(never["metadata"]["total"], 0);
}

#[tokio::test]
async fn the_inbox_shows_the_record_of_the_child() {
    let world = World::new();
    let token = log_in(&world).await;
    for n in 1..=2 {
        check(&world, primero_case(n, &token), 204, json!({})).await;
        check(&world, primero_referral(n, &token), 200, json!({})).await;
    }
    let inbox = world.inbox("cpi", &referral(1)).await;
    assert_eq!(inbox.len(), 2);
    assert_eq!(inbox[0]["seen"]["name"], "Test Child 1");
    assert_eq!(inbox[1]["seen"]["record_id"], json!(case(1)));
}

#[tokio::test]
async fn a_message_in_the_notes_may_come_twice_and_stands_there_once() {
    let mut world = World::new();
    let token = log_in(&world).await;
    check(&world, primero_case(1, &token), 204, json!({})).await;
    let note = |n: u32| {
        let item = json!({ "unique_id": delivery(n), "note_subject": "referral.information",
            "note_text": format!("[amaan {}] Test answer {n}", referral(1)) });
        let path = format!("/api/v2/cases/{}", case(1));
        let call = Call::post("cpi", &path, &json!({ "data": { "notes_section": [item] } }));
        let call = call.header("authorization", &token).header("idempotency-key", &delivery(n));
        Call { method: "PATCH", ..call }
    };
    world.knobs("cpi", json!({ "lose_ack_next": 1 })).await;
    assert!(world.call(note(7)).await.is_err());
    check(&world, note(7), 200, json!({ "/data": {} })).await;
    check(&world, note(8), 200, json!({})).await;
    world.restart().await;
    let token = log_in(&world).await;
    let held = read(&world, &token, &format!("/api/v2/cases/{}", case(1))).await;
    let notes = held["data"]["notes_section"].as_array().expect("notes");
    assert_eq!(notes.len(), 2);
    assert!(held["data"].get("changed_at").is_none());
    let effects = world.effects("cpi", "referral.information").await;
    assert_eq!(effects.len(), 2);
    assert_eq!(effects[0]["delivery"], json!(delivery(7)));
    assert_eq!(effects[0]["referral"], json!(referral(1)));
}

#[tokio::test]
async fn without_consent_or_an_override_nothing_is_referred() {
    let world = World::new();
    let token = log_in(&world).await;
    let data = json!({ "data": { "id": case(1), "name": "Test Child 1", "consent_for_services": true } });
    let created = Call::post("cpi", "/api/v2/cases", &data).header("authorization", &token);
    check(&world, created, 204, json!({})).await;
    check(&world, primero_referral(1, &token), 422, json!({ "/errors/0/message": "consent" })).await;
    let data = json!({ "data": { "transitioned_to": "cpi_intake", "consent_overridden": true } });
    let path = format!("/api/v2/cases/{}/referrals", case(1));
    let overridden = Call::post("cpi", &path, &data).header("authorization", &token);
    check(&world, overridden, 200, json!({ "/data/consent_overridden": true })).await;
}
