//! What a dead worker left, and what nobody rang for: identity checks nobody waits for are ended, refusals
//! that were only counted are entered, erasures that were ordered are done, what waited for a message that
//! another hub brought to rest goes on, and the relay is rung. Each for itself: one that fails stops no
//! other. Attempts have a loop of their own (`settler.rs`). Principle 3: everything is delivered even if the
//! queue's data is deleted.

use std::sync::Arc;
use std::time::Duration;

use hub::{Hub, HubError};

use crate::Stop;

pub async fn run(hub: Arc<Hub>, every: Duration, mut stop: Stop) {
    while stop.pause(every, None).await {
        told("identity checks", hub.end_lost_checks().await);
        told("counted refusals", hub.flush_old_refusals().await);
        told("messages in line", hub.let_waiting_go().await);
        hub.bell.notify_one();
        told("erasures", hub.finish_erasures().await.map(|_| ()));
    }
}

fn told(what: &'static str, done: Result<(), HubError>) {
    if let Err(error) = done {
        tracing::error!(what, %error, "a sweep failed");
    }
}
