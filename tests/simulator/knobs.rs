//! The knobs: what a caller sees of each fault, and what was done all the same.

use std::time::{Duration, Instant};

use egress::EgressError;
use serde_json::json;

use super::{
    check,
    forms::*,
    world::{Call, World},
};

async fn done(world: &World) -> usize {
    world.effects("nccia", "referral.request").await.len()
}

#[tokio::test]
async fn faults_before_the_effect_leave_none() {
    let world = World::new();
    let faults = [
        (json!({ "fail_next": 1 }), 500, json!({ "/error": "internal-error" })),
        (json!({ "refuse_next": 1 }), 422, json!({ "/error": "refused" })),
        (json!({ "retry_after_next": 1, "retry_after_s": 3 }), 429, json!({ "/error": "busy" })),
    ];
    for (knob, status, answer) in faults {
        world.knobs("nccia", knob).await;
        check(&world, complaint(1), status, answer).await;
    }
    world.knobs("nccia", json!({ "garbage_next": 1 })).await;
    let garbage = check(&world, complaint(1), 200, json!({})).await;
    assert!(garbage.as_str().is_some_and(|text| text.starts_with("<!doctype html>")));
    assert_eq!(done(&world).await, 0);
    check(&world, complaint(1), 201, json!({})).await;
}

#[tokio::test]
async fn a_lost_answer_leaves_the_effect_on_the_disk() {
    let world = World::new();
    world.knobs("nccia", json!({ "lose_ack_next": 1 })).await;
    let lost = world.call(complaint(1)).await.expect_err("no answer");
    assert!(matches!(lost, EgressError::NoAnswer { .. }), "{lost}");
    let log = std::fs::read_to_string(world.log_file("nccia")).expect("a log");
    assert_eq!(log.lines().count(), 1);
    assert!(log.contains(&delivery(1)));
    check(&world, complaint(1), 201, json!({})).await;
    assert_eq!(done(&world).await, 1);
}

#[tokio::test]
async fn a_timeout_is_neither_carried_out_nor_answered() {
    let world = World::new();
    world.knobs("nccia", json!({ "time_out_next": 1 })).await;
    let call = tokio::time::timeout(Duration::from_millis(300), world.call(complaint(1)));
    assert!(call.await.is_err());
    assert_eq!(done(&world).await, 0);
}

#[tokio::test]
async fn a_repeated_message_doubles_where_nobody_dedupes() {
    let world = World::new();
    for agency in ["nccia", "laja"] {
        world.knobs(agency, json!({ "duplicate_next": 1 })).await;
    }
    check(&world, complaint(1), 201, json!({})).await;
    check(&world, application(1), 202, json!({})).await;
    assert_eq!(done(&world).await, 1);
    assert_eq!(world.effects("laja", "referral.request").await.len(), 2);
}

#[tokio::test]
async fn slow_answers_come_late() {
    let world = World::new();
    world.knobs("nccia", json!({ "slow_ms": 120 })).await;
    let begun = Instant::now();
    check(&world, complaint(1), 201, json!({})).await;
    assert!(begun.elapsed() >= Duration::from_millis(120));
    check(&world, Call::get("nccia", "/_sim/knobs"), 200, json!({ "/slow_ms": 120 })).await;
}

#[tokio::test]
async fn an_unknown_knob_is_refused() {
    let world = World::new();
    let unknown = Call::post("laja", "/_sim/knobs", &json!({ "explode_next": 1 }));
    check(&world, unknown, 400, json!({ "/error": "malformed" })).await;
    check(&world, Call::get("laja", "/_sim/knobs"), 200, json!({ "/fail_next": 0, "/slow_ms": 0 })).await;
}
