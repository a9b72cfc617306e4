//! The queue brings a body that is not the one stored: altered, swapped, under another key, of another case.
//! It is noticed, and the stored one is handed over in its place.

use casework::{CaseId, DeliveryId, KeyId};
use hub::{Carried, HandedOver};
use policies::Policies;
use store::SealedBody;

use super::breaker::Line;
use super::held::request;
use super::world::{World, key, system};

/// A referral to a shelter, its delivery and its stored body.
async fn referral(world: &World, name: &str) -> (DeliveryId, SealedBody) {
    let sent = world.hub.submit_referral(&system("ictp"), &request(), &key(name)).await.unwrap();
    let delivery = world.hub.store.deliveries_of(sent.referrals[0].id).await.unwrap().remove(0);
    let body = world.hub.store.body(delivery.object).await.unwrap().unwrap();
    (delivery.id, body)
}

/// Where no agency's system is linked, a body that opens rests for that reason, and one that does not for
/// another.
async fn check(world: &World, name: &str, change: impl Fn(&mut SealedBody, &SealedBody)) {
    let (_, other) = referral(world, &format!("{name}-other")).await;
    let (id, mut body) = referral(world, name).await;
    change(&mut body, &other);
    assert_eq!(
        world.hub.hand_over(id, Some(Carried { body, attempts: Some(0) })).await.unwrap(),
        HandedOver::Rested,
        "{name}"
    );
    let rested = world.hub.store.delivery(id).await.unwrap().unwrap();
    assert_eq!(rested.reason.map(|code| code.to_string()).as_deref(), Some("no-adapter"), "{name}");
    let again = world.hub.hand_over(id, None).await.unwrap();
    assert_eq!(again, HandedOver::NotOurs, "a second copy finds nothing to do");
}

#[tokio::test]
async fn what_was_stored_is_handed_over() {
    let world = World::new(Policies::embedded().unwrap());
    check(&world, "as-stored", |_, _| ()).await;
    check(&world, "altered", |body, _| body.sealed[20] ^= 1).await;
    check(&world, "cut-short", |body, _| body.sealed.truncate(5)).await;
    check(&world, "swapped", |body, other| body.sealed = other.sealed.clone()).await;
    check(&world, "another-object", |body, other| *body = other.clone()).await;
    check(&world, "another-key", |body, other| body.key = other.key).await;
    check(&world, "unknown-key", |body, _| body.key = KeyId::new(uuid::Uuid::from_u128(7))).await;
    check(&world, "another-case", |body, _| body.case = CaseId::new(uuid::Uuid::from_u128(7))).await;
    check(&world, "another-schema", |body, _| body.schema = "referral.outcome/v1".to_owned()).await;
}

/// The number of attempts decides, not the time: the hub that handed it to the queue may have another clock.
#[tokio::test]
async fn a_copy_of_a_try_that_failed_is_dropped() {
    let line = Line::new().await;
    let id = line.message("one").await;
    let held = line.world.hub.store.delivery(id).await.unwrap().unwrap();
    let body = line.world.hub.store.body(held.object).await.unwrap().unwrap();
    let brought = async |attempts: Option<u32>| {
        let carried = Carried { body: body.clone(), attempts };
        (line.world.hub.hand_over(id, Some(carried)).await.unwrap(), line.calls())
    };
    assert_eq!(brought(Some(0)).await, (HandedOver::Waits, 1), "it fails");
    assert_eq!(brought(Some(0)).await, (HandedOver::NotOurs, 1), "its copy does not cut the wait short");
    assert_eq!(brought(Some(1)).await, (HandedOver::Waits, 2), "the next one goes");
    let later = line.world.hub.store.clock().real().plus_seconds(60);
    line.world.hub.store.postpone(id, later).await.unwrap();
    assert_eq!(brought(None).await, (HandedOver::NotOurs, 2), "without a number the time tells");
}

/// What is found due and handed over past the queue is looked at again first.
#[tokio::test]
async fn what_is_not_due_any_more_waits() {
    let line = Line::new().await;
    let id = line.message("one").await;
    assert_eq!(line.world.hub.hand_over_if_due(id).await.unwrap(), HandedOver::Waits);
    let later = line.world.hub.store.clock().real().plus_seconds(60);
    line.world.hub.store.postpone(id, later).await.unwrap();
    assert_eq!(line.world.hub.hand_over_if_due(id).await.unwrap(), HandedOver::NotOurs);
    assert_eq!(line.calls(), 1);
}
