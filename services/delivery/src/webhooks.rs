//! Keeps each webhook going: looks when something was committed, and each second for what falls due again or
//! what another hub committed. Several hubs may; whoever claims it sends.

use std::sync::Arc;
use std::time::Duration;

use hub::{Hub, Waited};
use tokio::time::Instant;

use crate::Stop;

/// Between two looks when nothing is committed.
const EVERY: Duration = Duration::from_secs(1);
/// After a look that failed: the database is away, or an operator is needed.
const AFTER_A_FAILURE: Duration = Duration::from_secs(5);

pub async fn run(hub: Arc<Hub>, name: String, mut stop: Stop) {
    let mut watching = hub.watch_news();
    loop {
        let served = hub.serve_webhook(&name).await;
        if stop.stopped() {
            return;
        }
        match served {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(webhook = name, problem = error.slug(), "a webhook could not be served");
                if !stop.pause(AFTER_A_FAILURE, None).await {
                    return;
                }
            }
        }
        tokio::select! {
            _ = stop.0.wait_for(|stop| *stop) => return,
            waited = watching.wait(&hub, Instant::now() + EVERY) => {
                if waited == Waited::Closing {
                    return;
                }
            }
        }
    }
}
