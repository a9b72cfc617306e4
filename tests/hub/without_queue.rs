//! The queue is out of order for longer than the patience: deliveries reach their end straight from the
//! database, and nothing is given to the queue.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use casework::{AgencyCode, DeliveryStatus};
use delivery::Pace;
use futures_util::future::BoxFuture;
use policies::Policies;
use queue::{Parcel, Queue, QueueError, QueueState, Taken};
use tokio::time::timeout;

use super::held::request;
use super::world::{World, key, system};

/// A queue that takes nothing.
struct OutOfOrder {
    state: Mutex<QueueState>,
    asked: AtomicUsize,
}

impl Queue for OutOfOrder {
    fn held<'a>(&'a self, _: &'a AgencyCode) -> BoxFuture<'a, Option<u64>> {
        Box::pin(std::future::ready(None))
    }

    fn publish(&self, _: Parcel) -> BoxFuture<'_, Result<(), QueueError>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Box::pin(std::future::ready(Err(QueueError::Paused)))
    }
    fn take<'a>(&'a self, _: &'a AgencyCode) -> BoxFuture<'a, Option<Taken>> {
        Box::pin(std::future::ready(None))
    }
    fn state(&self) -> QueueState {
        *self.state.lock().unwrap()
    }
    fn close(&self) {}
    fn closed(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

async fn check(state: QueueState, patience: Duration, expected: DeliveryStatus) {
    let world = World::new(Policies::embedded().unwrap());
    let sent = world.hub.submit_referral(&system("ictp"), &request(), &key("one")).await.unwrap();
    let referral = sent.referrals[0].id;
    let hub = Arc::new(world.hub);
    let queue = Arc::new(OutOfOrder { state: Mutex::new(state), asked: AtomicUsize::new(0) });
    let look = Duration::from_millis(20);
    let pace = Pace { relay_idle: look, poll: look, sweep: look, patience, ..Pace::default() };
    let running = delivery::start(&hub, queue.clone(), pace, Vec::new());
    let mut looks = tokio::time::interval(look);
    let watching = async {
        for _ in 0..10 {
            looks.tick().await;
        }
        while hub.store.deliveries_of(referral).await.unwrap()[0].status != expected {
            looks.tick().await;
        }
    };
    timeout(Duration::from_secs(60), watching).await.expect("it does not come to rest");
    running.stop().await;
    assert_eq!(queue.asked.load(Ordering::Relaxed), 0, "given to a queue that is out of order");
}

#[tokio::test]
async fn a_broker_that_is_down_delays_and_no_more() {
    let down = QueueState::Down { since: Instant::now() };
    check(down, Duration::from_millis(100), DeliveryStatus::Undeliverable).await;
    check(QueueState::Blocked, Duration::from_millis(100), DeliveryStatus::Undeliverable).await;
    check(down, Duration::from_secs(3_600), DeliveryStatus::Queued).await;
}
