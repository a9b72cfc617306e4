//! Once a day everything is counted from the ledger (`hub/count_conservation.rs`). Looked for every hour: the
//! newest count may be another hub's, and a process that starts often is not to count at each start.

use std::sync::Arc;
use std::time::Duration;

use hub::Hub;

use crate::Stop;

/// Between two looks at how old the newest count is.
const EVERY: Duration = Duration::from_secs(3_600);
/// After a start, which has enough to do.
const FIRST: Duration = Duration::from_secs(60);

pub async fn run(hub: Arc<Hub>, mut stop: Stop) {
    let mut wait = FIRST;
    while stop.pause(wait, None).await {
        wait = EVERY;
        if let Err(error) = hub.count_if_due().await {
            tracing::error!(
                problem = error.slug(),
                "everything could not be counted; tried again in an hour"
            );
        }
    }
}
