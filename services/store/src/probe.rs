//! A look at a store from outside, for `amaan doctor`: read-only, beside a running hub, and bounded whatever
//! the ledger's length. `verify` recomputes everything; this does not.

use std::path::Path;

use seal::NoteKey;

use crate::commit::to_u64;
use crate::open::{CHECKPOINT_FILE, LedgerKey, MAIN_FILE};
use crate::sqlite::{self, Conn, probe, trail};
use crate::{CaseClock, StoreError, high_water};

/// A hub that commits writes its checkpoint after its head; looked at in between, the database seems older.
const LOOKS_MAX: usize = 3;

/// What a store says of itself.
#[derive(Debug, Clone)]
pub struct Probe {
    /// The engine and its version.
    pub engine: String,
    /// Is the connection encrypted? `None` where there is no network.
    pub tls: Option<bool>,
    /// What lets a commit be lost, in words: `fsync is off`.
    pub lax: Vec<String>,
    /// How far the database's clock is ahead of the machine's, in seconds.
    pub ahead_seconds: i64,
    /// Migrations that are in, oldest first.
    pub applied: Vec<String>,
    /// Migrations of this version that are not in.
    pub pending: Vec<String>,
    /// Migrations that are in and that this version does not know: a newer one made them.
    pub unknown: Vec<String>,
    /// Entries in the ledger.
    pub entries: u64,
    /// Why nothing may be signed on top of it, if so.
    pub suspect: Option<String>,
    /// Deliveries that rest with a person.
    pub dead_letters: u64,
    /// How long the oldest due delivery has waited, in seconds.
    pub oldest_due_seconds: Option<i64>,
}

/// Looks at the store in this folder; `None` where there is none yet. With the ledger's key, also whether
/// the database is as new as the newest checkpoint beside it.
///
/// # Errors
/// Where it cannot be opened or read.
pub fn probe(dir: &Path, key: Option<NoteKey>) -> Result<Option<Probe>, StoreError> {
    let file = dir.join(MAIN_FILE);
    if !file.exists() {
        return Ok(None);
    }
    let mut conn = sqlite::open_reader(&file)?;
    let (engine, known) = (sqlite::version(&mut conn)?, sqlite::known_migrations()?);
    let applied = probe::migrations_in(&mut conn)?;
    let missing = |of: &[String], from: &[String]| -> Vec<String> {
        from.iter().filter(|version| !of.contains(version)).cloned().collect()
    };
    let (pending, unknown) = (missing(&applied, &known), missing(&known, &applied));
    let mut found = Probe {
        engine,
        tls: None,
        lax: Vec::new(),
        ahead_seconds: 0,
        applied,
        pending,
        unknown,
        entries: 0,
        suspect: None,
        dead_letters: 0,
        oldest_due_seconds: None,
    };
    // The tables of another version may not be there, or mean something else.
    if found.pending.is_empty() && found.unknown.is_empty() {
        look(&mut conn, dir, key.map(LedgerKey::new), &mut found)?;
    }
    Ok(Some(found))
}

fn look(conn: &mut Conn, dir: &Path, key: Option<LedgerKey>, found: &mut Probe) -> Result<(), StoreError> {
    let now = CaseClock::default().real().micros();
    found.entries = trail::newest_head(conn)?.map_or(Ok(0), |head| to_u64(head.size))?;
    found.dead_letters = to_u64(probe::dead_letters(conn)?)?;
    found.oldest_due_seconds =
        probe::oldest_due(conn, now)?.map(|since| now.saturating_sub(since) / 1_000_000);
    let Some(key) = key else { return Ok(()) };
    for _ in 0..LOOKS_MAX {
        match high_water::check(conn, &dir.join(CHECKPOINT_FILE), &key) {
            Ok(()) => {
                found.suspect = None;
                break;
            }
            Err(StoreError::LedgerSuspect(why)) => found.suspect = Some(why),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
