//! Token buckets at the edge: what a full one answers, that it is entered, that nobody empties another's, and
//! that an emergency is taken whatever else is used up.

use hub::{LimitSettings, Limited, Limits};
use serde_json::Value;

use super::served::referral;
use super::world::{Answer, World};

fn few() -> LimitSettings {
    LimitSettings {
        reads_per_minute: 2,
        intake_per_minute: 1,
        emergencies_per_minute: 3,
        ..Default::default()
    }
}

async fn list(world: &World, client: &str) -> Answer {
    world.get("/v1/referrals").calling_as(client).send().await
}

async fn send(world: &World, key: &str, priority: &str) -> Answer {
    let mut message: Value = serde_json::from_str(&referral()).unwrap();
    message["priority"] = priority.into();
    world.post("/v1/referrals", message.to_string()).key(key).calling_as("ictp-system").send().await
}

#[tokio::test]
async fn a_bucket_that_is_empty_says_so_and_when_to_come_again() {
    let world = World::limited(few()).await;
    for _ in 0..2 {
        assert_eq!(list(&world, "ictp-system").await.line(), "200");
    }
    let before = world.entries().await;
    let refused = list(&world, "ictp-system").await;
    assert_eq!(refused.line(), "429 limit-reached");
    assert_eq!(refused.body["limit"], "reads");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(world.entries().await, before + 1, "a refusal of a known caller is an entry");
    assert_eq!(list(&world, "cpi-system").await.line(), "200", "another's bucket is full");
}

/// Reads, a flood of other submissions, and what is no message at all: an emergency still comes in.
#[tokio::test]
async fn an_emergency_has_a_lane_of_its_own() {
    let world = World::limited(few()).await;
    for _ in 0..5 {
        list(&world, "ictp-system").await;
    }
    assert_eq!(send(&world, "one", "normal").await.line(), "201");
    for number in 0..5 {
        let refused = send(&world, &format!("more-{number}"), "urgent").await;
        assert_eq!(
            (refused.line().as_str(), &refused.body["limit"]),
            ("429 limit-reached", &"intake".into())
        );
    }
    let nothing = world.post("/v1/referrals", "[{").key("x").calling_as("ictp-system").send().await;
    assert_eq!(nothing.line(), "429 limit-reached");
    for number in 0..3 {
        assert_eq!(send(&world, &format!("now-{number}"), "emergency").await.line(), "201");
    }
    let last = send(&world, "now-4", "emergency").await;
    assert_eq!((last.line().as_str(), &last.body["limit"]), ("429 limit-reached", &"emergencies".into()));
}

/// A bucket that is full again is forgotten: memory follows who asked in the last minute, no more.
#[test]
fn buckets_are_forgotten() {
    let limits = Limits::new(
        LimitSettings::without_rates(),
        seal::RootKey::generate().mark_key(),
        std::collections::BTreeSet::new(),
    );
    for number in 0..30_000_u32 {
        let caller =
            casework::Caller { client: format!("client-{number}"), ..crate::hub::world::system("ictp") };
        limits.take(&caller, Limited::Reads).unwrap();
    }
    assert!(limits.kept() <= 10_001, "{} buckets are kept", limits.kept());
}
