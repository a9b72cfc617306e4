//! What a dead worker left: attempts whose lease is over end in an entry, and the relay is rung. Principle 3:
//! everything is delivered even if the queue's data is deleted.

use std::sync::Arc;
use std::time::Duration;

use hub::Hub;

use crate::Stop;

pub async fn run(hub: Arc<Hub>, every: Duration, mut stop: Stop) {
    while stop.pause(every, None).await {
        if let Err(error) = sweep(&hub).await {
            tracing::error!(%error, "a sweep failed");
        }
    }
}

async fn sweep(hub: &Hub) -> Result<(), hub::HubError> {
    for id in hub.store.abandoned().await? {
        hub.settle_abandoned(id).await?;
    }
    hub.bell.notify_one();
    Ok(())
}
