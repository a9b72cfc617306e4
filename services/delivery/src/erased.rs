//! Keys of erased cases stay destroyed: at a start and once a day the key database is compared with what the
//! ledger says was erased (`hub/destroy_again.rs`), because somebody may have brought an old copy back.

use std::sync::Arc;
use std::time::Duration;

use hub::{Hub, HubError};

use crate::Stop;

/// Between two looks at everything.
const EVERY: Duration = Duration::from_secs(24 * 3_600);
/// After a look that failed.
const AGAIN: Duration = Duration::from_secs(60);
/// Between two parts, so that nobody who needs a key is kept waiting.
const BREATH: Duration = Duration::from_millis(20);

pub async fn run(hub: Arc<Hub>, mut stop: Stop) {
    loop {
        let wait = match round(&hub, &mut stop).await {
            Ok(()) => EVERY,
            Err(error) => {
                tracing::error!(problem = error.slug(), "erased keys could not be looked for");
                AGAIN
            }
        };
        if !stop.pause(wait, None).await {
            return;
        }
    }
}

async fn round(hub: &Hub, stop: &mut Stop) -> Result<(), HubError> {
    let (mut after, mut back) = (None, 0_usize);
    loop {
        let (count, next) = hub.destroy_again(after).await?;
        back = back.saturating_add(count);
        if next.is_none() {
            break;
        }
        after = next;
        if !stop.pause(BREATH, None).await {
            return Ok(());
        }
    }
    if back == 0 {
        hub.no_erased_key_is_back().await;
    }
    Ok(())
}
