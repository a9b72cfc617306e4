//! The queue inside the process: a bounded line per agency. It keeps nothing over a restart and needs not to:
//! the outbox hands everything over again.

use std::collections::BTreeMap;

use casework::AgencyCode;
use futures_util::future::BoxFuture;
use tokio::sync::{Mutex, mpsc, watch};

use crate::{Parcel, Queue, QueueError, QueueState, Taken};

/// Parcels that may wait for one agency; more stay in the outbox.
const LINE_MAX: usize = 512;

struct Line {
    enter: mpsc::Sender<Parcel>,
    leave: Mutex<mpsc::Receiver<Parcel>>,
}

/// One process's queues.
pub struct Embedded {
    lines: BTreeMap<AgencyCode, Line>,
    closed: watch::Sender<bool>,
}

impl std::fmt::Debug for Embedded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Embedded({} queues)", self.lines.len())
    }
}

impl Embedded {
    /// A queue for each of these agencies.
    #[must_use]
    pub fn new(agencies: impl IntoIterator<Item = AgencyCode>) -> Self {
        let line = |agency| {
            let (enter, leave) = mpsc::channel(LINE_MAX);
            (agency, Line { enter, leave: Mutex::new(leave) })
        };
        Self { lines: agencies.into_iter().map(line).collect(), closed: watch::Sender::new(false) }
    }
}

impl Line {
    /// One let go without its outcome goes back to the end; where the line is full by then, the outbox
    /// brings it again.
    fn taken(&self, parcel: Parcel) -> Taken {
        let (back, again) = (self.enter.downgrade(), parcel.clone());
        Taken::new(parcel, move |done| {
            if let (false, Some(enter)) = (done, back.upgrade()) {
                _ = enter.try_send(again);
            }
        })
    }
}

impl Queue for Embedded {
    fn publish(&self, parcel: Parcel) -> BoxFuture<'_, Result<(), QueueError>> {
        Box::pin(async move {
            if *self.closed.borrow() {
                return Err(QueueError::Closed);
            }
            let Some(line) = self.lines.get(&parcel.to) else { return Err(QueueError::NoQueue(parcel.to)) };
            let to = parcel.to.clone();
            line.enter.try_send(parcel).map_err(|_| QueueError::Full(to))
        })
    }

    fn take<'a>(&'a self, agency: &'a AgencyCode) -> BoxFuture<'a, Option<Taken>> {
        Box::pin(async move {
            let line = self.lines.get(agency)?;
            let mut closed = self.closed.subscribe();
            let mut leave = line.leave.lock().await;
            tokio::select! {
                biased;
                _ = closed.wait_for(|closed| *closed) => None,
                parcel = leave.recv() => parcel.map(|parcel| line.taken(parcel)),
            }
        })
    }

    fn state(&self) -> QueueState {
        QueueState::Up
    }

    fn held<'a>(&'a self, agency: &'a AgencyCode) -> BoxFuture<'a, Option<u64>> {
        let line = self.lines.get(agency).map(|line| &line.enter);
        let held = line.map(|enter| enter.max_capacity().saturating_sub(enter.capacity()));
        Box::pin(std::future::ready(held.and_then(|held| u64::try_from(held).ok())))
    }

    fn close(&self) {
        self.closed.send_replace(true);
    }

    fn closed(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}
