//! Delivery: what keeps asking until somebody answers. The relay moves due outbox rows to the queue,
//! workers hand them over, the poller fetches answers, the sweeper settles what a dead worker left. Where
//! the queue has been out of order for a while, rows go to agencies straight from the database, slowly
//! (`direct`).
//!
//! It commits nothing itself: every fact goes through the hub's use cases. Several hubs may run it on one
//! store: whoever's claim is committed first makes the attempt.

mod auditing;
mod clocks;
mod counting;
mod direct;
mod erased;
mod expiring;
mod feeds;
mod fresh;
pub mod observe;
mod poller;
mod relay;
mod retention;
mod settler;
mod sweeper;
mod thinning;
mod webhooks;
mod witnesses;
mod worker;

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

pub use auditing::AuditPace;
use casework::Delivery;
use futures_util::FutureExt;
use hub::Hub;
use queue::{Queue, QueueState};
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
    /// How long the queue may be out of order before deliveries go straight from the database.
    pub patience: Duration,
    /// How often the hub audits itself.
    pub audit: AuditPace,
    /// Messages go to the queue, but nothing is handed over and no agency is asked.
    pub paused: bool,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            relay_idle: Duration::from_millis(250),
            poll: Duration::from_secs(15),
            sweep: Duration::from_secs(5),
            patience: Duration::from_secs(30),
            audit: AuditPace::default(),
            paused: false,
        }
    }
}

/// A loop that panicked begins again after this.
const AFTER_A_PANIC: Duration = Duration::from_secs(1);

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

/// Starts relay, workers, pollers and sweeper, and settles the attempts that an earlier process left
/// (`Hub::take_stock`): only those whose worker is known to be gone, because other hubs may be at work
/// on the same store, and an attempt of theirs is theirs until its lease is over. Must be called within
/// a tokio runtime.
#[must_use]
pub fn start(hub: &Arc<Hub>, queue: Arc<dyn Queue>, pace: Pace, left: Vec<Delivery>) -> Running {
    let (stop, stopping) = watch::channel(false);
    let stopping = Stop(stopping);
    let mut tasks = Tasks { set: JoinSet::new(), stopping: stopping.clone() };
    let of = Arc::clone(hub);
    tasks.set.spawn(async move { settler::settle(&of, left).await });
    if !pace.paused {
        hub.at_hand.wanted();
    }
    let (of, to, stops) = (Arc::clone(hub), Arc::clone(&queue), stopping.clone());
    tasks.keep("relay", move || relay::run(Arc::clone(&of), Arc::clone(&to), pace.relay_idle, stops.clone()));
    open_lines(hub, &queue, &mut tasks);
    let (of, stops) = (Arc::clone(hub), stopping.clone());
    tasks.keep("sweeper", move || sweeper::run(Arc::clone(&of), pace.sweep, stops.clone()));
    let (of, stops) = (Arc::clone(hub), stopping.clone());
    tasks.keep("settler", move || settler::run(Arc::clone(&of), pace.sweep, stops.clone()));
    let (of, stops) = (Arc::clone(hub), stopping.clone());
    tasks.keep("clocks", move || clocks::run(Arc::clone(&of), pace.sweep, stops.clone()));
    let (of, stops) = (Arc::clone(hub), stopping.clone());
    tasks.keep("expiring", move || expiring::run(Arc::clone(&of), stops.clone()));
    let (of, stops) = (Arc::clone(hub), stopping.clone());
    tasks.keep("feeds", move || feeds::run(Arc::clone(&of), stops.clone()));
    let (of, stops) = (Arc::clone(hub), stopping.clone());
    tasks.keep("counting", move || counting::run(Arc::clone(&of), stops.clone()));
    let (of, stops) = (Arc::clone(hub), stopping.clone());
    tasks.keep("retention", move || retention::run(Arc::clone(&of), stops.clone()));
    let (of, stops) = (Arc::clone(hub), stopping.clone());
    tasks.keep("erased", move || erased::run(Arc::clone(&of), stops.clone()));
    let (of, stops) = (Arc::clone(hub), stopping.clone());
    tasks.keep("auditing", move || auditing::run(Arc::clone(&of), pace.audit, stops.clone()));
    let (of, stops) = (Arc::clone(hub), stopping.clone());
    tasks.keep("thinning", move || thinning::run(Arc::clone(&of), stops.clone()));
    for agency in hub.adapters.agencies().filter(|_| !pace.paused) {
        let calls = if agency.protocol == adapters::Protocol::Pull { 0 } else { hub::places(agency) };
        for _ in 0..calls {
            let (of, to, code) = (Arc::clone(hub), Arc::clone(&queue), agency.code.clone());
            let stops = stopping.clone();
            let work = move || worker::run(Arc::clone(&of), Arc::clone(&to), code.clone(), stops.clone());
            tasks.keep("worker", work);
        }
        if calls > 0 {
            let (of, to, code) = (Arc::clone(hub), Arc::clone(&queue), agency.code.clone());
            let stops = stopping.clone();
            let way =
                move || direct::run(Arc::clone(&of), Arc::clone(&to), code.clone(), pace, stops.clone());
            tasks.keep("direct", way);
        }
        if agency.is_polled() {
            let (of, code, stops) = (Arc::clone(hub), agency.code.clone(), stopping.clone());
            let poll = move || poller::run(Arc::clone(&of), code.clone(), pace.poll, stops.clone());
            tasks.keep("poller", poll);
        }
    }
    for webhook in hub.webhooks.all.iter().filter(|_| !pace.paused) {
        let (of, name, stops) = (Arc::clone(hub), webhook.name.clone(), stopping.clone());
        tasks.keep("webhook", move || webhooks::run(Arc::clone(&of), name.clone(), stops.clone()));
    }
    // Also while deliveries are paused: what is signed is to be seen.
    for witness in &hub.witnesses.all {
        let (of, to, stops) = (Arc::clone(hub), witness.clone(), stopping.clone());
        tasks.keep("witness", move || witnesses::run(Arc::clone(&of), to.clone(), stops.clone()));
    }
    Running { stop, queue, tasks: tasks.set }
}

/// The short way from this process's commits to its relay, for every agency that is called.
fn open_lines(hub: &Arc<Hub>, queue: &Arc<dyn Queue>, tasks: &mut Tasks) {
    let called = hub.adapters.agencies().filter(|agency| agency.protocol != adapters::Protocol::Pull);
    let is_up = {
        let queue = Arc::clone(queue);
        move || queue.state() == QueueState::Up
    };
    for line in hub.fresh.open(called.map(|agency| agency.code.clone()), is_up) {
        let (of, to, stops) = (Arc::clone(hub), Arc::clone(queue), tasks.stopping.clone());
        tasks.set.spawn(fresh::run(of, to, line, stops));
    }
}

/// The loops of delivery. One that panics is told and begins again: none may end in silence.
struct Tasks {
    set: JoinSet<()>,
    stopping: Stop,
}

impl Tasks {
    fn keep<F>(&mut self, what: &'static str, task: impl Fn() -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut stopping = self.stopping.clone();
        self.set.spawn(async move {
            while AssertUnwindSafe(task()).catch_unwind().await.is_err() {
                hub::measure::alarm("task-panicked");
                tracing::error!(
                    alarm = "task-panicked",
                    what,
                    "a loop of delivery panicked; it begins again"
                );
                if !stopping.pause(AFTER_A_PANIC, None).await {
                    return;
                }
            }
        });
    }
}

impl Running {
    /// Finishes what runs, lets the queue forget it, and stops.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        self.queue.close();
        while self.tasks.join_next().await.is_some() {}
        self.queue.closed().await;
    }
}
