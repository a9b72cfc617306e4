//! Delivery: what keeps asking until somebody answers. The relay moves due outbox rows to the queue, workers
//! hand them over, the poller fetches answers, the sweeper settles what a dead worker left.
//!
//! It commits nothing itself: every fact goes through the hub's use cases.

mod poller;
mod relay;
mod sweeper;
mod worker;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use hub::{Hub, HubError};
use queue::Queue;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How often things are looked at when nobody rings.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The relay's look at the outbox when no bell rings.
    pub relay_idle: Duration,
    /// Between two polls of an agency.
    pub poll: Duration,
    /// Between two sweeps.
    pub sweep: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            relay_idle: Duration::from_millis(250),
            poll: Duration::from_secs(15),
            sweep: Duration::from_secs(5),
        }
    }
}

/// Running delivery. Stop it before the store is closed.
pub struct Running {
    stop: watch::Sender<bool>,
    queue: Arc<dyn Queue>,
    tasks: JoinSet<()>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "delivery::Running({} tasks)", self.tasks.len())
    }
}

/// When to stop.
#[derive(Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    fn stopped(&self) -> bool {
        *self.0.borrow()
    }
    /// Waits for the time, the bell or the end, whichever comes first; true: go on.
    #[expect(clippy::disallowed_methods, reason = "pacing between looks; the bell wakes it earlier")]
    async fn pause(&mut self, time: Duration, bell: Option<&tokio::sync::Notify>) -> bool {
        let rung = async {
            match bell {
                Some(bell) => bell.notified().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.0.wait_for(|stop| *stop) => {}
            () = tokio::time::sleep(time) => {}
            () = rung => {}
        }
        !self.stopped()
    }
}

/// Settles what an earlier process left, then starts relay, workers, pollers and sweeper.
///
/// # Errors
/// Where the store fails while settling.
pub async fn start(hub: Arc<Hub>, queue: Arc<dyn Queue>, pace: Pace) -> Result<Running, HubError> {
    hub.settle_after_start().await?;
    let (stop, stopping) = watch::channel(false);
    let stopping = Stop(stopping);
    let mut tasks = JoinSet::new();
    tasks.spawn(relay::run(Arc::clone(&hub), Arc::clone(&queue), pace.relay_idle, stopping.clone()));
    tasks.spawn(sweeper::run(Arc::clone(&hub), pace.sweep, stopping.clone()));
    for agency in hub.adapters.agencies() {
        if agency.protocol != adapters::Protocol::Pull {
            for _ in 0..agency.concurrency.max(1) {
                spawn(&mut tasks, worker::run(Arc::clone(&hub), Arc::clone(&queue), agency.code.clone()));
            }
        }
        if agency.is_polled() {
            spawn(
                &mut tasks,
                poller::run(Arc::clone(&hub), agency.code.clone(), pace.poll, stopping.clone()),
            );
        }
    }
    Ok(Running { stop, queue, tasks })
}

fn spawn(tasks: &mut JoinSet<()>, task: impl Future<Output = ()> + Send + 'static) {
    tasks.spawn(task);
}

impl Running {
    /// Finishes what runs and stops.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        self.queue.close();
        while self.tasks.join_next().await.is_some() {}
    }
}
