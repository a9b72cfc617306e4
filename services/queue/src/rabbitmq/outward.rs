//! The connection that publishes. What has to be there is declared first; each agency then gets a channel of
//! its own, in confirm mode before anybody can use it, so that one agency's slow queue delays no other's
//! confirms.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use lapin::{Connection, Event};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::end::End;
use super::link::Link;
use super::shared::{Lanes, Shared, Side};
use super::topology;
use super::wave::{JOBS_MAX, Lane};

/// A look at the library's own opinion, in case it forgot to tell.
const LOOK: Duration = Duration::from_secs(1);

pub(super) async fn serve(shared: &Arc<Shared>, link: Link) -> End {
    let events = Box::pin(link.connection.events_listener());
    let mut running = JoinSet::new();
    let prepared =
        timeout(shared.tuning.setup_within(), prepare(shared, &link.connection, &mut running)).await;
    let lanes = match prepared {
        Ok(Ok(lanes)) => lanes,
        Ok(Err(end)) => return end,
        Err(_) => return End::Silent("what is needed at the broker was not declared within the time"),
    };
    shared.lanes.send_replace(Arc::new(lanes));
    shared.asking.send_replace(link.connection.create_channel().await.ok());
    shared.set(&shared.out, Side::Up);
    tracing::info!("publishing to the broker");
    let end = tokio::select! {
        end = told(shared, events) => end,
        end = over(&link.connection) => end,
        end = running.join_next() => ended(end),
        () = shared.ending() => End::Stopped,
    };
    shared.lanes.send_replace(Arc::default());
    shared.asking.send_replace(None);
    if matches!(end, End::Stopped) {
        link.close().await;
    }
    end
}

async fn prepare(
    shared: &Arc<Shared>,
    connection: &Connection,
    running: &mut JoinSet<End>,
) -> Result<Lanes, End> {
    let declaring = connection.create_channel().await?;
    topology::declare(&declaring, &shared.names, &shared.agencies, &shared.tuning).await?;
    let declaring = Arc::new(Mutex::new(declaring));
    let mut lanes = BTreeMap::new();
    for agency in shared.agencies.iter().cloned().map(Some).chain([None]) {
        let lane = Lane::open(shared, connection, Arc::clone(&declaring), agency.clone()).await?;
        let (enter, jobs) = mpsc::channel(JOBS_MAX);
        running.spawn(lane.run(jobs));
        lanes.insert(agency, enter);
    }
    Ok(lanes)
}

/// What the broker says of the connection.
async fn told(shared: &Shared, mut events: impl futures_util::Stream<Item = Event> + Unpin) -> End {
    while let Some(event) = events.next().await {
        match event {
            Event::ConnectionBlocked(_) => {
                tracing::error!(alarm = "broker-blocked", "the broker is short of memory or disk; waiting");
                shared.set(&shared.out, Side::Blocked);
            }
            Event::ConnectionUnblocked => {
                tracing::info!("the broker takes messages again");
                shared.set(&shared.out, Side::Up);
            }
            Event::Error(error) => return End::Lost(error),
            _ => {}
        }
    }
    End::Silent("the connection ended")
}

/// Comes when the library holds the connection for lost.
pub(super) async fn over(connection: &Connection) -> End {
    let mut looks = tokio::time::interval(LOOK);
    loop {
        looks.tick().await;
        if !connection.status().connected() {
            return End::Silent("the connection is closed");
        }
    }
}

pub(super) fn ended(end: Option<Result<End, tokio::task::JoinError>>) -> End {
    match end {
        Some(Ok(end)) => end,
        Some(Err(_)) => End::Silent("a task of the connection panicked"),
        None => End::Silent("a connection without tasks"),
    }
}
