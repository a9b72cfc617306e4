//! Suspicions of the ledger: somebody who remembers saw more of it, or another history, or what is stored
//! does not fit what was signed. While one stands, nothing about a child is shown, and intake goes on. Noted
//! by the hub itself, one row for each reason; lifted by two people of the hub, never by time.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Register, RegisterKey};
use crate::{AgencyCode, ApprovalId, Code, Event, Refusal, State, Timestamp};

/// Rows that a suspicion names at most: a leaf has room for these.
pub const ROWS_NAMED_MAX: usize = 16;

/// Entries of the ledger, both ends among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryRange {
    /// The first.
    pub first: u64,
    /// The last.
    pub last: u64,
}

/// A checkpoint of this ledger that somebody kept, signed by its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenCheckpoint {
    /// Who kept it: a witness's name, or the file beside the store.
    pub by: String,
    /// Under which origin it was signed.
    pub origin: String,
    /// How many entries it speaks of.
    pub size: u64,
    /// Their root, in hexadecimal.
    pub root: String,
}

/// A suspicion and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspicion {
    /// The hub: its people decide.
    pub agency: AgencyCode,
    /// Why, coded.
    pub reason: Code,
    /// Which entries are in doubt, as far as is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<EntryRange>,
    /// What was seen, where it was a checkpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<SeenCheckpoint>,
    /// Which rows, by short digests of their names: another row is another finding.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub rows: BTreeSet<String>,
    /// Since when it stands so.
    pub since: Timestamp,
    /// Lifted when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifted: Option<Timestamp>,
    /// Who agreed to that stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<ApprovalId>,
    /// Lifted, and since this time not there any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone: Option<Timestamp>,
}

/// Suspects the ledger. What is known already, and what two people have lifted just so, is no entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuspectLedger {
    /// Why, coded.
    pub reason: Code,
    /// Which entries.
    pub range: Option<EntryRange>,
    /// What was seen.
    pub seen: Option<SeenCheckpoint>,
    /// Which rows, by short digests of their names; at most [`ROWS_NAMED_MAX`].
    pub rows: BTreeSet<String>,
}

impl Suspicion {
    /// Is this known: noted already, or lifted by two people just so and there ever since?
    fn covers(&self, asked: &SuspectLedger) -> bool {
        let is_same = self.gone.is_none() && self.range == asked.range && self.seen == asked.seen;
        // What stands and names as many as it can closes disclosure anyway.
        let is_full = self.lifted.is_none() && self.rows.len() >= ROWS_NAMED_MAX;
        is_same && (is_full || asked.rows.is_subset(&self.rows))
    }
}

pub(crate) fn suspect(state: &State, asked: &SuspectLedger, now: Timestamp) -> Result<Vec<Event>, Refusal> {
    let held = row(state, &asked.reason);
    if held.is_some_and(|held| held.covers(asked)) {
        return Err(Refusal::NothingToDo);
    }
    let SuspectLedger { reason, range, seen, rows } = asked.clone();
    // With those that are known, so that two findings by turns are not two entries each time.
    let known = held.filter(|held| held.gone.is_none()).map(|held| &held.rows | &rows);
    let rows = known.filter(|known| known.len() <= ROWS_NAMED_MAX).unwrap_or(rows);
    let (agency, since) = (AgencyCode::hub(), now);
    let row =
        Suspicion { agency, reason, range, seen, rows, since, lifted: None, approval: None, gone: None };
    Ok(vec![Event::Register(Register::Suspicion(row))])
}

/// What two people lifted was looked for again, and is not there.
pub(crate) fn fault_gone(state: &State, reason: &Code, now: Timestamp) -> Result<Vec<Event>, Refusal> {
    let held = row(state, reason).filter(|held| held.lifted.is_some() && held.gone.is_none());
    let gone = Suspicion { gone: Some(now), ..held.cloned().ok_or(Refusal::NothingToDo)? };
    Ok(vec![Event::Register(Register::Suspicion(gone))])
}

/// May it be lifted? Only as both people have seen it: what was found since is another suspicion.
pub(super) fn may_lift(
    state: &State,
    reason: &Code,
    since: Timestamp,
    agency: &AgencyCode,
) -> Result<Suspicion, Refusal> {
    let held = row(state, reason).filter(|_| *agency == AgencyCode::hub());
    let held = held.filter(|held| held.lifted.is_none() && held.since == since);
    held.cloned().ok_or(Refusal::NotFound)
}

/// Two people of the hub lifted it.
pub(super) fn lift(
    state: &State,
    reason: &Code,
    since: Timestamp,
    approval: ApprovalId,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let held = may_lift(state, reason, since, &AgencyCode::hub())?;
    let lifted = Suspicion { lifted: Some(now), approval: Some(approval), ..held };
    Ok(vec![Event::Register(Register::Suspicion(lifted))])
}

fn row<'a>(state: &'a State, reason: &Code) -> Option<&'a Suspicion> {
    match state.registers.get(&RegisterKey::Suspicion(reason.clone())) {
        Some(Register::Suspicion(held)) => Some(held),
        _ => None,
    }
}
