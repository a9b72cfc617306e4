//! Webhooks against a receiver on loopback: the list's own bytes, signed; tried again under the same id, in
//! order; disabled and told in the end; and begun again by its agency, which sees its own and no other's.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering::Relaxed};
use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use casework::{AgencyCode, DeliveryStep, MessageKind};
use hub::{Key, Webhook, Webhooks};
use seal::{RootKey, verify_note_signature};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::stream::{Listener, listed, refer};
use super::world::World;
use crate::agencies::responder::{Asked, Reply, Responder};
use crate::hub::world::system;
use crate::journeys::messages::step;
use crate::store::world::{claim, outcome};

/// A receiver that answers with a status that a test may change, and a world that posts to it.
struct House {
    world: World,
    receiver: Responder,
    status: Arc<AtomicU16>,
}

impl House {
    async fn new(webhooks: &[(&str, &str)], schedule: &[u64]) -> Self {
        let status = Arc::new(AtomicU16::new(204));
        let answer = Arc::clone(&status);
        let receiver =
            Responder::start(move |_| Reply::Answer(answer.load(Relaxed), "", String::new())).await;
        let link = receiver.link();
        let webhook = |(name, agency): &(&str, &str)| Webhook {
            name: (*name).to_owned(),
            agency: agency.parse().unwrap(),
            url: format!("{}{name}", link.endpoint).parse().unwrap(),
            types: Vec::new(),
            key: RootKey::from_bytes([7; 32]).webhook_key(name).unwrap(),
        };
        let mut all = Webhooks::new(webhooks.iter().map(webhook).collect(), link.http);
        all.schedule = schedule.iter().map(|ms| Duration::from_millis(*ms)).collect();
        let world = World::posting_to(all).await;
        for (name, _) in webhooks {
            world.hub.store.webhook(name).await.unwrap();
        }
        Self { world, receiver, status }
    }

    async fn serve(&self, name: &str) {
        while self.world.hub.serve_webhook(name).await.unwrap() {}
    }

    fn at(&self, name: &str) -> Vec<Asked> {
        let path = format!("/{name}");
        self.receiver.seen().into_iter().filter(|asked| asked.path == path).collect()
    }

    fn bodies(&self, name: &str) -> Vec<String> {
        self.at(name).into_iter().map(|asked| asked.body).collect()
    }

    async fn view(&self, client: &str, name: &str) -> Value {
        let list = self.world.get("/v1/webhooks").calling_as(client).send().await.body;
        list["data"]
            .as_array()
            .unwrap()
            .iter()
            .find(|view| view["name"] == name)
            .cloned()
            .unwrap_or(Value::Null)
    }

    async fn replay(&self, client: &str, name: &str, after: Value) -> String {
        let body = json!({ "after": after }).to_string();
        let key = uuid::Uuid::new_v4().to_string();
        let call = self.world.post(&format!("/v1/webhooks/{name}/replay"), body).key(&key);
        call.calling_as(client).send().await.line()
    }
}

fn header(asked: &Asked, name: &str) -> String {
    let start = format!("{name}: ");
    asked.head.lines().find_map(|line| line.strip_prefix(&start)).unwrap().to_owned()
}

#[tokio::test]
async fn three_ways_give_the_same_bytes() {
    let house = House::new(&[("one", "cpi")], &[0]).await;
    let token = house.world.token("cpi-system", None);
    let mut stream = Listener::open(&house.world, &token, "").await;
    for number in 0..3 {
        refer(&house.world, &format!("one-{number}")).await;
    }
    let list = listed(&house.world, "cpi-system", "").await;
    assert_eq!(list.len(), 3);
    let streamed = [stream.event().await, stream.event().await, stream.event().await];
    assert_eq!(streamed.map(Option::unwrap).to_vec(), list);
    house.serve("one").await;
    assert_eq!(house.bodies("one"), list);
    assert_eq!(header(&house.at("one")[0], "content-type"), "application/cloudevents+json; charset=utf-8");
}

#[tokio::test]
async fn a_webhook_is_signed_by_the_key_that_its_agency_sees() {
    let house = House::new(&[("one", "cpi")], &[0]).await;
    refer(&house.world, "one").await;
    house.serve("one").await;
    let view = house.view("cpi-system", "one").await;
    assert_eq!((&view["signature"], &view["after"], &view["tries"]), (&json!("v1a"), &json!(1), &json!(0)));
    let public = view["public_key"].as_str().unwrap().strip_prefix("whpk_").unwrap();
    let public: [u8; 32] = STANDARD.decode(public).unwrap().try_into().unwrap();
    let sent = house.at("one").remove(0);
    let (id, at) = (header(&sent, "webhook-id"), header(&sent, "webhook-timestamp"));
    let event: Value = serde_json::from_str(&sent.body).unwrap();
    assert_eq!(json!(id), event["id"]);
    let signature = header(&sent, "webhook-signature");
    let signature = STANDARD.decode(signature.strip_prefix("v1a,").unwrap()).unwrap();
    assert!(verify_note_signature(&public, &format!("{id}.{at}.{}", sent.body), &signature));
}

