//! A message that takes its worker with it does so three times at most: then a person looks at it, and all
//! others have gone on. And what nobody took in its time, while its agency was left alone, waits no longer.

use std::sync::Arc;

use adapters::Link;
use casework::{Action, Attempt, Command, Delivery, DeliveryStatus, Sensitive, TimeSource, Timestamp, Via};
use egress::{Looking, Names, Rules};
use hub::{Breakers, HandedOver, Hub, Retry};
use policies::Policies;
use store::{Committed, Lane, Order};

use super::breaker::for_nccia;
use super::world::{World, key, system};

/// A resolver with a bug.
pub struct Panics;

impl Names for Panics {
    fn addresses(&self, _host: String) -> Looking {
        panic!("a bug, on purpose")
    }
}

pub fn link() -> Link {
    let allow = vec!["localhost:9302".to_owned()];
    let rules = Rules { allow, loopback_http: true, ..Rules::default() };
    Link {
        endpoint: "http://localhost:9302/".parse().unwrap(),
        secret: Sensitive::new("test-secret".to_owned()),
        http: egress::Client::with_names(rules, Arc::new(Panics)).unwrap(),
    }
}

async fn sent(world: &World) -> casework::DeliveryId {
    let sent = world.hub.submit_referral(&system("ictp"), &for_nccia(), &key("one")).await.unwrap();
    world.hub.store.deliveries_of(sent.referrals[0].id).await.unwrap()[0].id
}

async fn stands(world: &World, id: casework::DeliveryId) -> (DeliveryStatus, u32, String) {
    let held = world.hub.store.delivery(id).await.unwrap().unwrap();
    (held.status, held.attempts, held.reason.map_or_else(String::new, |reason| reason.to_string()))
}

#[tokio::test]
async fn three_panics_are_a_quarantine() {
    let world = World::new(Policies::embedded().unwrap());
    let world = world.with(|hub| Hub { links: [("nccia".parse().unwrap(), link())].into(), ..hub });
    let id = sent(&world).await;
    for attempt in 1..=2 {
        assert_eq!(world.hub.hand_over(id, None).await.unwrap(), HandedOver::Waits);
        let expected = (DeliveryStatus::WaitingForRetry, attempt, "panicked".to_owned());
        assert_eq!(stands(&world, id).await, expected, "settled at once, and counted");
    }
    assert_eq!(world.hub.hand_over(id, None).await.unwrap(), HandedOver::Rested);
    assert_eq!(stands(&world, id).await, (DeliveryStatus::Undeliverable, 3, "poisoned".to_owned()));
    let letter = world.hub.list_dead_letters(&system("ictp"), None, 200).await.unwrap().0.remove(0);
    assert_eq!((letter.id, letter.actions), (id, vec!["replay", "resolve", "discard"]));
    assert!(!world.hub.breakers.is_open(&"nccia".parse().unwrap()), "the agency has no part in it");
}

/// An attempt whose worker is never heard of again: the delivery as it stands then.
pub async fn claimed(world: &World, delivery: casework::DeliveryId, attempt: u32) -> Delivery {
    let claim = Attempt {
        reduced: [].into(),
        delivery,
        referral: None,
        attempt,
        shown: [].into(),
        withheld: [].into(),
        mapped: None,
    };
    let (actor, action) = (world.hub.itself, Action::Attempt(claim));
    let command = Command { actor, via: Via::Hub, permit: None, commitment: None, action };
    let claimed = world.hub.store.commit(Order::plain(command, Lane::Outcomes)).await.unwrap();
    assert!(matches!(claimed, Committed::Done(_)), "{claimed:?}");
    world.hub.store.delivery(delivery).await.unwrap().unwrap()
}

#[tokio::test]
async fn three_lost_workers_are_a_quarantine() {
    let world = World::new(Policies::embedded().unwrap());
    let id = sent(&world).await;
    for attempt in 1..=3 {
        let lost = claimed(&world, id, attempt).await;
        world.hub.settle_abandoned(&lost).await.unwrap();
    }
    assert_eq!(stands(&world, id).await, (DeliveryStatus::Undeliverable, 3, "poisoned".to_owned()));
}

/// Two hubs found the same attempt abandoned. One settled it, and the next attempt is on its way.
#[tokio::test]
async fn an_attempt_made_meanwhile_is_not_settled() {
    let world = World::new(Policies::embedded().unwrap());
    let id = sent(&world).await;
    let lost = claimed(&world, id, 1).await;
    assert_eq!(world.hub.settle_abandoned(&lost).await.unwrap(), HandedOver::Waits);
    claimed(&world, id, 2).await;
    let other = world.beside(Policies::embedded().unwrap());
    assert_eq!(other.settle_abandoned(&lost).await.unwrap(), HandedOver::NotOurs);
    assert_eq!(stands(&world, id).await, (DeliveryStatus::Sent, 2, String::new()));
}

/// Nobody answers for longer than the message lives; the hub's case clock is moved past it.
#[tokio::test]
async fn what_is_left_alone_expires_all_the_same() {
    let world = World::on(None, Policies::embedded().unwrap(), -8 * 86_400_000_000);
    let breakers = Breakers::by(Retry::default(), || Timestamp::from_micros(i64::MAX / 2));
    let nobody = crate::agencies::responder::nobody().await;
    let links = [("nccia".parse().unwrap(), crate::agencies::responder::link(&nobody))].into();
    let world = world.with(|hub| Hub { breakers, links, ..hub });
    let id = sent(&world).await;
    for _ in 0..5 {
        assert_eq!(world.hub.hand_over(id, None).await.unwrap(), HandedOver::Waits);
    }
    assert!(world.hub.breakers.is_open(&"nccia".parse().unwrap()));
    let store = &world.hub.store;
    store.raise_clock(store.now().plus_micros(8 * 86_400_000_000)).unwrap();
    assert_eq!(world.hub.hand_over(id, None).await.unwrap(), HandedOver::Rested);
    assert_eq!(stands(&world, id).await, (DeliveryStatus::Expired, 6, "life-over".to_owned()));
    let letter = world.hub.list_dead_letters(&system("ictp"), None, 200).await.unwrap().0.remove(0);
    assert_eq!((letter.status, letter.owner.unwrap().as_str()), ("expired", "ictp"));
    let found = world.hub.store.conservation().await.unwrap().remove(0).1;
    assert!(found.holds() && (found.expired, found.in_flight) == (1, 0), "{found:?}");
}
