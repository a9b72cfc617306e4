//! The connection that consumes: a channel per agency whose parcels somebody takes here, the dead letters,
//! and the canary. When it ends, what workers have done is still told to the broker.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use casework::AgencyCode;
use lapin::Connection;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::canary::{self, Cage, Pulses};
use super::consumer::{self, Pulse};
use super::end::End;
use super::link::Link;
use super::outward::{ended, over};
use super::shared::{Shared, Side};
use super::topology;
use super::verdict::{self, Verdict};

/// Verdicts still to be told at the end.
const LAST_WORDS: Duration = Duration::from_secs(2);

pub(super) async fn serve(shared: &Arc<Shared>, link: Link) -> End {
    let (verdicts, heard) = mpsc::unbounded_channel();
    let telling = tokio::spawn(verdict::tell(heard));
    let mut intake = Intake {
        shared: Arc::clone(shared),
        verdicts,
        pulses: Arc::new(Mutex::new(BTreeMap::new())),
        running: JoinSet::new(),
    };
    let end = match timeout(shared.tuning.setup_within(), intake.prepare(&link.connection)).await {
        Ok(Ok(())) => {
            shared.set(&shared.inward, Side::Up);
            tracing::info!("consuming from the broker");
            intake.run(&link.connection).await
        }
        Ok(Err(end)) => end,
        Err(_) => End::Silent("nothing could be consumed within the time"),
    };
    intake.running.shutdown().await;
    drop(intake);
    if matches!(end, End::Stopped) {
        _ = timeout(LAST_WORDS, telling).await;
        link.close().await;
    } else {
        // Whoever still holds a parcel of this connection finds nobody to tell.
        drop(link);
    }
    end
}

struct Intake {
    shared: Arc<Shared>,
    verdicts: mpsc::UnboundedSender<Verdict>,
    pulses: Pulses,
    running: JoinSet<End>,
}

impl Intake {
    async fn prepare(&mut self, connection: &Connection) -> Result<(), End> {
        let shared = Arc::clone(&self.shared);
        let declaring = connection.create_channel().await?;
        topology::declare(&declaring, &shared.names, &shared.agencies, &shared.tuning).await?;
        let dead = connection.create_channel().await?;
        self.running.spawn(consumer::bury(Arc::clone(&shared), dead));
        let perch = connection.create_channel().await?;
        let cage = Cage::open(&shared, &perch).await?;
        let pulses = Arc::clone(&self.pulses);
        self.running.spawn(async move {
            let end = canary::watch(shared, declaring, cage, pulses).await;
            drop(perch);
            end
        });
        self.bring_wanted(connection).await
    }

    async fn run(&mut self, connection: &Connection) -> End {
        let mut wanted = self.shared.wanted.subscribe();
        // What was wanted since `prepare` looked counts as news, or nobody would ever consume it.
        wanted.mark_changed();
        let shared = Arc::clone(&self.shared);
        loop {
            let end = tokio::select! {
                changed = wanted.changed() => match changed {
                    Ok(()) => self.bring_wanted(connection).await.err(),
                    Err(_) => Some(End::Stopped),
                },
                end = over(connection) => Some(end),
                end = self.running.join_next() => Some(ended(end)),
                () = shared.ending() => Some(End::Stopped),
            };
            if let Some(end) = end {
                return end;
            }
        }
    }

    /// Consumes what somebody takes here and is not consumed yet.
    async fn bring_wanted(&mut self, connection: &Connection) -> Result<(), End> {
        let wanted = self.shared.wanted.borrow().clone();
        for agency in wanted {
            let known = self.pulse(&agency);
            if known.is_some() {
                continue;
            }
            let (channel, pulse) = (connection.create_channel().await?, Arc::<Pulse>::default());
            let (shared, verdicts) = (Arc::clone(&self.shared), self.verdicts.clone());
            let mut held = self.pulses.lock().unwrap_or_else(PoisonError::into_inner);
            held.insert(agency.clone(), Arc::clone(&pulse));
            self.running.spawn(consumer::bring(shared, channel, agency, verdicts, pulse));
        }
        Ok(())
    }

    fn pulse(&self, agency: &AgencyCode) -> Option<Arc<Pulse>> {
        self.pulses.lock().unwrap_or_else(PoisonError::into_inner).get(agency).cloned()
    }
}
