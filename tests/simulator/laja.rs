//! LAJA: every call is one more application, and nobody can ask what became of one.

use serde_json::json;

use super::{
    check,
    forms::*,
    world::{Call, World},
};

#[tokio::test]
async fn every_call_doubles() {
    let mut world = World::new();
    let first = check(&world, application(1), 202, json!({})).await["reference"].clone();
    world.restart().await;
    let second = check(&world, application(1), 202, json!({})).await["reference"].clone();
    assert_ne!(first, second);
    let effects = world.effects("laja", "referral.request").await;
    assert_eq!(effects.len(), 2);
    assert!(effects.iter().all(|effect| effect["delivery"] == json!(delivery(1))));
    assert!(effects.iter().all(|effect| effect.get("seen").is_none()), "effects say nothing of a child");
}

#[tokio::test]
async fn it_cannot_be_asked() {
    let world = World::new();
    check(&world, application(1), 202, json!({})).await;
    let asked = Call::get("laja", &format!("/referrals/by-delivery/{}", delivery(1)));
    let (status, _) = world.call(asked).await.expect("an answer");
    assert_eq!(status, 404);
}
