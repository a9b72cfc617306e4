//! Outbox to queue: every due delivery of an agency that is called, once it is confirmed, is marked as
//! handed over; one whose confirm is in doubt is not, and goes out again. Rung by the hub when something
//! may be due; looks by itself otherwise. What an agency fetches itself is not its business; what goes to
//! an agency nobody has connected rests with a person.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use casework::{AgencyCode, DeliveryId, Timestamp};
use futures_util::future::join_all;
use futures_util::stream;
use futures_util::{FutureExt, StreamExt};
use hub::{Fresh, Hub, trace_context};
use queue::{Parcel, Queue, QueueError, QueueState};
use store::{DUE_MAX, DueParcel, Look, StoreError};
use tracing::Instrument;

use crate::{Stop, observe};

/// Parcels of one agency read and on their way to the queue at once.
const AT_ONCE: usize = 64;
/// Rows read at least where a queue took hardly anything last time.
const PAGE_MIN: i64 = 32;
/// Between two looks for what the queue should have brought long ago.
const DOUBT: Duration = Duration::from_secs(5);

pub async fn run(hub: Arc<Hub>, queue: Arc<dyn Queue>, idle: Duration, mut stop: Stop) {
    let mut rounds = Rounds::new(idle);
    loop {
        match relay(&hub, &*queue, &mut rounds).await {
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
    for due in hub.store.due_unconnected(unconnected.collect()).await? {
        rest(hub, due.delivery).await;
    }
    Ok(())
}

/// What is looked at less often than the bell rings.
struct Rounds {
    every: Duration,
    unconnected: Option<Instant>,
    doubted: Option<Instant>,
    /// Agencies whose queue took nothing more, and when: until the next look by itself nothing is read that
    /// nobody would take.
    full: BTreeMap<AgencyCode, Instant>,
    /// How many rows the next look at such an agency reads: little more than its queue took last time.
    pages: BTreeMap<AgencyCode, i64>,
}

impl Rounds {
    const fn new(every: Duration) -> Self {
        Self { every, unconnected: None, doubted: None, full: BTreeMap::new(), pages: BTreeMap::new() }
    }
}

/// Is it time again? If so, it is now.
fn again(last: &mut Option<Instant>, every: Duration) -> bool {
    let is_time = last.is_none_or(|last| last.elapsed() >= every);
    *last = if is_time { Some(Instant::now()) } else { *last };
    is_time
}

/// One look; how many were handed over. Agencies side by side, so that a slow one delays nobody else.
async fn relay(hub: &Hub, queue: &dyn Queue, rounds: &mut Rounds) -> Result<usize, StoreError> {
    if again(&mut rounds.unconnected, rounds.every) {
        rest_unconnected(hub).await?;
    }
    // Nothing is read that nobody would take; the rows are as safe where they are.
    if queue.state() != QueueState::Up {
        return Ok(0);
    }
    let doubts = again(&mut rounds.doubted, DOUBT);
    rounds.full.retain(|_, since| since.elapsed() < rounds.every);
    let called = hub.adapters.agencies().filter(|agency| agency.protocol != adapters::Protocol::Pull);
    let called: Vec<_> =
        called.map(|agency| &agency.code).filter(|code| !rounds.full.contains_key(*code)).collect();
    let page = |agency| rounds.pages.get(agency).copied().unwrap_or(DUE_MAX);
    let looks = called.iter().map(|agency| relay_to(hub, queue, agency, doubts, page(agency)).boxed());
    let mut all = 0_usize;
    for (agency, moved) in called.iter().zip(join_all(looks).await) {
        let moved = moved?;
        all = all.saturating_add(moved.handed);
        if moved.refused {
            rounds.full.insert((*agency).clone(), Instant::now());
            rounds.pages.insert((*agency).clone(), next_page(moved.handed));
        } else {
            rounds.pages.remove(*agency);
        }
    }
    Ok(all)
}

fn next_page(taken: usize) -> i64 {
    i64::try_from(taken.saturating_mul(2)).unwrap_or(DUE_MAX).clamp(PAGE_MIN, DUE_MAX)
}

/// What one look at an agency's rows did.
#[derive(Clone, Copy, Default)]
struct Moved {
    seen: usize,
    handed: usize,
    refused: bool,
}

/// What waits for one agency, and, where its queue has nothing to bring any more, what it should have
/// brought long ago. While it still has something, a slow agency is the reason, and more copies help nobody.
async fn relay_to(
    hub: &Hub,
    queue: &dyn Queue,
    agency: &AgencyCode,
    doubts: bool,
    page: i64,
) -> Result<Moved, StoreError> {
    let moved = relay_some(hub, queue, agency, Look::Waiting, page).await?;
    hub.fresh.shut(agency, moved.seen > 0);
    if !doubts || moved.refused {
        return Ok(moved);
    }
    let busy = queue.held(agency).await.is_some_and(|held| held > 0);
    let look = if busy { Look::Unconfirmed } else { Look::Doubted };
    let more = relay_some(hub, queue, agency, look, DUE_MAX).await?;
    Ok(Moved { handed: moved.handed.saturating_add(more.handed), refused: more.refused, ..moved })
}

/// One agency's due rows: published together, the confirmed ones marked in one write.
async fn relay_some(
    hub: &Hub,
    queue: &dyn Queue,
    agency: &AgencyCode,
    look: Look,
    at_most: i64,
) -> Result<Moved, StoreError> {
    let looked = hub.store.clock().real();
    let due = hub.store.due_parcels(agency.to_string(), look, at_most).await?;
    let ids: Vec<DeliveryId> = due.iter().map(|one| one.due.delivery).collect();
    let enough = AtomicBool::new(false);
    let trying: Vec<_> = due.into_iter().map(|due| hand_unless(queue, due, &enough).boxed()).collect();
    let tries: Vec<_> = stream::iter(trying).buffered(AT_ONCE).collect().await;
    let (mut confirmed, mut moved) = (Vec::new(), Moved { seen: ids.len(), ..Moved::default() });
    for (delivery, tried) in ids.into_iter().zip(tries) {
        match tried {
            Tried::Handed => confirmed.push(delivery),
            Tried::Refused(error) => {
                tracing::debug!(%delivery, %error, "stays in the outbox");
                moved.refused = true;
            }
            Tried::Skipped => {}
            // One bad row stops no other; handing it over brings it to rest.
            Tried::Incomplete => {
                tracing::error!(%delivery, "an outbox row without its delivery or body");
                rest(hub, delivery).await;
            }
        }
    }
    moved.handed = confirmed.len();
    observe::relayed(agency.as_str(), moved.handed);
    mark(hub, confirmed, looked).await?;
    Ok(moved)
}

/// What became of a due row.
enum Tried {
    Handed,
    Refused(QueueError),
    Skipped,
    Incomplete,
}

/// Once the queue has refused one, those behind it are not even tried.
async fn hand_unless(queue: &dyn Queue, parcel: DueParcel, enough: &AtomicBool) -> Tried {
    if enough.load(Ordering::Relaxed) {
        return Tried::Skipped;
    }
    let DueParcel { due, found } = parcel;
    let Some((delivery, body)) = found else { return Tried::Incomplete };
    if delivery.attempts > 0 && failpoint::planted("cursor-outbox") {
        return Tried::Handed;
    }
    let fresh = Fresh {
        delivery: delivery.id,
        to: delivery.to,
        message: delivery.message,
        attempts: delivery.attempts,
        body: body.into(),
        trace: due.trace,
    };
    match hand(queue, fresh).await {
        Ok(()) => Tried::Handed,
        Err(error) => {
            enough.store(true, Ordering::Relaxed);
            Tried::Refused(error)
        }
    }
}

async fn rest(hub: &Hub, delivery: DeliveryId) {
    if let Err(error) = hub.hand_over(delivery, None).await {
        tracing::error!(%delivery, problem = error.slug(), "a hand-over failed");
    }
}

async fn mark(hub: &Hub, confirmed: Vec<DeliveryId>, looked: Timestamp) -> Result<(), StoreError> {
    if confirmed.is_empty() { Ok(()) } else { hub.store.mark_relayed(confirmed, looked).await }
}

/// One parcel to the queue; `Ok` where the queue confirmed it.
pub async fn hand(queue: &dyn Queue, fresh: Fresh) -> Result<(), QueueError> {
    let span = observe::publishing(fresh.delivery, &fresh.to, fresh.trace.as_deref());
    let body = &*fresh.body;
    let trace = span.in_scope(trace_context::current).or(fresh.trace);
    let parcel = Parcel {
        delivery: fresh.delivery,
        to: fresh.to,
        message: fresh.message,
        attempts: Some(fresh.attempts),
        case: body.case,
        object: body.object,
        key: body.key,
        schema: body.schema.clone(),
        sealed: body.sealed.as_slice().into(),
        trace,
    };
    failpoint::here("S7");
    let published = queue.publish(parcel).instrument(span).await;
    failpoint::here("S8");
    published
}
