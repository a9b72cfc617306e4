//! Once a minute: which feeds went quiet, and which child has waited longest (`hub/feeds.rs`).

use std::sync::Arc;
use std::time::Duration;

use hub::Hub;

use crate::Stop;

const EVERY: Duration = Duration::from_secs(60);
/// Soon after the start, so that the gauges are there; later looks go on from where this one ended.
const FIRST: Duration = Duration::from_millis(200);

pub async fn run(hub: Arc<Hub>, mut stop: Stop) {
    let mut wait = FIRST;
    while stop.pause(wait, None).await {
        wait = EVERY;
        if let Err(error) = hub.follow_feeds().await {
            tracing::error!(problem = error.slug(), "feeds could not be followed");
        }
    }
}
