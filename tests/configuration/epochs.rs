//! `amaan keys rotate`, as an operator runs it beside a hub: every key is wrapped anew, the earlier epoch
//! goes, and what was sent before and after can be read all the while; on SQLite, and on servers where there
//! are some.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::house::House;
use super::running::Running;

const REFERRAL: &str = include_str!("../../schemas/messages/referral.request/examples/valid/least.json");
const ROLES: &str = "api,pages,delivery,oversight";
/// A hub looks once a minute; the rest is room for a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);

fn keys(house: &House, word: &str) -> Value {
    let words = ["keys", word, "--config", "amaan.toml", "--json"];
    let said = house.place.run(&words, &[("AMAAN_HUB__DATA", "data-one")]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    serde_json::from_str(&said.out).unwrap()
}

fn epochs(house: &House) -> Vec<i64> {
    let shown = keys(house, "show");
    shown["epochs"].as_array().unwrap().iter().map(|row| row["epoch"].as_i64().unwrap()).collect()
}

async fn refer(house: &House, hub: &Running) -> String {
    let mut message: Value = serde_json::from_str(REFERRAL).unwrap();
    message["recipients"] = json!([{ "agency": "cpi", "service": "SVC-SHELTER" }]);
    message["purpose"] = json!("protection");
    let token = house.token("ictp-system", None);
    let made = house.post(hub, &token, "/v1/referrals", &message).await.ok();
    made["referrals"][0]["id"].as_str().unwrap().to_owned()
}

async fn reads(house: &House, hub: &Running, id: &str) {
    let token = house.token("ictp-system", None);
    let view = house.get(hub, &token, &format!("/v1/referrals/{id}")).await.ok();
    assert!(view["message"].is_object(), "{view}");
}

async fn turns(house: &House) {
    let hub = house.start("one", ROLES);
    let before = refer(house, &hub).await;
    assert_eq!(epochs(house), [1]);
    assert_eq!(keys(house, "rotate"), json!({ "epoch": 2 }));
    let since = Instant::now();
    reads(house, &hub, &before).await;
    let meanwhile = refer(house, &hub).await;
    while epochs(house) != [2] {
        assert!(since.elapsed() < PATIENCE, "the earlier epoch is still there: {}", keys(house, "show"));
        reads(house, &hub, &meanwhile).await;
    }
    println!("every key was wrapped anew after {} s", since.elapsed().as_secs());
    assert_eq!(hub.end("-TERM").0, Some(0));
    // Nothing of it is in memory now.
    let hub = house.start("one", ROLES);
    for id in [before, meanwhile, refer(house, &hub).await] {
        reads(house, &hub, &id).await;
    }
    assert_eq!((hub.end("-TERM").0, epochs(house)), (Some(0), vec![2]));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_rotated_beside_a_hub() {
    turns(&House::embedded("")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_rotated_beside_a_hub_on_servers() {
    let Some(house) = House::on_servers("") else { return };
    turns(&house).await;
}
