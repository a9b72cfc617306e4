//! Queue to agency: takes a parcel, hands it over through the hub, and only then lets the queue forget it.
//! A panic of one hand-over ends that hand-over, not the worker. The hub enters a panic of a message or of
//! its call as what came of the attempt, and the third one puts the message into quarantine; what panics
//! beside that is caught here, and its claim ends with its lease.
//!
//! A hand-over that failed or panicked lets the queue forget its parcel too, once its row says that it waits
//! for a few seconds more (or is claimed: then it comes when the lease is over). Until the database takes
//! that, the worker holds the parcel and takes no other: an outage of the database does not empty the queue.
//! A broker would bring it at once and again and again; as it is, nothing spins, and the broker's delivery
//! limit counts only workers that went with the parcel in their hands (`Taken` dropped without `done`).

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use casework::{AgencyCode, DeliveryId};
use futures_util::FutureExt;
use hub::{Carried, HandedOver, Hub, HubError};
use queue::{Parcel, Queue};
use store::SealedBody;
use tracing::Instrument;

use crate::{Stop, observe};

/// Between a hand-over that failed and what is done about it.
const AFTER_A_FAILURE: Duration = Duration::from_secs(1);
/// What failed comes again after so long.
const AGAIN_SECONDS: i64 = 4;

pub async fn run(hub: Arc<Hub>, queue: Arc<dyn Queue>, agency: AgencyCode, mut stop: Stop) {
    while let Some(taken) = queue.take(&agency).await {
        failpoint::here("S9");
        let trace = taken.parcel.trace.as_deref();
        let span = observe::handing_over(taken.parcel.delivery, &agency, trace);
        let handed = AssertUnwindSafe(hand_over(&hub, &taken.parcel)).catch_unwind().instrument(span).await;
        let result = match handed {
            Ok(Ok(HandedOver::Rested)) => "rested",
            Ok(Ok(HandedOver::Waits)) => "waits",
            Ok(Ok(HandedOver::NotOurs)) => "not-ours",
            Ok(Err(error)) => {
                let (delivery, problem) = (taken.parcel.delivery, error.slug());
                tracing::error!(%delivery, problem, "a hand-over failed");
                "failed"
            }
            Err(_) => {
                tracing::error!(delivery = %taken.parcel.delivery, "a hand-over panicked");
                "panicked"
            }
        };
        observe::handed_over(&agency, result);
        let failed = matches!(result, "failed" | "panicked");
        if failed && !put_back(&hub, taken.parcel.delivery, &mut stop).await {
            return;
        }
        failpoint::here("S13");
        taken.done();
    }
}

/// Its row says that it waits; false where the hub stops before the database has taken that.
async fn put_back(hub: &Hub, delivery: DeliveryId, stop: &mut Stop) -> bool {
    while stop.pause(AFTER_A_FAILURE, None).await {
        let until = hub.store.clock().real().plus_seconds(AGAIN_SECONDS);
        match hub.store.postpone(delivery, until).await {
            Ok(()) => return true,
            Err(error) => tracing::warn!(%delivery, %error, "a message cannot be put back yet"),
        }
    }
    false
}

async fn hand_over(hub: &Hub, parcel: &Parcel) -> Result<HandedOver, HubError> {
    let body = SealedBody {
        object: parcel.object,
        case: parcel.case,
        key: parcel.key,
        schema: parcel.schema.clone(),
        sealed: parcel.sealed.to_vec(),
    };
    hub.hand_over(parcel.delivery, Some(Carried { body, attempts: parcel.attempts })).await
}
