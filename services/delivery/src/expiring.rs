//! Once a minute: what nobody fetched in its life comes to rest with its sender (`hub/expire_unfetched.rs`).

use std::sync::Arc;
use std::time::Duration;

use hub::Hub;

use crate::Stop;

/// Lives are counted in hours.
const EVERY: Duration = Duration::from_secs(60);

pub async fn run(hub: Arc<Hub>, mut stop: Stop) {
    while stop.pause(EVERY, None).await {
        if let Err(error) = hub.expire_unfetched().await {
            tracing::error!(problem = error.slug(), "what nobody fetched could not be ended");
        }
    }
}
