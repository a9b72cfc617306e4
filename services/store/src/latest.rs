//! `checkpoint.latest`: the newest checkpoint this process signed, kept beside the store for `audit verify`
//! and for the check that a store is as new as what was signed of it.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::{Batch, CaseClock};

/// Its name.
pub const CHECKPOINT_FILE: &str = "checkpoint.latest";
/// At most one checkpoint file a second: a newer one is always only a later word on the same tree.
const CHECKPOINT_EVERY_MICROS: i64 = 1_000_000;

/// The newest checkpoint and its file.
pub struct Latest {
    path: PathBuf,
    /// Not written yet.
    note: Option<String>,
    written_at: i64,
}

impl Latest {
    pub fn new(path: PathBuf) -> Self {
        Self { path, note: None, written_at: 0 }
    }

    /// Synced under a second name and renamed, so that a crash leaves the old or the new one, whole.
    pub fn write(&mut self) {
        let Some(note) = self.note.take() else { return };
        let beside = self.path.with_extension("new");
        let written = (File::create(&beside))
            .and_then(|mut file| file.write_all(note.as_bytes()).and_then(|()| file.sync_all()))
            .and_then(|()| std::fs::rename(&beside, &self.path));
        if let Err(error) = written {
            tracing::error!(%error, "the checkpoint file was not written");
        }
    }
}

/// Writes the last checkpoint of a burst that came too soon after the one before it.
pub fn write_latest(latest: &Arc<Mutex<Latest>>) -> Box<dyn Fn() + Send> {
    let latest = Arc::clone(latest);
    Box::new(move || latest.lock().unwrap_or_else(PoisonError::into_inner).write())
}

pub fn keep_latest(latest: &Arc<Mutex<Latest>>, clock: &Arc<CaseClock>) -> Box<dyn Fn(&Batch) + Send> {
    let (latest, clock) = (Arc::clone(latest), Arc::clone(clock));
    Box::new(move |batch| {
        let mut latest = latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.note = Some(batch.checkpoint.clone());
        let now = clock.real().micros();
        if now.saturating_sub(latest.written_at) >= CHECKPOINT_EVERY_MICROS {
            latest.written_at = now;
            latest.write();
        }
    })
}
