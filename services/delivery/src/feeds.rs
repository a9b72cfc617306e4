//! Once a minute: which feeds went quiet, and which child has waited longest (`hub/feeds.rs`).

use std::sync::Arc;
use std::time::Duration;

use hub::Hub;

use crate::Stop;

const EVERY: Duration = Duration::from_secs(60);

pub async fn run(hub: Arc<Hub>, mut stop: Stop) {
    while stop.pause(EVERY, None).await {
        if let Err(error) = hub.follow_feeds().await {
            tracing::error!(problem = error.slug(), "feeds could not be followed");
        }
    }
}
