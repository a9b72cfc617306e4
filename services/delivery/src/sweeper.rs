//! What a dead worker left: attempts whose lease is over end in an entry, erasures that were ordered are
//! done, what waited for a message that another hub brought to rest goes on, and the relay is rung.
//! Principle 3: everything is delivered even if the queue's data is deleted.

use std::sync::Arc;
use std::time::Duration;

use casework::DeliveryId;
use hub::Hub;

use crate::Stop;

pub async fn run(hub: Arc<Hub>, every: Duration, mut stop: Stop) {
    while stop.pause(every, None).await {
        if let Err(error) = sweep(&hub).await {
            tracing::error!(%error, "a sweep failed");
        }
    }
}

/// Settles attempts whose worker is gone; one that cannot be settled now comes again when its lease is looked
/// at.
pub async fn settle(hub: &Hub, left: Vec<DeliveryId>) {
    for id in left {
        if let Err(error) = hub.settle_abandoned(id).await {
            tracing::error!(delivery = %id, problem = error.slug(), "an attempt could not be settled");
        }
    }
}

async fn sweep(hub: &Hub) -> Result<(), hub::HubError> {
    settle(hub, hub.store.abandoned().await?).await;
    hub.end_lost_checks().await?;
    hub.flush_old_refusals().await?;
    hub.finish_erasures().await?;
    hub.let_waiting_go().await?;
    hub.bell.notify_one();
    Ok(())
}