/// What nobody took is tried again, under the same id, and nothing overtakes it.
#[tokio::test]
async fn users_ask_07_a_webhook_is_tried_again_and_not_forgotten() {
    let house = House::new(&[("one", "cpi")], &[0, 0, 0, 0]).await;
    house.status.store(500, Relaxed);
    refer(&house.world, "one").await;
    refer(&house.world, "two").await;
    for tries in 1..4 {
        house.serve("one").await;
        let view = house.view("cpi-system", "one").await;
        assert_eq!((&view["tries"], &view["problem"]), (&json!(tries), &json!("it answered 500")));
        assert!(view["next_try"].is_string() && view["disabled_since"].is_null());
    }
    let ids =
        |house: &House| house.at("one").iter().map(|sent| header(sent, "webhook-id")).collect::<Vec<_>>();
    let first = ids(&house).remove(0);
    assert_eq!(ids(&house), vec![first.clone(); 3], "the same id each time");
    house.status.store(200, Relaxed);
    house.serve("one").await;
    assert_eq!(ids(&house)[3], first);
    assert_eq!(house.bodies("one")[3..], listed(&house.world, "cpi-system", "").await, "in order, none lost");
    assert_eq!(house.view("cpi-system", "one").await["tries"], 0);
}

#[tokio::test]
async fn after_its_last_try_a_webhook_is_disabled_and_told() {
    let house = House::new(&[("one", "cpi")], &[0, 0]).await;
    house.status.store(503, Relaxed);
    refer(&house.world, "one").await;
    for _ in 0..5 {
        house.serve("one").await;
    }
    assert_eq!(house.at("one").len(), 3, "the first try and one after each wait");
    let view = house.view("cpi-system", "one").await;
    assert!(view["disabled_since"].is_string(), "{view}");
    assert_eq!(view["problem"], "it answered 503");
    assert_eq!(house.view("hub-operator", "one").await, view, "the operator sees it too");
    let mut gauges = hub::Gauges::default();
    gauges.refresh(&house.world.hub).await;
    let metrics = house.world.get("/metrics").send().await.text();
    assert!(metrics.contains("amaan_webhooks_disabled 1"), "{metrics}");
    assert!(!metrics.contains("amaan_alarms_total{alarm=\"webhook-disabled\"} 0"));
}

#[tokio::test]
async fn who_is_gone_is_asked_once() {
    let house = House::new(&[("gone", "cpi")], &[0, 0, 0]).await;
    house.status.store(410, Relaxed);
    refer(&house.world, "one").await;
    house.serve("gone").await;
    house.serve("gone").await;
    assert_eq!(house.at("gone").len(), 1);
    assert!(house.view("cpi-system", "gone").await["disabled_since"].is_string());
}

#[tokio::test]
async fn replay_sends_what_was_missed() {
    let house = House::new(&[("one", "cpi")], &[]).await;
    house.status.store(500, Relaxed);
    for number in 0..3 {
        refer(&house.world, &format!("one-{number}")).await;
    }
    house.serve("one").await;
    assert!(house.view("cpi-system", "one").await["disabled_since"].is_string());
    house.status.store(200, Relaxed);
    assert_eq!(house.replay("cpi-system", "one", json!(1)).await, "200");
    house.serve("one").await;
    let list = listed(&house.world, "cpi-system", "").await;
    assert_eq!(house.bodies("one")[1..], list[1..], "after the event it named");
    assert_eq!(house.replay("hub-operator", "one", Value::Null).await, "200");
    house.serve("one").await;
    assert_eq!(house.bodies("one")[3..], list, "or all there is");
    assert_eq!(house.replay("nccia-system", "one", Value::Null).await, "404 not-found", "not another's");
    assert_eq!(house.replay("cpi-system", "none", Value::Null).await, "404 not-found", "the same for none");
    assert_eq!(house.replay("cpi-system", "one", json!("x")).await, "422 validation-failed");
}

#[tokio::test]
async fn a_trial_tells_whether_events_arrive() {
    let house = House::new(&[("one", "cpi")], &[0]).await;
    let call = || house.world.post("/v1/webhooks/one/test", "").key("trial").calling_as("cpi-system");
    let good = call().send().await.body;
    assert_eq!((&good["delivered"], house.at("one").len()), (&json!(true), 1));
    let event: Value = serde_json::from_str(&house.bodies("one")[0]).unwrap();
    assert_eq!((&event["type"], &event["id"]), (&json!("amaan.webhook.test.v1"), &good["id"]));
    house.status.store(500, Relaxed);
    let bad = call().send().await.body;
    assert_eq!(
        (&bad["delivered"], &bad["problem"], &bad["id"]),
        (&json!(false), &json!("it answered 500"), &good["id"])
    );
    let stranger = house.world.post("/v1/webhooks/one/test", "").key("trial").calling_as("nccia-system");
    assert_eq!(stranger.send().await.line(), "404 not-found");
    assert_eq!(house.view("cpi-system", "one").await["tries"], 0, "a trial is no try");
}

