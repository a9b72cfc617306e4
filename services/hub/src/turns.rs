//! An agency's turns. Its limit counts calls that run at the same time; more of its messages than that may be
//! prepared and claimed meanwhile, so that their claims and outcomes share commits instead of making each
//! call wait for two of its own. An agency that is slow gets as many as it may be called, and no more: what
//! is claimed must be called soon, or its lease would run out.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use adapters::{Agency, Registry};
use casework::AgencyCode;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Messages on their way for each call that may run.
const PLACES_PER_CALL: u32 = 4;
/// A call that takes longer fills its turn by itself: nothing is gained by claiming ahead of it.
const SLOW: Duration = Duration::from_millis(250);
/// A claimed message waits so long for its turn; then it is tried again later. Part of the lease.
const TURN_WAIT_MAX: Duration = Duration::from_secs(2);

/// How many of an agency's messages may be on their way at once: as many as it has workers.
#[must_use]
pub fn places(agency: &Agency) -> u32 {
    calls(agency).saturating_mul(PLACES_PER_CALL)
}

fn calls(agency: &Agency) -> u32 {
    agency.concurrency.max(1)
}

/// All agencies' turns.
pub struct Turns(BTreeMap<AgencyCode, Turn>);

struct Turn {
    calls: Semaphore,
    places: Semaphore,
    is_slow: AtomicBool,
}

impl Turns {
    /// By each agency's own limit.
    #[must_use]
    pub fn of(agencies: &Registry) -> Self {
        let size = |count: u32| Semaphore::new(usize::try_from(count).unwrap_or(1));
        let turn = |agency: &Agency| {
            let (calls, places) = (size(calls(agency)), size(places(agency)));
            (agency.code.clone(), Turn { calls, places, is_slow: AtomicBool::new(false) })
        };
        Self(agencies.agencies().map(turn).collect())
    }

    /// A place for one message, from before its claim until after its outcome; `None` where the agency has
    /// no turns to wait for.
    pub(crate) async fn place(&self, to: &AgencyCode) -> Option<SemaphorePermit<'_>> {
        let turn = self.0.get(to)?;
        let weight = if turn.is_slow.load(Ordering::Relaxed) { PLACES_PER_CALL } else { 1 };
        turn.places.acquire_many(weight).await.ok()
    }

    /// Makes the call when its turn comes; `None` where it did not come in time: nothing was sent then.
    pub(crate) async fn call<T>(&self, to: &AgencyCode, call: impl Future<Output = T>) -> Option<T> {
        let Some(turn) = self.0.get(to) else { return Some(call.await) };
        let _turn = tokio::time::timeout(TURN_WAIT_MAX, turn.calls.acquire()).await.ok()?.ok()?;
        let started = Instant::now();
        let answer = call.await;
        turn.is_slow.store(started.elapsed() > SLOW, Ordering::Relaxed);
        Some(answer)
    }
}
