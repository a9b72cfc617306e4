//! Outbox to queue: every due delivery of an agency that is called, once it is confirmed, is marked as handed
//! over. Rung by the hub when something may be due; looks by itself otherwise. What an agency fetches itself
//! is not its business; what goes to an agency nobody has connected rests with a person.

use std::sync::Arc;
use std::time::Duration;

use casework::{DeliveryId, Timestamp};
use hub::Hub;
use queue::{Parcel, Queue, QueueError};
use store::{Due, StoreError};

use crate::Stop;

pub async fn run(hub: Arc<Hub>, queue: Arc<dyn Queue>, idle: Duration, mut stop: Stop) {
    loop {
        match relay(&hub, &*queue).await {
            Ok(0) => {}
            Ok(moved) => {
                tracing::debug!(moved, "handed to the queue");
                continue;
            }
            Err(error) => tracing::error!(%error, "the outbox could not be relayed"),
        }
        let wait = next_due(&hub, idle).await;
        if !stop.pause(wait, Some(&hub.bell)).await {
            return;
        }
    }
}

/// Until the next row falls due, but no longer than the idle look.
async fn next_due(hub: &Hub, idle: Duration) -> Duration {
    let Ok(Some(due)) = hub.store.next_due().await else { return idle };
    let micros = due.micros().saturating_sub(hub.store.clock().real().micros()).max(1_000);
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX)).min(idle)
}

/// An agency nobody has connected has neither queue nor worker: its messages become dead letters at once,
/// instead of waiting where nobody looks.
async fn rest_unconnected(hub: &Hub) -> Result<(), StoreError> {
    let known = hub.directory.agencies().map(|row| &row.code);
    let unconnected = known.filter(|code| hub.adapters.agency(code).is_none()).map(ToString::to_string);
    for due in hub.store.due(unconnected.collect()).await? {
        rest(hub, due.delivery).await;
    }
    Ok(())
}

/// One look; how many were handed over.
async fn relay(hub: &Hub, queue: &dyn Queue) -> Result<usize, StoreError> {
    rest_unconnected(hub).await?;
    let called = hub.adapters.agencies().filter(|agency| agency.protocol != adapters::Protocol::Pull);
    let mut moved = 0_usize;
    // Agency by agency, so that a slow one with a full line delays nobody else.
    for agency in called {
        moved = moved.saturating_add(relay_to(hub, queue, agency.code.to_string()).await?);
    }
    Ok(moved)
}

async fn relay_to(hub: &Hub, queue: &dyn Queue, agency: String) -> Result<usize, StoreError> {
    let mut confirmed = Vec::new();
    let looked = hub.store.clock().real();
    for due in hub.store.due(vec![agency]).await? {
        match hand(hub, queue, &due).await {
            Ok(Ok(())) => confirmed.push(due.delivery),
            Ok(Err(error)) => {
                tracing::debug!(%error, "the rest stays in the outbox");
                break;
            }
            // One bad row stops no other; handing it over brings it to rest.
            Err(error) => {
                tracing::error!(delivery = %due.delivery, %error, "a parcel could not be made");
                rest(hub, due.delivery).await;
            }
        }
    }
    let moved = confirmed.len();
    mark(hub, confirmed, looked).await?;
    Ok(moved)
}

async fn rest(hub: &Hub, delivery: DeliveryId) {
    if let Err(error) = hub.hand_over(delivery, None).await {
        tracing::error!(%delivery, problem = error.slug(), "a hand-over failed");
    }
}

async fn mark(hub: &Hub, confirmed: Vec<DeliveryId>, looked: Timestamp) -> Result<(), StoreError> {
    if confirmed.is_empty() { Ok(()) } else { hub.store.mark_relayed(confirmed, looked).await }
}

async fn hand(hub: &Hub, queue: &dyn Queue, due: &Due) -> Result<Result<(), QueueError>, StoreError> {
    let missing = || StoreError::Unreadable("an outbox row without its delivery".to_owned());
    let delivery = hub.store.delivery(due.delivery).await?.ok_or_else(missing)?;
    if delivery.attempts > 0 && failpoint::planted("cursor-outbox") {
        return Ok(Ok(()));
    }
    let body = hub.store.body(delivery.object).await?.ok_or_else(missing)?;
    let parcel = Parcel {
        delivery: delivery.id,
        to: delivery.to,
        message: delivery.message,
        case: body.case,
        object: body.object,
        key: body.key,
        schema: body.schema,
        sealed: body.sealed.into(),
    };
    failpoint::here("S7");
    let published = queue.publish(parcel).await;
    failpoint::here("S8");
    Ok(published)
}
