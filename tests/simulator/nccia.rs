//! NCCIA: one number per delivery, however often it comes and whatever happens in between.

use serde_json::json;

use super::{
    check,
    forms::*,
    world::{Call, World},
};

#[tokio::test]
async fn a_delivery_has_one_number_across_a_restart() {
    let mut world = World::new();
    let first = check(&world, complaint(1), 201, json!({})).await["reference"].clone();
    assert!(first.as_str().unwrap().starts_with("NCCIA-20"), "{first}");
    check(&world, complaint(1), 201, json!({ "/reference": first })).await;
    world.restart().await;
    check(&world, complaint(1), 201, json!({ "/reference": first })).await;
    let asked = Call::get("nccia", &format!("/referrals/by-delivery/{}", delivery(1)));
    check(&world, asked, 200, json!({ "/reference": first })).await;
    let next = check(&world, complaint(2), 201, json!({})).await["reference"].clone();
    assert_ne!(next, first);
    assert_eq!(world.effects("nccia", "referral.request").await.len(), 2);
}

#[tokio::test]
async fn a_further_message_joins_the_file_and_is_seen() {
    let world = World::new();
    let file = check(&world, complaint(1), 201, json!({})).await["reference"].clone();
    let form =
        json!({ "note": { "hub_referral": referral(1), "kind": "referral.information", "text": "Test" } });
    let message = Call::post("nccia", "/messages", &form).header("idempotency-key", &delivery(7));
    check(&world, message, 201, json!({ "/reference": file })).await;
    let inbox = world.inbox("nccia", &referral(1)).await;
    assert_eq!(inbox.len(), 2);
    assert_eq!(inbox[1]["kind"], "referral.information");
    assert_eq!(inbox[1]["seen"], form);
    assert!(world.inbox("nccia", &referral(2)).await.is_empty());
}

#[tokio::test]
async fn what_it_refuses_leaves_no_effect() {
    let world = World::new();
    check(&world, complaint(1).header("authorization", "Bearer x"), 401, json!({})).await;
    let broken = Call { body: b"{".to_vec(), ..complaint(1) };
    check(&world, broken, 400, json!({ "/error": "malformed" })).await;
    let form = json!({ "complaint": { "hub_delivery": delivery(1), "hub_referral": referral(1),
        "category": "online-exploitation", "urgency": "soon" } });
    let other = Call::post("nccia", "/referrals", &form);
    check(&world, other, 422, json!({ "/error": "urgency-unknown" })).await;
    let unknown = Call::get("nccia", &format!("/referrals/by-delivery/{}", delivery(1)));
    check(&world, unknown, 404, json!({})).await;
    let huge = Call { body: vec![b' '; (1 << 20) + 1], ..complaint(1) };
    let (status, _) = world.call(huge).await.expect("an answer");
    assert_eq!(status, 413);
    assert!(world.effects("nccia", "referral.request").await.is_empty());
}
