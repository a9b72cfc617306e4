//! What officers and systems of an agency send to the hub by themselves: path, token, key, message.

use serde_json::json;

use super::{
    check,
    fake_hub::FakeHub,
    forms::*,
    world::{Call, World},
};

#[tokio::test]
async fn an_act_calls_the_hub_with_a_stable_key() {
    let hub = FakeHub::listen(|_| (200, json!({ "status": "accepted" }))).await;
    let world = World::with_hub(&hub.url);
    let file = check(&world, application(1), 202, json!({})).await["reference"].clone();
    let act = json!({ "referral": referral(1), "action": "accept" });
    let expected = json!({ "/status": 200, "/body/status": "accepted" });
    check(&world, Call::post("laja", "/_sim/act", &act), 200, expected.clone()).await;
    check(&world, Call::post("laja", "/_sim/act", &act), 200, expected).await;
    let calls = hub.calls(&format!("POST /v1/referrals/{}/accept", referral(1)));
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0].headers["idempotency-key"], format!("laja-{}-accept-1", referral(1)));
    assert_eq!(calls[0].headers["idempotency-key"], calls[1].headers["idempotency-key"]);
    assert_eq!(calls[0].headers["authorization"], "Bearer t1");
    assert_eq!(calls[0].body["schema"], "referral.accept/v1");
    assert_eq!(calls[0].body["local_reference"], file);
    assert_eq!(calls[0].body["officer"]["name"], "Test Officer LAJA");
    let tokens = hub.calls("POST /token");
    assert!(tokens.iter().all(|got| got.headers["authorization"].starts_with("Basic ")));
    let own =
        tokens.iter().filter(|got| got.headers["authorization"] == "Basic bGFqYS1zeXN0ZW06b3duK3NlY3JldA==");
    assert_eq!(own.count(), 1, "one token, kept; form-encoded before Basic");
}

#[tokio::test]
async fn an_act_with_an_unknown_action_calls_nobody() {
    let hub = FakeHub::listen(|_| (200, json!({}))).await;
    let world = World::with_hub(&hub.url);
    let act = json!({ "referral": referral(1), "action": "../indicators" });
    check(&world, Call::post("nccia", "/_sim/act", &act), 422, json!({ "/error": "no-such-act" })).await;
    assert!(hub.calls("POST /v1").is_empty());
}

#[tokio::test]
async fn the_hubs_refusal_is_passed_on() {
    let hub = FakeHub::listen(|_| (409, json!({ "type": "/problems/invalid-transition" }))).await;
    let world = World::with_hub(&hub.url);
    let act =
        json!({ "referral": referral(1), "action": "reject", "body": { "reason": "no-capacity" }, "n": 2 });
    let expected = json!({ "/status": 409, "/body/type": "/problems/invalid-transition" });
    check(&world, Call::post("nccia", "/_sim/act", &act), 200, expected).await;
    let calls = hub.calls("/reject");
    assert_eq!(calls[0].headers["idempotency-key"], format!("nccia-{}-reject-2", referral(1)));
    assert_eq!(calls[0].body, json!({ "reason": "no-capacity", "schema": "referral.reject/v1" }));
}

#[tokio::test]
async fn systems_submit_and_ask_for_identity() {
    let hub = FakeHub::listen(|_| (201, json!({ "case": "cs_1" }))).await;
    let world = World::with_hub(&hub.url);
    let sending = json!({ "body": { "priority": "emergency" }, "idempotency_key": "story-2" });
    check(&world, Call::post("ictp", "/_sim/submit", &sending), 200, json!({ "/status": 201 })).await;
    check(&world, Call::post("cpi", "/_sim/identity-check", &sending), 200, json!({ "/status": 201 })).await;
    let submitted = hub.calls("POST /v1/referrals ");
    assert_eq!(submitted[0].headers["idempotency-key"], "story-2");
    assert_eq!(submitted[0].body["schema"], "referral.request/v1");
    assert_eq!(hub.calls("POST /v1/identity-checks")[0].body["schema"], "identity.check/v1");
}

#[tokio::test]
async fn a_hub_away_is_said_so() {
    let world = World::new();
    let act = json!({ "referral": referral(1), "action": "accept" });
    check(&world, Call::post("laja", "/_sim/act", &act), 502, json!({ "/error": "hub-not-reached" })).await;
}
