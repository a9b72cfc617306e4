//! What became of the parcels that a connection brought, told to the broker. Outcomes are committed together,
//! so their verdicts come together: where no earlier parcel of the channel is still in somebody's hand, one
//! acknowledgement speaks for all of them, which spares the broker a write for each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lapin::Acker;
use lapin::options::{BasicAckOptions, BasicNackOptions};
use lapin::types::DeliveryTag;
use tokio::sync::mpsc;
use tokio::task::yield_now;

/// Verdicts told together.
const AT_ONCE: usize = 256;

/// The messages of one channel of which the broker has not heard: none may be spoken for by another's
/// acknowledgement.
#[derive(Default)]
pub(super) struct Open(Mutex<BTreeSet<DeliveryTag>>);

impl Open {
    /// The broker has brought this one.
    pub(super) fn begin(&self, tag: DeliveryTag) {
        self.tags().insert(tag);
    }

    /// The broker has heard of it.
    pub(super) fn end(&self, tag: DeliveryTag) {
        self.tags().remove(&tag);
    }

    fn tags(&self) -> MutexGuard<'_, BTreeSet<DeliveryTag>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last of these that can speak for all before it.
    fn speaker(&self, done: &BTreeSet<DeliveryTag>) -> Option<DeliveryTag> {
        let first_open = self.tags().difference(done).next().copied();
        done.iter().take_while(|tag| first_open.is_none_or(|open| **tag < open)).last().copied()
    }
}

/// What is to be told of one message: taken care of, or not.
pub(super) struct Verdict {
    pub(super) acker: Acker,
    pub(super) tag: DeliveryTag,
    pub(super) open: Arc<Open>,
    pub(super) done: bool,
}

/// Tells the broker until nobody can give a verdict any more. On a connection that is lost there is nobody to
/// tell; the broker then brings the parcel again, and the claim drops it.
pub(super) async fn tell(mut verdicts: mpsc::UnboundedReceiver<Verdict>) {
    let mut page = Vec::with_capacity(AT_ONCE);
    while verdicts.recv_many(&mut page, AT_ONCE).await > 0 {
        // Those whose outcome was committed with this one's are about to say so.
        yield_now().await;
        while let (true, Ok(more)) = (page.len() < AT_ONCE, verdicts.try_recv()) {
            page.push(more);
        }
        // By the opened channel, not its number: one that is opened again has the number of the old one.
        let mut channels: BTreeMap<usize, Vec<Verdict>> = BTreeMap::new();
        for verdict in page.drain(..) {
            channels.entry(Arc::as_ptr(&verdict.open).addr()).or_default().push(verdict);
        }
        for told in channels.into_values() {
            tell_channel(told).await;
        }
    }
}

async fn tell_channel(mut told: Vec<Verdict>) {
    told.sort_unstable_by_key(|verdict| verdict.tag);
    let done = told.iter().filter(|verdict| verdict.done).map(|verdict| verdict.tag).collect();
    let speaker = told.first().and_then(|verdict| verdict.open.speaker(&done));
    for verdict in told {
        let is_spoken_for = speaker.is_some_and(|speaker| verdict.tag < speaker);
        if !is_spoken_for {
            say(&verdict, speaker == Some(verdict.tag)).await;
        }
        verdict.open.end(verdict.tag);
    }
}

async fn say(verdict: &Verdict, for_all_before: bool) {
    let said = if verdict.done {
        verdict.acker.ack(BasicAckOptions { multiple: for_all_before }).await
    } else {
        verdict.acker.nack(BasicNackOptions { multiple: false, requeue: true }).await
    };
    if let Err(error) = said {
        tracing::debug!(%error, "an acknowledgement did not reach the broker");
    }
}
