//! ICT Police's system: every message of its inbox is on its disk before it is acknowledged, and there once.

use serde_json::{Value, json};

use super::{
    fake_hub::{FakeHub, Got},
    forms::*,
    world::World,
};

fn message() -> Value {
    json!({ "delivery": delivery(1), "message": "referral.accept", "version": 1, "referral": referral(1),
        "from": "cpi", "to": "ictp",
        "body": { "schema": "referral.accept/v1", "officer": { "name": "Test Officer 1" } } })
}

/// A hub that offers one message for ever, or until the test stops looking.
fn offer(got: &Got) -> (u16, Value) {
    if got.line.starts_with("GET /v1/inbox") {
        (200, json!({ "items": [message()] }))
    } else {
        (200, json!({}))
    }
}

#[tokio::test]
async fn a_message_is_written_once_and_acknowledged_each_time() {
    let hub = FakeHub::listen(offer).await;
    let mut world = World::with_hub(&hub.url);
    let acknowledge = format!("POST /v1/inbox/{}/acknowledge", delivery(1));
    let calls = hub.wait_for(&acknowledge, 1).await;
    assert_eq!(calls[0].headers["idempotency-key"], delivery(1));
    world.restart().await;
    hub.wait_for(&acknowledge, calls.len() + 2).await;
    assert_eq!(world.effects("ictp", "referral.accept").await.len(), 1);
    assert_eq!(world.inbox("ictp", &referral(1)).await[0]["seen"], message());
}

#[tokio::test]
async fn a_lost_acknowledgement_comes_later() {
    let hub =
        FakeHub::listen(|got| if got.line.contains("/inbox ") { (503, json!({})) } else { offer(got) }).await;
    let mut world = World::with_hub(&hub.url);
    hub.wait_for("GET /v1/inbox", 1).await;
    world.stop().await;
    let hub = FakeHub::listen(offer).await;
    let world = World::with_hub(&hub.url);
    world.knobs("ictp", json!({ "lose_ack_next": 1 })).await;
    hub.wait_for("/acknowledge", 1).await;
    assert_eq!(world.effects("ictp", "referral.accept").await.len(), 1);
}
