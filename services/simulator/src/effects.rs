//! What an agency's system has done, one JSON line per effect in `<dir>/<agency>.effects.jsonl`, fsynced
//! before the system answers. Read back at start, so that deduplication, file numbers and records survive a
//! kill. It is not the hub's ledger and shares no code with it; with it a checker counts what the hub really
//! caused.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions, create_dir_all, read},
    io::{self, Write},
    path::{Path, PathBuf},
};

use casework::{CheckId, DeliveryId, ReferralId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{NotWritten, SimError};

/// 256 MiB: some 100 000 effects of a few kilobytes, far above what a sandbox or a soak test makes.
pub(crate) const LOG_BYTES_MAX: u64 = 256 << 20;
/// Effects kept in memory; at 2 KiB each about 200 MB.
pub(crate) const EFFECTS_MAX: usize = 100_000;

/// One thing an agency's system did. No `Debug`: `seen` is what the officers read about a child.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Effect {
    /// When, by the agency's clock, RFC 3339.
    pub at: String,
    /// What: `referral.request` and so on for messages; `officer.accept` and so on for the officers' acts.
    pub kind: String,
    /// The hub's delivery it came by, if by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryId>,
    /// The hub's referral it is about, if about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referral: Option<ReferralId>,
    /// The identity check it is about (NADRA only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<CheckId>,
    /// The hub's attempt number, where the hub told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// The agency's own number for it.
    pub reference: String,
    /// The agency's own record it belongs to (Primero: the case id).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// What an officer can see of it: the agency's own form, as received.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub seen: Value,
}

impl Effect {
    /// The same without what it says about a child.
    pub(crate) fn without_content(&self) -> Self {
        Self {
            at: self.at.clone(),
            kind: self.kind.clone(),
            reference: self.reference.clone(),
            record: self.record.clone(),
            seen: Value::Null,
            ..*self
        }
    }
}

/// The log of one agency and what was read back from it.
pub(crate) struct EffectLog {
    file: File,
    bytes: u64,
    effects: Vec<Effect>,
    by_delivery: HashMap<DeliveryId, usize>,
}

impl EffectLog {
    /// Opens or creates the log and reads it back. A torn last line, which a kill in the middle of a write
    /// leaves, is cut off: its effect was never answered.
    ///
    /// # Errors
    /// [`SimError::Log`] on any file error, [`SimError::BadLog`] if a line before the last is no effect.
    pub(crate) fn open(dir: &Path, agency: &str) -> Result<Self, SimError> {
        let path = dir.join(format!("{agency}.effects.jsonl"));
        let failed = |source| SimError::Log { path: path.clone(), source };
        create_dir_all(dir).map_err(failed)?;
        let found = match read(&path) {
            Ok(bytes) => bytes,
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(other) => return Err(failed(other)),
        };
        let (effects, bytes) = read_back(&path, &found)?;
        let file = OpenOptions::new().append(true).create(true).open(&path).map_err(failed)?;
        file.set_len(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
        File::open(dir).and_then(|dir| dir.sync_all()).map_err(failed)?;
        let by_delivery = effects
            .iter()
            .enumerate()
            .rev() // the first effect of a delivery wins, so it is inserted last
            .filter_map(|(index, effect)| effect.delivery.map(|delivery| (delivery, index)))
            .collect();
        Ok(Self { file, bytes, effects, by_delivery })
    }

    /// Writes one effect and waits until it is on the disk.
    ///
    /// # Errors
    /// [`NotWritten`]; the log then holds what it held before.
    pub(crate) fn append(&mut self, effect: Effect) -> Result<(), NotWritten> {
        let mut line = serde_json::to_vec(&effect).map_err(|_| NotWritten::Text)?;
        line.push(b'\n');
        let longer = self.bytes.saturating_add(u64::try_from(line.len()).unwrap_or(u64::MAX));
        if longer > LOG_BYTES_MAX || self.effects.len() >= EFFECTS_MAX {
            return Err(NotWritten::Full);
        }
        if let Err(error) = self.file.write_all(&line).and_then(|()| self.file.sync_data()) {
            // Half a line may stand there; without this cut the next effect would be joined to it.
            let _ = self.file.set_len(self.bytes);
            return Err(NotWritten::Io(error));
        }
        self.bytes = longer;
        if let Some(delivery) = effect.delivery {
            self.by_delivery.entry(delivery).or_insert(self.effects.len());
        }
        self.effects.push(effect);
        Ok(())
    }

    /// The first effect of a delivery.
    pub(crate) fn by_delivery(&self, delivery: &DeliveryId) -> Option<&Effect> {
        self.by_delivery.get(delivery).and_then(|index| self.effects.get(*index))
    }

    /// All effects, oldest first.
    pub(crate) fn all(&self) -> &[Effect] {
        &self.effects
    }

    /// The next file number, unique because the log only grows: `NCCIA-2026-000017`.
    pub(crate) fn next_number(&self, agency: &str, year: i32) -> String {
        format!("{}-{year}-{:06}", agency.to_uppercase(), self.effects.len().saturating_add(1))
    }
}

/// The effects in a log file's bytes, and how many of the bytes are whole lines.
fn read_back(path: &Path, bytes: &[u8]) -> Result<(Vec<Effect>, u64), SimError> {
    let bad = |line| SimError::BadLog { path: PathBuf::from(path), line };
    let mut effects = Vec::new();
    let mut whole = 0_usize;
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        let effect = line.ends_with(b"\n").then(|| serde_json::from_slice(line).ok()).flatten();
        match effect {
            Some(effect) => {
                effects.push(effect);
                whole = whole.saturating_add(line.len());
            }
            None if lines.peek().is_none() => break,
            None => return Err(bad(index.saturating_add(1))),
        }
    }
    Ok((effects, u64::try_from(whole).unwrap_or(u64::MAX)))
}
