//! Commit to queue, past the outbox: what this process has just committed is published from memory, one
//! agency's line beside the others. The row says since when it has been on its way; what the queue did not
//! take waits in the outbox after all (`relay.rs`), and what lies in the queue for long is noted as
//! confirmed, so that nobody doubts it too soon. What is claimed by then, as almost all is, needs no note.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use casework::{AgencyCode, DeliveryId};
use futures_util::future::join_all;
use hub::{Fresh, FreshLine, Hub};
use queue::Queue;

use crate::{Stop, observe, relay};

/// Parcels published together.
const AT_ONCE: usize = 256;
/// A confirmed parcel that is still not claimed after so long is noted; well before an unconfirmed one is
/// doubted (10 s).
const NOTE_AFTER: Duration = Duration::from_secs(5);
/// Between two looks at what is to be noted.
const NOTE_EVERY: Duration = Duration::from_secs(1);
/// Notes in one write.
const NOTES_AT_ONCE: usize = 1024;

type Confirmed = VecDeque<(Instant, DeliveryId)>;

/// Serves one agency's line until it is told to stop; then publishes what is in it, and notes it.
pub async fn run(hub: Arc<Hub>, queue: Arc<dyn Queue>, line: FreshLine, mut stop: Stop) {
    let (agency, mut leave) = line;
    let (mut confirmed, mut noted) = (Confirmed::new(), Instant::now());
    loop {
        let mut page = Vec::new();
        tokio::select! {
            taken = leave.recv_many(&mut page, AT_ONCE) => if taken == 0 { break },
            going = stop.pause(NOTE_EVERY, None) => if !going { leave.close() },
        }
        publish(&hub, &*queue, &agency, page, &mut confirmed).await;
        if noted.elapsed() >= NOTE_EVERY {
            note(&hub, &agency, &mut confirmed, NOTE_AFTER).await;
            noted = Instant::now();
        }
    }
    note(&hub, &agency, &mut confirmed, Duration::ZERO).await;
}

async fn publish(
    hub: &Hub,
    queue: &dyn Queue,
    agency: &AgencyCode,
    page: Vec<Fresh>,
    confirmed: &mut Confirmed,
) {
    if page.is_empty() {
        return;
    }
    let all = page.len();
    let ids: Vec<DeliveryId> = page.iter().map(|fresh| fresh.delivery).collect();
    let published = join_all(page.into_iter().map(|fresh| relay::hand(queue, fresh))).await;
    let mut left = Vec::new();
    for (delivery, published) in ids.into_iter().zip(published) {
        match published {
            Ok(()) => confirmed.push_back((Instant::now(), delivery)),
            Err(error) => {
                tracing::debug!(%delivery, %error, "waits in the outbox");
                left.push(delivery);
            }
        }
    }
    observe::relayed(agency.as_str(), all.saturating_sub(left.len()));
    if !left.is_empty() {
        hub.fresh.shut(agency, true);
        wait(hub, agency, left).await;
    }
}

async fn wait(hub: &Hub, agency: &AgencyCode, left: Vec<DeliveryId>) {
    match hub.store.keep_waiting(left).await {
        Ok(()) => hub.bell.notify_one(),
        Err(error) => tracing::error!(%agency, %error, "what was not published waits until it is doubted"),
    }
}

async fn note(hub: &Hub, agency: &AgencyCode, confirmed: &mut Confirmed, age: Duration) {
    while confirmed.front().is_some_and(|(since, _)| since.elapsed() >= age) {
        let old =
            confirmed.iter().take(NOTES_AT_ONCE).take_while(|(since, _)| since.elapsed() >= age).count();
        let ids = confirmed.drain(..old).map(|(_, delivery)| delivery).collect();
        if let Err(error) = hub.store.confirm_relayed(ids).await {
            tracing::error!(%agency, %error, "what the queue confirmed was not noted; it may go out twice");
        }
    }
}
