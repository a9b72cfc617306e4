//! The retention schedule is looked at once a minute (`hub/follow_retention.rs`): the ledger is followed some
//! thousand entries at a time, and whoever is responsible for a case is told once its time is over. Nothing
//! is erased here. Two hubs may do it at once: what both find is the same.

use std::sync::Arc;
use std::time::Duration;

use hub::{Hub, HubError};

use crate::Stop;

/// Between two looks: what falls due in years can wait a minute.
const EVERY: Duration = Duration::from_secs(60);
/// Between two parts of the ledger, so that nobody who refers is kept waiting.
const BREATH: Duration = Duration::from_millis(100);

pub async fn run(hub: Arc<Hub>, mut stop: Stop) {
    // What is known already is shown from the start; a start has enough to do beside it.
    let mut last = hub.measure_retention().await;
    loop {
        if let Err(error) = last {
            let problem = error.slug();
            tracing::error!(problem, "the retention schedule could not be followed; tried again in a minute");
        }
        if !stop.pause(EVERY, None).await {
            return;
        }
        last = round(&hub, &mut stop).await;
    }
}

async fn round(hub: &Hub, stop: &mut Stop) -> Result<(), HubError> {
    hub.note_schedule().await?;
    while hub.follow_retention().await? {
        if !stop.pause(BREATH, None).await {
            return Ok(());
        }
    }
    hub.tell_retention().await?;
    hub.measure_retention().await
}
