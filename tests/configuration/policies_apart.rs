//! Two hubs as two processes, on one database and one broker: a set of policies that two people approve at
//! one comes into force at the other, and at one that starts later.

use std::time::{Duration, Instant};

use policies::Policies;
use serde_json::{Value, json};

use super::house::House;
use super::running::Running;
use crate::hub::breaker::for_nccia;
use crate::hub::policies::without_police;

/// A hub looks every second; the rest is room for a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// The digest of the set in force at a hub, and whether two people put it there. A hub whose first look at
/// the register came to nothing, on a busy machine, answers nobody until the next.
async fn in_force(house: &House, hub: &Running) -> (String, bool) {
    let since = Instant::now();
    loop {
        let said = house.get(hub, &house.token("hub-operator", None), "/v1/policies").await;
        if said.status == 503 && since.elapsed() < PATIENCE {
            tokio::task::yield_now().await;
            continue;
        }
        let view = said.ok();
        return (view["set"].as_str().unwrap().to_owned(), view["approved"] == true);
    }
}

async fn police_send(house: &House, hub: &Running) -> (u16, String) {
    let message: Value = serde_json::from_slice(&for_nccia()).unwrap();
    let said = house.post(hub, &house.token("ictp-system", None), "/v1/referrals", &message).await;
    let problem = said.body["type"].as_str().unwrap_or_default();
    (said.status, problem.rsplit('/').next().unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_approved_at_one_comes_into_force_at_the_other() {
    let Some(house) = House::on_servers("") else { return };
    let (one, other) = (house.start("one", "api,delivery"), house.start("other", "api,oversight"));
    let own = Policies::embedded().unwrap().set_digest().to_owned();
    let new = Policies::from_bundle(&without_police()).unwrap().set_digest().to_owned();
    for hub in [&one, &other] {
        assert_eq!(in_force(&house, hub).await, (own.clone(), false));
        assert_eq!(police_send(&house, hub).await.0, 201);
    }

    // Proposed at one, looked at and agreed to by another person at the same.
    house.register(&one, "hub-admin", "operator-2", "operator").await;
    let bundle: Value = serde_json::from_str(&without_police()).unwrap();
    let operator = house.token("hub-operator", None);
    let asked = house.post(&one, &operator, "/v1/policies", &json!({ "bundle": bundle })).await.ok();
    let path = format!("/v1/approvals/{}/approve", asked["id"].as_str().unwrap());
    let long_ago = house.token_after("hub-operator", Some("operator-2"), 400);
    let refused = house.post(&one, &long_ago, &path, &json!({})).await;
    assert_eq!(refused.status, 401, "a yes takes a fresh sign-in");
    let second = house.token("hub-operator", Some("operator-2"));
    // Who somebody is, another process knows within a second, too.
    let since = Instant::now();
    let agreed = house.post(&one, &second, &path, &json!({})).await.ok();
    assert_eq!(agreed["status"], "approved");
    assert_eq!(in_force(&house, &one).await, (new.clone(), true), "at once where it was approved");
    assert_eq!(police_send(&house, &one).await, (403, "not-permitted".to_owned()));

    while in_force(&house, &other).await != (new.clone(), true) {
        assert!(since.elapsed() < PATIENCE, "the other hub is still under the old set");
    }
    println!("the other process followed after {} ms", since.elapsed().as_millis());
    assert_eq!(police_send(&house, &other).await, (403, "not-permitted".to_owned()));

    let late = house.start("late", "api");
    assert_eq!(in_force(&house, &late).await, (new, true), "and one that starts begins under it");
    assert_eq!(police_send(&house, &late).await.0, 403);
    for hub in [one, other, late] {
        assert_eq!(hub.end("-TERM").0, Some(0));
    }
}
