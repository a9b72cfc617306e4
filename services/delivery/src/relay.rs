//! Outbox to queue: every due delivery of an agency that is called, once it is confirmed, is marked as
//! handed over; one whose confirm is in doubt is not, and goes out again. Rung by the hub when something
//! may be due; looks by itself otherwise. What an agency fetches itself is not its business; what goes to
//! an agency nobody has connected rests with a person.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use casework::{DeliveryId, Timestamp};
use futures_util::future::join_all;
use futures_util::stream;
use futures_util::{FutureExt, StreamExt};
use hub::{Hub, trace_context};
use queue::{Parcel, Queue, QueueError, QueueState};
use store::{Due, StoreError};
use tracing::Instrument;

use crate::{Stop, observe};

/// Parcels of one agency read and on their way to the queue at once.
const AT_ONCE: usize = 64;

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

/// One look; how many were handed over. Agencies side by side, so that a slow one delays nobody else.
async fn relay(hub: &Hub, queue: &dyn Queue) -> Result<usize, StoreError> {
    rest_unconnected(hub).await?;
    // Nothing is read that nobody would take; the rows are as safe where they are.
    if queue.state() != QueueState::Up {
        return Ok(0);
    }
    let called = hub.adapters.agencies().filter(|agency| agency.protocol != adapters::Protocol::Pull);
    let looks: Vec<_> = called.map(|agency| relay_to(hub, queue, agency.code.to_string()).boxed()).collect();
    join_all(looks).await.into_iter().try_fold(0_usize, |all, moved| Ok(all.saturating_add(moved?)))
}

/// One agency's due rows: published together, the confirmed ones marked in one write.
async fn relay_to(hub: &Hub, queue: &dyn Queue, agency: String) -> Result<usize, StoreError> {
    let looked = hub.store.clock().real();
    let due = hub.store.due(vec![agency.clone()]).await?;
    let enough = AtomicBool::new(false);
    let trying: Vec<_> = due.iter().map(|due| hand_unless(hub, queue, due, &enough).boxed()).collect();
    let tries: Vec<_> = stream::iter(trying).buffered(AT_ONCE).collect().await;
    let mut confirmed = Vec::new();
    for (due, tried) in due.iter().zip(tries) {
        match tried {
            Ok(Some(Ok(()))) => confirmed.push(due.delivery),
            Ok(Some(Err(error))) => tracing::debug!(delivery = %due.delivery, %error, "stays in the outbox"),
            Ok(None) => {}
            // One bad row stops no other; handing it over brings it to rest.
            Err(error) => {
                tracing::error!(delivery = %due.delivery, %error, "a parcel could not be made");
                rest(hub, due.delivery).await;
            }
        }
    }
    let moved = confirmed.len();
    observe::relayed(&agency, moved);
    mark(hub, confirmed, looked).await?;
    Ok(moved)
}

/// Once the queue has refused one, those behind it are not even read.
async fn hand_unless(
    hub: &Hub,
    queue: &dyn Queue,
    due: &Due,
    enough: &AtomicBool,
) -> Result<Option<Result<(), QueueError>>, StoreError> {
    if enough.load(Ordering::Relaxed) {
        return Ok(None);
    }
    let span = observe::publishing(due.delivery, &due.to, due.trace.as_deref());
    let handed = hand(hub, queue, due).instrument(span).await?;
    enough.fetch_or(handed.is_err(), Ordering::Relaxed);
    Ok(Some(handed))
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
        trace: trace_context::current().or_else(|| due.trace.clone()),
    };
    failpoint::here("S7");
    let published = queue.publish(parcel).await;
    failpoint::here("S8");
    Ok(published)
}
