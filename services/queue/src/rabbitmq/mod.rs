//! The queue on RabbitMQ. Two connections, because a broker short of memory stops reading from whoever
//! publishes: parcels go out over one, and come in, with their acknowledgements, over the other. Each is
//! kept by a loop of its own (`keeper`), which declares everything again and asks for confirms before
//! anything is handed out. A message counts as published only when the broker acknowledged it and did not
//! return it.
//!
//! Nothing here blocks a thread or waits without a bound, and nothing here is the truth: whatever is in
//! doubt is an error to the relay, whose row stays.

mod canary;
mod consumer;
mod end;
mod event;
mod inward;
mod keeper;
mod link;
pub(crate) mod measure;
mod outward;
mod probe;
mod settings;
mod shared;
mod topology;
mod verdict;
mod wave;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use casework::AgencyCode;
use futures_util::future::BoxFuture;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::{Parcel, Queue, QueueError, QueueState, Taken};
use end::End;
use shared::{Line, Shared, Side, Stage};
use wave::{Fate, Job};

pub use probe::probe;
pub use settings::{RabbitSettings, Tuning};

/// The queues of one hub at a broker.
pub struct Rabbit {
    shared: Arc<Shared>,
    keepers: Mutex<Option<JoinSet<()>>>,
}

impl std::fmt::Debug for Rabbit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rabbit({:?})", self.state())
    }
}

impl Rabbit {
    /// Begins to connect, and keeps connecting: a broker that is down keeps no hub from starting. Must be
    /// called within a tokio runtime.
    ///
    /// # Errors
    /// Where the settings cannot be right.
    pub fn open(settings: RabbitSettings) -> Result<Self, QueueError> {
        let down = || watch::Sender::new(Side::Down(Instant::now()));
        let shared = Arc::new(Shared {
            uri: settings.address()?,
            tls: Arc::new(settings.tls()?),
            names: settings.names()?,
            lines: settings.agencies.iter().map(|code| (code.clone(), Line::new())).collect(),
            agencies: settings.agencies,
            prefetch: settings.prefetch,
            source: settings.source,
            tuning: settings.tuning,
            out: down(),
            inward: down(),
            lanes: watch::Sender::new(Arc::new(BTreeMap::new())),
            asking: watch::Sender::new(None),
            wanted: watch::Sender::new(BTreeSet::new()),
            stage: watch::Sender::new(Stage::Running),
        });
        measure::state(shared.state());
        let mut keepers = JoinSet::new();
        keepers.spawn(keeper::keep_outward(Arc::clone(&shared)));
        keepers.spawn(keeper::keep_inward(Arc::clone(&shared)));
        Ok(Self { shared, keepers: Mutex::new(Some(keepers)) })
    }

    /// Closes, and deletes everything under this prefix at the broker: for what is not to outlive its
    /// process, such as a sandbox.
    ///
    /// # Errors
    /// Where the broker cannot be reached.
    pub async fn remove(&self) -> Result<(), QueueError> {
        self.close();
        self.closed().await;
        let link = self.shared.open("removing").await.map_err(|_| QueueError::Unreachable)?;
        let removed = async {
            let channel = link.connection.create_channel().await?;
            topology::remove(&channel, &self.shared.names, &self.shared.agencies).await
        };
        let removed = timeout(self.shared.tuning.setup_within(), removed).await;
        link.close().await;
        match removed {
            Ok(Ok(())) => Ok(()),
            _ => Err(QueueError::Unreachable),
        }
    }

    async fn carry(&self, parcel: Parcel) -> Result<(), QueueError> {
        let shared = &self.shared;
        if *shared.stage.borrow() != Stage::Running {
            return Err(QueueError::Closed);
        }
        let to = parcel.to.clone();
        if !shared.lines.contains_key(&to) {
            return Err(QueueError::NoQueue(to));
        }
        let (answer, answered) = oneshot::channel();
        let job = Job {
            route: settings::route(&to),
            id: parcel.delivery.to_string(),
            properties: event::properties(&parcel, &shared.source),
            body: parcel.sealed,
            answer,
        };
        shared.give(Some(&to), job).await?;
        match answered.await.unwrap_or(Fate::Unknown) {
            Fate::Kept => Ok(()),
            Fate::Returned => Err(QueueError::Unroutable(to)),
            Fate::Refused => {
                measure::count(measure::NACKED, &to);
                Err(QueueError::Full(to))
            }
            Fate::Paused => Err(QueueError::Paused),
            Fate::Unknown => Err(QueueError::Unconfirmed),
        }
    }
}

impl Queue for Rabbit {
    fn publish(&self, parcel: Parcel) -> BoxFuture<'_, Result<(), QueueError>> {
        Box::pin(async move {
            let to = parcel.to.clone();
            let result = self.carry(parcel).await;
            match &result {
                Ok(()) => measure::count(measure::PUBLISHED, &to),
                Err(error) => measure::failed(&to, error.kind()),
            }
            result
        })
    }

    fn take<'a>(&'a self, agency: &'a AgencyCode) -> BoxFuture<'a, Option<Taken>> {
        Box::pin(async move {
            let line = self.shared.lines.get(agency)?;
            self.shared.want(agency);
            let mut stage = self.shared.stage.subscribe();
            let mut leave = line.leave.lock().await;
            tokio::select! {
                biased;
                _ = stage.wait_for(|stage| *stage != Stage::Running) => None,
                taken = leave.recv() => taken,
            }
        })
    }

    fn state(&self) -> QueueState {
        self.shared.state()
    }

    fn held<'a>(&'a self, agency: &'a AgencyCode) -> BoxFuture<'a, Option<u64>> {
        Box::pin(self.shared.held(agency))
    }

    fn close(&self) {
        self.shared.stage.send_if_modified(|stage| {
            let first = *stage == Stage::Running;
            *stage = if first { Stage::Closing } else { *stage };
            first
        });
    }

    fn closed(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.close();
            self.shared.stage.send_replace(Stage::Ending);
            for line in self.shared.lines.values() {
                let mut leave = line.leave.lock().await;
                leave.close();
                while leave.try_recv().is_ok() {}
            }
            let keepers = self.keepers.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(keepers) = keepers {
                keepers.join_all().await;
            }
        })
    }
}

impl Drop for Rabbit {
    fn drop(&mut self) {
        self.shared.stage.send_replace(Stage::Ending);
    }
}
