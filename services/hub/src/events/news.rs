//! Waiting for something new in the ledger. A commit of this process wakes everybody at once; what another
//! hub committed is looked for once a second, by one of those who wait for all of them. When the hub stops,
//! whoever waits is told, so that no open stream holds it up.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::Hub;

/// Between two looks for what other hubs committed.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Between two looks of one listener: under load it gets more at once, not more often.
const PACE: Duration = Duration::from_millis(200);

/// Who waits, seen from the hub.
#[derive(Debug)]
pub struct News {
    closing: watch::Sender<bool>,
    looked: Mutex<Option<Instant>>,
}

impl Default for News {
    fn default() -> Self {
        Self { closing: watch::Sender::new(false), looked: Mutex::default() }
    }
}

impl News {
    /// Nobody has to wait any longer.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Is it time to look, and this caller's turn?
    fn turn(&self) -> bool {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let due = looked.is_none_or(|last| last.elapsed() >= LOOK_EVERY);
        if due {
            *looked = Some(Instant::now());
        }
        due
    }
}

/// Why somebody who waited goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waited {
    /// There may be something new.
    News,
    /// The time is over.
    Nothing,
    /// The hub stops.
    Closing,
}

/// Somebody who waits.
#[derive(Debug)]
pub struct Watching {
    size: watch::Receiver<u64>,
    closing: watch::Receiver<bool>,
    last: Instant,
}

impl Watching {
    /// Waits for news, or until a time.
    pub async fn wait(&mut self, hub: &Hub, until: Instant) -> Waited {
        let paced = until.min(self.last + PACE);
        if self.closed_before(paced).await {
            return Waited::Closing;
        }
        let waited = loop {
            if Instant::now() >= until {
                break Waited::Nothing;
            }
            let turn = until.min(Instant::now() + LOOK_EVERY);
            let changed = tokio::select! {
                _ = self.closing.wait_for(|closing| *closing) => break Waited::Closing,
                changed = timeout_at(turn, self.size.changed()) => changed,
            };
            match changed {
                Ok(Ok(())) => break Waited::News,
                Ok(Err(_)) => break Waited::Closing,
                Err(_) => hub.look_for_news().await,
            }
        };
        self.last = Instant::now();
        waited
    }

    async fn closed_before(&mut self, until: Instant) -> bool {
        timeout_at(until, self.closing.wait_for(|closing| *closing)).await.is_ok()
    }
}

impl Hub {
    /// Somebody who waits for news from now on.
    #[must_use]
    pub fn watch_news(&self) -> Watching {
        let size = self.store.news();
        Watching { size, closing: self.news.closing.subscribe(), last: Instant::now() }
    }

    async fn look_for_news(&self) {
        if self.news.turn()
            && let Err(error) = self.store.look_for_news().await
        {
            tracing::warn!(%error, "nobody could look for what other hubs committed");
        }
    }
}
