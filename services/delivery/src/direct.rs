//! Past the queue: where the broker has been down or blocked for longer than the patience, one agency's due
//! deliveries are handed over straight from the database, one after another and a few per look. Slower on
//! purpose: it keeps promises, it does not replace the broker. Nothing is delivered twice: the claim
//! decides, and what a returning broker still carries is dropped by it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use casework::AgencyCode;
use hub::Hub;
use queue::{Queue, QueueState};
use store::StoreError;
use tracing::Instrument;

use crate::{Pace, Stop, observe};

/// Deliveries of one agency in one look.
const PER_LOOK: usize = 16;
/// Between two looks.
const LOOK: Duration = Duration::from_secs(1);

pub async fn run(hub: Arc<Hub>, queue: Arc<dyn Queue>, agency: AgencyCode, pace: Pace, mut stop: Stop) {
    let look = LOOK.min(pace.patience);
    let mut out_of_order: Option<Instant> = None;
    while stop.pause(look, None).await {
        out_of_order = since(queue.state(), out_of_order);
        if out_of_order.is_some_and(|since| since.elapsed() >= pace.patience)
            && let Err(error) = hand_over(&hub, &*queue, &agency, &stop).await
        {
            tracing::error!(%agency, %error, "the outbox could not be read");
        }
    }
}

/// Since when the queue has been out of order without a break.
fn since(state: QueueState, held: Option<Instant>) -> Option<Instant> {
    match state {
        QueueState::Up => None,
        QueueState::Down { since } => Some(held.map_or(since, |held| held.min(since))),
        QueueState::Blocked => held.or_else(|| Some(Instant::now())),
    }
}

async fn hand_over(hub: &Hub, queue: &dyn Queue, agency: &AgencyCode, stop: &Stop) -> Result<(), StoreError> {
    for due in hub.store.due(vec![agency.to_string()]).await?.into_iter().take(PER_LOOK) {
        if stop.stopped() || queue.state() == QueueState::Up {
            return Ok(());
        }
        let span = observe::handing_over(due.delivery, agency, due.trace.as_deref());
        let handed = hub.hand_over_if_due(due.delivery).instrument(span).await;
        let result = match &handed {
            Ok(_) => "direct",
            Err(error) => {
                tracing::error!(delivery = %due.delivery, problem = error.slug(), "a hand-over failed");
                "failed"
            }
        };
        observe::handed_over(agency, result);
    }
    Ok(())
}
