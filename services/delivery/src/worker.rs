//! Queue to agency: takes a parcel, hands it over through the hub, and only then lets the queue forget it.
//! A panic of one hand-over ends that hand-over, not the worker. The hub enters a panic of a message or of
//! its call as what came of the attempt, and the third one puts the message into quarantine; what panics
//! beside that is caught here, and its claim ends with its lease.
//!
//! A hand-over that failed or panicked lets the queue forget its parcel too. The row brings it again: half
//! a minute later if nothing was claimed, or once the claim's lease is over. A broker would bring it at
//! once and again and again; as it is, nothing spins, and the broker's delivery limit counts only workers
//! that died with the parcel in their hands (`Taken` dropped without `done`).

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use casework::AgencyCode;
use futures_util::FutureExt;
use hub::{HandedOver, Hub, HubError};
use queue::{Parcel, Queue};
use store::SealedBody;
use tracing::Instrument;

use crate::observe;

pub async fn run(hub: Arc<Hub>, queue: Arc<dyn Queue>, agency: AgencyCode) {
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
        failpoint::here("S13");
        taken.done();
    }
}

async fn hand_over(hub: &Hub, parcel: &Parcel) -> Result<HandedOver, HubError> {
    let body = SealedBody {
        object: parcel.object,
        case: parcel.case,
        key: parcel.key,
        schema: parcel.schema.clone(),
        sealed: parcel.sealed.to_vec(),
    };
    hub.hand_over(parcel.delivery, Some(body)).await
}
