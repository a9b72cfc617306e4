//! Queue to agency: takes a parcel, hands it over through the hub, and only then lets the queue forget it.
//! A panic of one hand-over ends that hand-over, not the worker.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use casework::AgencyCode;
use futures_util::FutureExt;
use hub::{HandedOver, Hub, HubError};
use queue::{Parcel, Queue};
use store::SealedBody;

pub async fn run(hub: Arc<Hub>, queue: Arc<dyn Queue>, agency: AgencyCode) {
    while let Some(taken) = queue.take(&agency).await {
        failpoint::here("S9");
        let handed = AssertUnwindSafe(hand_over(&hub, &taken.parcel)).catch_unwind().await;
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
        metrics::counter!("amaan_hand_overs_total", "agency" => agency.to_string(), "result" => result)
            .increment(1);
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