/// Woken by what is committed here, and by the clock.
#[tokio::test]
async fn delivery_keeps_webhooks_going() {
    let house = House::new(&[("one", "nccia")], &[0, 0, 0]).await;
    let queue = Arc::new(queue::Embedded::new(std::iter::empty::<AgencyCode>()));
    let running = delivery::start(&house.world.hub, queue, delivery::Pace::default(), Vec::new());
    house.status.store(500, Relaxed);
    let sent = crate::journeys::messages::small_child("nccia", "SVC-CYBER").to_string().into_bytes();
    let sent = house.world.hub.submit_referral(&system("ictp"), &sent, &Key::new("one").unwrap()).await;
    sent.unwrap();
    let arrives = async {
        while house.at("one").is_empty() {
            tokio::task::yield_now().await;
        }
        house.status.store(200, Relaxed);
        while house.view("nccia-system", "one").await["after"].is_null() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(20), arrives).await.unwrap();
    timeout(Duration::from_secs(5), running.stop()).await.unwrap();
    assert!(house.at("one").len() >= 2);
}

#[tokio::test]
async fn users_ask_10_each_agency_reads_its_own_events_and_no_other() {
    let house = House::new(&[("one", "cpi"), ("two", "nccia"), ("three", "ictp")], &[0]).await;
    let token = house.world.token("nccia-system", None);
    let mut stream = Listener::open(&house.world, &token, "").await;
    refer(&house.world, "one").await;
    for name in ["one", "two", "three"] {
        house.serve(name).await;
    }
    assert_eq!([house.at("one").len(), house.at("two").len(), house.at("three").len()], [1, 0, 1]);
    assert_eq!(listed(&house.world, "nccia-system", "").await.len(), 0);
    assert!(timeout(Duration::from_millis(800), stream.event()).await.is_err());
    assert_eq!(listed(&house.world, "cpi-system", "").await.len(), 1);
    let own = house.world.get("/v1/webhooks").calling_as("cpi-system").send().await.body;
    assert_eq!(own["data"].as_array().unwrap().len(), 1);
    let all = house.world.get("/v1/webhooks").calling_as("hub-operator").send().await.body;
    assert_eq!(all["data"].as_array().unwrap().len(), 3, "an operator sees all");
    let refused = house.world.get("/v1/events").with_scopes("ncrc-analyst", "audit.read").send().await;
    assert_eq!(refused.line(), "403 missing-scope");
}

/// Taken by the hub, by the agency's system, by an officer, and answered: each comes back by push, and stays
/// in the list and in the history. So does a no.
#[tokio::test]
async fn users_ask_11_four_acknowledgements_come_back_by_push_and_stay_in_history() {
    let house = House::new(&[("sender", "ictp")], &[0]).await;
    let hub = &house.world.hub;
    let (police, shelter) = (system("ictp"), system("cpi"));
    let body = crate::journeys::messages::small_child("cpi", "SVC-SHELTER").to_string().into_bytes();
    let sent = hub.submit_referral(&police, &body, &Key::new("one").unwrap()).await.unwrap();
    let referral = sent.referrals[0].id;
    let delivery = hub.store.deliveries_of(referral).await.unwrap()[0].id;
    hub.store.commit(claim(delivery)).await.unwrap();
    hub.store.commit(outcome(delivery, 1, DeliveryStep::Delivered)).await.unwrap();
    for kind in [MessageKind::Received, MessageKind::Accept, MessageKind::Progress] {
        let body = step(kind.action()).to_string().into_bytes();
        hub.answer_referral(&shelter, referral, kind, &body, &Key::new(kind.action()).unwrap(), None)
            .await
            .unwrap();
    }
    let told = hub.store.deliveries_of(referral).await.unwrap();
    let progress = told.iter().find(|held| held.message == MessageKind::Progress).unwrap().id;
    hub.store.commit(claim(progress)).await.unwrap();
    hub.store.commit(outcome(progress, 1, DeliveryStep::Refused)).await.unwrap();
    house.serve("sender").await;
    let pushed: Vec<Value> =
        house.bodies("sender").iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    let steps: Vec<String> =
        pushed.iter().map(|event| event["data"]["step"].as_str().unwrap().to_owned()).collect();
    let expected = [
        "referral.request",
        "sent",
        "delivered",
        "referral.received",
        "referral.accept",
        "referral.progress",
        "sent",
        "refused",
    ];
    assert_eq!(steps, expected);
    assert_eq!(pushed[2]["data"]["delivery"]["message"], "referral.request", "what was delivered");
    assert_eq!(pushed[7]["data"]["delivery"]["reason"], "timed-out", "and why not");
    assert!(pushed.iter().all(|event| event["subject"] == json!(referral)));
    assert_eq!(house.bodies("sender"), listed(&house.world, "ictp-system", "").await, "the list keeps them");
    let path = format!("/v1/referrals/{referral}/history");
    let history = house.world.get(&path).calling_as("ictp-system").send().await.body;
    assert_eq!(history["data"].as_array().unwrap().len(), expected.len(), "and the history");
}
