//! Keeps the gauges of what the database and the queue know fresh, however often or seldom somebody scrapes.

use std::sync::Arc;
use std::time::Duration;

use hub::{Gauges, Hub};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

/// Often enough for a graph, seldom enough for a database: three short queries.
const EVERY: Duration = Duration::from_secs(5);

/// Runs until it is aborted. `queue` says whether the queue takes messages and whether it asks to wait.
pub fn keep_gauges(hub: Arc<Hub>, queue: impl Fn() -> (bool, bool) + Send + 'static) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut gauges = Gauges::default();
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let (up, blocked) = queue();
            hub::measure::queue(up, blocked);
            gauges.refresh(&hub).await;
        }
    })
}
