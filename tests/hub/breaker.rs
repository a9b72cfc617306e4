//! An agency whose system does not answer is left alone for a while: no attempt is spent, one message tries
//! it when the time is over, and an answer opens the way for all. The clock is the test's.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};
use std::time::Duration;

use casework::{DeliveryId, DeliveryStatus, Timestamp};
use hub::{Breakers, HandedOver, Hub, Retry};
use policies::Policies;
use serde_json::json;

use super::world::{World, key, system};
use crate::agencies::responder::{Reply, Responder};

pub const ANSWERS: u8 = 0;
pub const FAILS: u8 = 1;
const SILENT: u8 = 2;
pub const REFUSES_US: u8 = 3;
const SECOND: i64 = 1_000_000;

/// A request that goes to NCCIA.
pub fn for_nccia() -> Vec<u8> {
    let message = json!({
        "schema": "referral.request/v1",
        "recipients": [{ "agency": "nccia", "service": "SVC-CYBER" }],
        "priority": "urgent",
        "purpose": "protection",
        "reasons": ["RSN-ONLINE"],
        "child": { "name": { "full": "Test Child 7" }, "age": { "years": 9, "basis": "EST" }, "sex": "F" },
        "consent": { "basis": "consent", "given_by": "child", "scope": "this-referral" },
        "referred_by": { "position": "Sub-inspector" },
        "statistics": { "sex": { "value": "F" }, "age_band": { "value": "Y5T9" } },
    });
    message.to_string().into_bytes()
}

/// A hub, NCCIA's system that does as it is told, and the time.
pub struct Line {
    pub world: World,
    system: Responder,
    does: Arc<AtomicU8>,
    time: Arc<AtomicI64>,
}

impl Line {
    pub async fn new() -> Self {
        let does = Arc::new(AtomicU8::new(FAILS));
        let told = Arc::clone(&does);
        let system = Responder::start(move |_| match told.load(Ordering::SeqCst) {
            ANSWERS => Reply::Answer(201, "", r#"{"reference":"N-1"}"#.to_owned()),
            FAILS => Reply::Answer(503, "", String::new()),
            REFUSES_US => Reply::Answer(401, "", String::new()),
            _ => Reply::Silence,
        });
        let system = system.await;
        let world = World::new(Policies::embedded().unwrap());
        let time = Arc::new(AtomicI64::new(world.hub.store.clock().real().micros()));
        let told = Arc::clone(&time);
        let breakers =
            Breakers::by(Retry::default(), move || Timestamp::from_micros(told.load(Ordering::SeqCst)));
        let links = [("nccia".parse().unwrap(), system.link())].into();
        let world = world.with(|hub| Hub { breakers, links, ..hub });
        Self { world, system, does, time }
    }

    /// A message for NCCIA.
    pub async fn message(&self, name: &str) -> DeliveryId {
        let (police, message) = (system("ictp"), for_nccia());
        let sent = self.world.hub.submit_referral(&police, &message, &key(name)).await.unwrap();
        self.world.hub.store.deliveries_of(sent.referrals[0].id).await.unwrap()[0].id
    }

    pub async fn hand_over(&self, id: DeliveryId) -> HandedOver {
        self.world.hub.hand_over(id, None).await.unwrap()
    }

    pub async fn stands(&self, id: DeliveryId) -> (DeliveryStatus, u32) {
        let held = self.world.hub.store.delivery(id).await.unwrap().unwrap();
        (held.status, held.attempts)
    }

    /// Five failures in a row.
    pub async fn opened(&self, id: DeliveryId) {
        for attempt in 1..=5 {
            assert!(!self.is_open(), "before attempt {attempt}");
            assert_eq!(self.hand_over(id).await, HandedOver::Waits);
        }
        assert!(self.is_open());
    }

    fn is_open(&self) -> bool {
        self.world.hub.breakers.is_open(&"nccia".parse().unwrap())
    }

    pub fn calls(&self) -> usize {
        self.system.calls().len()
    }

    pub fn does(&self, what: u8) {
        self.does.store(what, Ordering::SeqCst);
    }

    pub fn wait(&self, seconds: i64) {
        self.time.fetch_add(seconds * SECOND, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn a_breaker_spends_no_attempt() {
    let line = Line::new().await;
    let (first, second) = (line.message("one").await, line.message("two").await);
    line.opened(first).await;
    assert_eq!((line.stands(first).await, line.calls()), ((DeliveryStatus::WaitingForRetry, 5), 5));
    for id in [first, second] {
        assert_eq!(line.hand_over(id).await, HandedOver::Waits);
    }
    assert_eq!(line.stands(first).await, (DeliveryStatus::WaitingForRetry, 5), "no attempt is spent");
    assert_eq!(line.stands(second).await, (DeliveryStatus::Queued, 0));
    assert_eq!(line.calls(), 5, "and nobody is called");
    let due = line.world.hub.store.due(vec!["nccia".into()]).await.unwrap();
    assert_eq!(due, [], "it waits until the agency may be tried again");
    let next = line.world.hub.store.next_due().await.unwrap().unwrap().micros();
    let until = line.time.load(Ordering::SeqCst) + 30 * SECOND;
    assert_eq!(next, until);
}

#[tokio::test]
async fn one_probe_while_half_open() {
    let line = Line::new().await;
    let (first, second) = (line.message("one").await, line.message("two").await);
    line.opened(first).await;
    line.wait(30);
    line.does(SILENT);
    let (hub, before) = (&line.world.hub, line.calls());
    let probe = hub.hand_over(first, None);
    let beside = async {
        let mut looks = tokio::time::interval(Duration::from_millis(5));
        while line.calls() == before {
            looks.tick().await;
        }
        assert_eq!(line.hand_over(second).await, HandedOver::Waits);
        assert_eq!(line.stands(second).await, (DeliveryStatus::Queued, 0), "one probes, the others wait");
    };
    // What is dropped on its way has told nothing: the next one probes.
    tokio::select! {
        biased;
        _ = probe => panic!("an agency that is silent answered"),
        () = beside => {}
    }
    assert_eq!(line.calls(), before + 1);
    line.does(FAILS);
    assert_eq!(line.hand_over(second).await, HandedOver::Waits);
    assert_eq!(line.stands(second).await, (DeliveryStatus::WaitingForRetry, 1));
    assert_eq!(line.calls(), before + 2);
    // It failed: twice the time.
    line.wait(59);
    line.hand_over(second).await;
    assert_eq!(line.calls(), before + 2);
    line.wait(1);
    line.hand_over(second).await;
    assert_eq!(line.calls(), before + 3);
}

#[tokio::test]
async fn it_closes_after_a_success() {
    let line = Line::new().await;
    let (first, second) = (line.message("one").await, line.message("two").await);
    line.opened(first).await;
    line.does(ANSWERS);
    line.wait(30);
    assert_eq!(line.hand_over(first).await, HandedOver::Rested);
    assert!(!line.is_open());
    assert_eq!(line.hand_over(second).await, HandedOver::Rested);
    assert_eq!(line.stands(second).await, (DeliveryStatus::Delivered, 1));
}
