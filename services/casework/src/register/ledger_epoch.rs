//! Epochs of the ledger. Where entries are gone that a signed checkpoint knows, the entries that are there
//! go on under another origin: what was signed under the earlier one stands, nothing is signed under it any
//! more, and the first entry of the new one says what was lost. That the ledger is suspect is said in the
//! same breath.

use serde::{Deserialize, Serialize};

use super::{EntryRange, Register, RegisterKey, SeenCheckpoint, SuspectLedger, suspicion};
use crate::{AgencyCode, Code, Event, Refusal, State, Timestamp};

/// An epoch; the first has no row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEpoch {
    /// The hub.
    pub agency: AgencyCode,
    /// Counted from 1; the first that stands here is 2.
    pub number: u64,
    /// What its checkpoints are signed under.
    pub origin: String,
    /// What they were signed under before.
    pub before: String,
    /// Entries that were there when it began; this is the next one.
    pub kept: u64,
    /// The last known checkpoint of what came before, and who had it.
    pub lost: SeenCheckpoint,
    /// Since when.
    pub since: Timestamp,
    /// A signature by the hub's note key over what stands above, as a line of a signed note: a row without
    /// one is nobody's word.
    #[serde(default)]
    pub vouch: String,
}

/// Begins an epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BeginEpoch {
    /// Its number.
    pub number: u64,
    /// What its checkpoints will be signed under.
    pub origin: String,
    /// What they are signed under now.
    pub before: String,
    /// Entries that are there.
    pub kept: u64,
    /// The checkpoint that knows more, or something else.
    pub lost: SeenCheckpoint,
    /// Why, coded: the reason of the suspicion.
    pub reason: Code,
    /// The hub's signature over the rest.
    pub vouch: String,
}

pub(crate) fn begin(state: &State, asked: &BeginEpoch, now: Timestamp) -> Result<Vec<Event>, Refusal> {
    if state.registers.contains_key(&RegisterKey::LedgerEpoch(asked.number)) {
        return Err(Refusal::NothingToDo);
    }
    let BeginEpoch { number, origin, before, kept, lost, reason, vouch } = asked.clone();
    let last = lost.size.checked_sub(1).filter(|last| *last >= kept);
    let range = last.map(|last| EntryRange { first: kept, last });
    let seen = Some(lost.clone());
    let suspect = SuspectLedger { reason, range, seen, rows: Default::default() };
    let agency = AgencyCode::hub();
    let row = LedgerEpoch { agency, number, origin, before, kept, lost, since: now, vouch };
    let mut events = vec![Event::Register(Register::LedgerEpoch(row))];
    // INVARIANT: no epoch without a suspicion, even if the hub dies now.
    events.extend(suspicion::suspect(state, &suspect, now).unwrap_or_default());
    Ok(events)
}
