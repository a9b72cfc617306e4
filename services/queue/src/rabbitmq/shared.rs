//! What the queue's face and its two connections share: settings, how each side stands, the ways out and in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use casework::AgencyCode;
use lapin::Channel;
use lapin::options::QueueDeclareOptions;
use lapin::tcp::RustlsConnector;
use lapin::types::FieldTable;
use lapin::uri::AMQPUri;
use tokio::sync::{Mutex, mpsc, watch};
use tokio::time::timeout;

use super::end::End;
use super::link::Link;
use super::measure;
use super::settings::{Names, Tuning};
use super::wave::Job;
use crate::{QueueError, QueueState, Taken};

/// How far the queue has come towards its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Running,
    /// Nobody publishes or takes any more; what is in hand is finished.
    Closing,
    /// Connections say goodbye.
    Ending,
}

/// How one connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Up,
    Blocked,
    Down(Instant),
}

/// The ways out: one per agency, and one (`None`) for canaries.
pub(super) type Lanes = BTreeMap<Option<AgencyCode>, mpsc::Sender<Job>>;

/// The way in for one agency; it outlives connections.
pub(super) struct Line {
    pub(super) enter: mpsc::Sender<Taken>,
    pub(super) leave: Mutex<mpsc::Receiver<Taken>>,
}

impl Line {
    pub(super) fn new() -> Self {
        // One: how many are under way at once is the prefetch's to say.
        let (enter, leave) = mpsc::channel(1);
        Self { enter, leave: Mutex::new(leave) }
    }
}

pub(super) struct Shared {
    pub(super) uri: AMQPUri,
    pub(super) tls: Arc<RustlsConnector>,
    pub(super) names: Names,
    pub(super) agencies: Vec<AgencyCode>,
    pub(super) prefetch: BTreeMap<AgencyCode, u16>,
    pub(super) source: String,
    pub(super) tuning: Tuning,
    pub(super) out: watch::Sender<Side>,
    pub(super) inward: watch::Sender<Side>,
    pub(super) lanes: watch::Sender<Arc<Lanes>>,
    /// For questions, apart from what declares: a question about a queue that is gone ends its channel.
    pub(super) asking: watch::Sender<Option<Channel>>,
    pub(super) lines: BTreeMap<AgencyCode, Line>,
    /// Whose parcels somebody takes here; a process without workers consumes nothing.
    pub(super) wanted: watch::Sender<BTreeSet<AgencyCode>>,
    pub(super) stage: watch::Sender<Stage>,
}

impl Shared {
    pub(super) async fn open(&self, what: &str) -> Result<Link, End> {
        let name = format!("{} {what}", self.source);
        Link::open(self.uri.clone(), Arc::clone(&self.tls), &name, self.tuning.connect_within).await
    }

    pub(super) fn state(&self) -> QueueState {
        match (*self.out.borrow(), *self.inward.borrow()) {
            (Side::Down(one), Side::Down(other)) => QueueState::Down { since: one.min(other) },
            (Side::Down(since), _) | (_, Side::Down(since)) => QueueState::Down { since },
            (Side::Blocked, _) | (_, Side::Blocked) => QueueState::Blocked,
            (Side::Up, Side::Up) => QueueState::Up,
        }
    }

    pub(super) fn set(&self, side: &watch::Sender<Side>, now: Side) {
        side.send_if_modified(|held| {
            // Down since the first failure, however many follow.
            let changes = *held != now && !matches!((*held, now), (Side::Down(_), Side::Down(_)));
            *held = if changes { now } else { *held };
            changes
        });
        measure::state(self.state());
    }

    /// Puts a message on its way out, or says at once why not.
    pub(super) async fn give(&self, to: Option<&AgencyCode>, job: Job) -> Result<(), QueueError> {
        match *self.out.borrow() {
            Side::Up => {}
            Side::Blocked => return Err(QueueError::Paused),
            Side::Down(_) => return Err(QueueError::Unreachable),
        }
        let lane = self.lanes.borrow().get(&to.cloned()).cloned().ok_or(QueueError::Unreachable)?;
        lane.send(job).await.map_err(|_| QueueError::Unreachable)
    }

    /// How much lies in an agency's work queue; `None` where the broker does not say.
    pub(super) async fn held(&self, agency: &AgencyCode) -> Option<u64> {
        let channel = self.asking.borrow().clone()?;
        let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::durable() };
        let queue = self.names.work(agency).into();
        let asked = channel.queue_declare(queue, options, FieldTable::default());
        let answer = timeout(self.tuning.answer_within, asked).await.ok()?.ok()?;
        Some(u64::from(answer.message_count()))
    }

    pub(super) fn want(&self, agency: &AgencyCode) {
        self.wanted.send_if_modified(|wanted| wanted.insert(agency.clone()));
    }

    pub(super) fn is_ending(&self) -> bool {
        *self.stage.borrow() == Stage::Ending
    }

    /// Comes when the connections have to go.
    pub(super) async fn ending(&self) {
        let mut stage = self.stage.subscribe();
        _ = stage.wait_for(|stage| *stage == Stage::Ending).await;
    }

    /// Waits that long, or until the end if that is sooner.
    pub(super) async fn pause(&self, time: Duration) {
        _ = timeout(time, self.ending()).await;
    }
}

impl Tuning {
    /// Everything that is declared when a connection begins.
    pub(super) const fn setup_within(&self) -> Duration {
        self.answer_within.saturating_mul(4)
    }
}
