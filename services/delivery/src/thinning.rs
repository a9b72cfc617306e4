//! Once an hour: what witnesses said of old heads is thinned out. Work tables only; no fact is lost by it.

use std::sync::Arc;
use std::time::Duration;

use hub::Hub;

use crate::Stop;

const EVERY: Duration = Duration::from_secs(3_600);
/// Between two goes where there is more.
const BREATH: Duration = Duration::from_secs(1);

pub async fn run(hub: Arc<Hub>, mut stop: Stop) {
    let mut wait = EVERY;
    while stop.pause(wait, None).await {
        wait = match hub.store.thin_cosignatures().await {
            Ok(true) => BREATH,
            Ok(false) => EVERY,
            Err(error) => {
                tracing::warn!(%error, "what witnesses said was not thinned out; tried again in an hour");
                EVERY
            }
        };
    }
}
