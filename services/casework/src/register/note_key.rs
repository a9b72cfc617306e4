//! The keys that sign checkpoints, one after another. For a while both sign, so that whoever verifies has
//! time to learn the new one; then the new one alone. What the earlier one signed stays good.

use serde::{Deserialize, Serialize};

use super::{Register, RegisterKey};
use crate::{AgencyCode, ApprovalId, Event, Refusal, State, Timestamp};

/// A key that took the place of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteKeyTurn {
    /// The hub: its people decide.
    pub agency: AgencyCode,
    /// The public key that signs from now on, as verifiers take it.
    pub key: String,
    /// The one that signed before.
    pub before: String,
    /// Since when the new one signs.
    pub since: Timestamp,
    /// Until when the earlier one signs beside it.
    pub until: Timestamp,
    /// Who agreed stands there.
    pub approval: ApprovalId,
    /// The new key's signature that it took the place of that one, as a line of a signed note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vouch: Option<String>,
}

impl NoteKeyTurn {
    /// The key's id, its second part.
    #[must_use]
    pub fn id(&self) -> &str {
        id_of(&self.key)
    }
}

/// `name+id+key`: the id.
pub(super) fn id_of(vkey: &str) -> &str {
    vkey.split('+').nth(1).unwrap_or_default()
}

/// How long both keys sign at least, and at most: an hour, a year.
const OVERLAP_MICROS: std::ops::RangeInclusive<i64> = 3_600 * 1_000_000..=365 * 24 * 3_600 * 1_000_000;

/// May this key take the place of that one now? Only of the one that signs.
pub(super) fn may_turn(
    state: &State,
    key: &str,
    until: Timestamp,
    agency: &AgencyCode,
    now: Timestamp,
) -> Result<(), Refusal> {
    if *agency != AgencyCode::hub() {
        return Err(Refusal::NotFound);
    }
    let known = state.registers.contains_key(&RegisterKey::NoteKey(id_of(key).to_owned()));
    let overlap = until.micros().saturating_sub(now.micros());
    if known || !OVERLAP_MICROS.contains(&overlap) { Err(Refusal::NothingToDo) } else { Ok(()) }
}

/// Two people of the hub said so.
pub(super) fn turn(
    key: &str,
    before: &str,
    vouch: Option<&str>,
    until: Timestamp,
    approval: ApprovalId,
    now: Timestamp,
) -> Vec<Event> {
    let (key, before, agency) = (key.to_owned(), before.to_owned(), AgencyCode::hub());
    let vouch = vouch.map(str::to_owned);
    let row = NoteKeyTurn { agency, key, before, since: now, until, approval, vouch };
    vec![Event::Register(Register::NoteKey(row))]
}
