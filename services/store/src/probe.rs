//! A look at a store from outside, for `amaan doctor`: read-only, beside a running hub, and bounded whatever
//! the ledger's length. `verify` recomputes everything; this does not.

use std::path::Path;

use casework::{AgencyCode, PolicySet, TimeSource, Timestamp};
use seal::NoteKey;

use crate::commit::to_u64;
use crate::engine::{Conn, apart, query};
use crate::latest::CHECKPOINT_FILE;
use crate::open::OFFSET_CURSOR;
use crate::place::Database;
use crate::recount::{LastCount, Recount, last_count, recount};
use crate::ring::Ring;
use crate::{CaseClock, Place, StoreError, feeds, high_water, migrate, policy_sets};

/// A hub that commits writes its checkpoint after its head; looked at in between, the database seems older.
const LOOKS_MAX: usize = 3;
/// A ledger up to this long is counted for a look: some seconds.
const RECOUNT_ENTRIES_MAX: u64 = 200_000;

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
    /// Webhooks that are sent nothing any more.
    pub disabled_webhooks: Vec<String>,
    /// Both principles, counted now; none where the ledger is too long to count it for a look.
    pub recount: Option<Recount>,
    /// Agencies that have sent nothing for longer than they ever do: which, for how many minutes, and how
    /// long they may be silent.
    pub silent: Vec<(AgencyCode, u64, u64)>,
    /// What a hub's newest count came to.
    pub counted: Option<LastCount>,
    /// The set of policies that two people put in force, and its text where it is kept.
    pub policies: Option<(PolicySet, Option<String>)>,
    /// Case time.
    pub now: Timestamp,
}

/// Looks at a store; `None` where there is none yet. With the ledger's keys, also whether the main database
/// is as new as the newest checkpoint kept beside it.
///
/// # Errors
/// Where it cannot be opened or read.
pub fn probe(place: &Place, keys: Vec<NoteKey>) -> Result<Option<Probe>, StoreError> {
    apart(|| {
        let mut conn = place.open_inspector(Database::Main)?;
        if query!(conn, is_new())? {
            return Ok(None);
        }
        let schema = migrate::schema_of(&mut conn, Database::Main)?;
        let current = schema.is_current();
        let mut found = Probe {
            engine: query!(conn, version())?,
            tls: query!(conn, is_encrypted())?,
            lax: query!(conn, lax())?,
            ahead_seconds: ahead(&mut conn)?,
            applied: schema.applied,
            pending: schema.pending,
            unknown: schema.unknown,
            entries: 0,
            suspect: None,
            dead_letters: 0,
            oldest_due_seconds: None,
            disabled_webhooks: Vec::new(),
            silent: Vec::new(),
            recount: None,
            counted: None,
            policies: None,
            now: case_time(&mut conn)?,
        };
        // The tables of another version may not be there, or mean something else.
        if current {
            look(&mut conn, place.dir(), ring(keys), &mut found)?;
        }
        Ok(Some(found))
    })
}

fn ring(keys: Vec<NoteKey>) -> Option<Ring> {
    let mut keys = keys.into_iter();
    keys.next().map(|first| Ring::new(first, keys.collect()))
}

/// How far the database's clock is ahead of this machine's, in seconds.
fn ahead(conn: &mut Conn) -> Result<i64, StoreError> {
    let here = CaseClock::default().real().micros();
    let moment = query!(conn, moment(OFFSET_CURSOR))?;
    Ok(moment.map_or(0, |moment| moment.micros.saturating_sub(here) / 1_000_000))
}

/// Case time: this machine's, with the offset that a sandbox keeps.
fn case_time(conn: &mut Conn) -> Result<Timestamp, StoreError> {
    let clock = CaseClock::default();
    if let Some(moment) = query!(conn, moment(OFFSET_CURSOR))? {
        clock.observe(&moment)?;
    }
    Ok(clock.now())
}

fn silent(conn: &mut Conn, now: Timestamp) -> Result<Vec<(AgencyCode, u64, u64)>, StoreError> {
    let feeds = feeds::kept(conn)?.agencies.into_iter();
    let silent = feeds.filter(|(_, feed)| feed.is_silent(now));
    Ok(silent.map(|(agency, feed)| (agency, feed.silent_minutes(now), feed.bound_minutes(now))).collect())
}

fn look(conn: &mut Conn, dir: &Path, key: Option<Ring>, found: &mut Probe) -> Result<(), StoreError> {
    let now = CaseClock::default().real().micros();
    found.entries = query!(conn, trail::newest_head())?.map_or(Ok(0), |head| to_u64(head.size))?;
    found.dead_letters = to_u64(query!(conn, probe::dead_letters())?)?;
    let oldest = query!(conn, probe::oldest_due(now))?;
    found.oldest_due_seconds = oldest.map(|since| now.saturating_sub(since) / 1_000_000);
    found.disabled_webhooks = query!(conn, probe::disabled_webhooks())?;
    found.counted = last_count(conn)?;
    found.policies = policy_sets::approved(conn)?;
    found.silent = silent(conn, Timestamp::from_micros(now))?;
    if found.entries <= RECOUNT_ENTRIES_MAX {
        found.recount = Some(recount(conn)?);
    }
    let Some(key) = key else { return Ok(()) };
    for _ in 0..LOOKS_MAX {
        match high_water::check(conn, &dir.join(CHECKPOINT_FILE), &key) {
            Ok(None) => {
                found.suspect = None;
                break;
            }
            Ok(Some(lost)) => found.suspect = Some(lost.why),
            Err(StoreError::LedgerSuspect(why)) => found.suspect = Some(why),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
