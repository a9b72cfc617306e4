//! Overdue clocks climb their ladders, and rows of registers whose time is over end: looked for when the
//! next one wakes, and every so often, because case time may be moved and another hub may have started a
//! clock. Runs while deliveries are paused too: a breach does not wait for a repair.

use std::sync::Arc;
use std::time::Duration;

use casework::TimeSource;
use hub::{Hub, HubError};

use crate::Stop;

/// Looks no more often than this, however many clocks wake.
const AT_LEAST: Duration = Duration::from_millis(50);

pub async fn run(hub: Arc<Hub>, every: Duration, mut stop: Stop) {
    loop {
        let wait = match round(&hub, every).await {
            Ok(wait) => wait,
            Err(error) => {
                tracing::error!(problem = error.slug(), "overdue clocks could not be looked for");
                every
            }
        };
        if !stop.pause(wait, None).await {
            return;
        }
    }
}

/// One round; how long until the next.
async fn round(hub: &Hub, every: Duration) -> Result<Duration, HubError> {
    let lapsed = hub.lapse_registers().await?;
    if hub.escalate_overdue().await? > 0 || lapsed > 0 {
        return Ok(AT_LEAST);
    }
    let Some(next) = hub.store.next_overdue().await? else { return Ok(every) };
    let micros = next.micros().saturating_sub(hub.store.clock().now().micros());
    Ok(Duration::from_micros(u64::try_from(micros).unwrap_or(0)).clamp(AT_LEAST, every))
}
