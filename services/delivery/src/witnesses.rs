//! Keeps each witness told: every ten seconds it is offered the newest checkpoint, unless it has cosigned it.

use std::sync::Arc;
use std::time::Duration;

use hub::{Hub, Witness};

use crate::Stop;

/// A receipt is witnessed so much later at most, if its witness answers.
const EVERY: Duration = Duration::from_secs(10);

pub async fn run(hub: Arc<Hub>, witness: Witness, mut stop: Stop) {
    loop {
        if let Err(error) = hub.ask_witness(&witness).await {
            tracing::warn!(witness = witness.key.name, problem = error.slug(), "a witness was not asked");
        }
        if !stop.pause(EVERY, None).await {
            return;
        }
    }
}
