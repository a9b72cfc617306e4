//! Which set of policies is in force, where two people put one there: the digest, and by whose approval.
//! Without a row it is the program's own. The set's text is kept elsewhere; its digest says whether it is
//! the one.

use serde::{Deserialize, Serialize};

use super::{Register, RegisterKey};
use crate::{AgencyCode, ApprovalId, Digest, Event, Refusal, State, Timestamp};

/// The set in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicySet {
    /// The hub: its people decide.
    pub agency: AgencyCode,
    /// Its digest, as entries name it.
    pub set: Digest,
    /// The one it took the place of.
    pub before: Digest,
    /// Since when.
    pub since: Timestamp,
    /// Who agreed stands there.
    pub approval: ApprovalId,
}

/// What another set would have made of past decisions: counts, as the second person saw them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replayed {
    /// Past decisions that were asked again.
    pub decisions: u64,
    /// Permitted now, and not before.
    pub newly_permitted: u64,
    /// Denied now, and permitted before.
    pub newly_denied: u64,
    /// Not decidable any more.
    pub newly_failed: u64,
    /// Decisions found that could not be asked again.
    #[serde(default, skip_serializing_if = "is_none")]
    pub not_asked: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
const fn is_none(count: &u64) -> bool {
    *count == 0
}

impl State {
    fn policy_set(&self) -> Option<&PolicySet> {
        match self.registers.get(&RegisterKey::PolicySet) {
            Some(Register::PolicySet(held)) => Some(held),
            _ => None,
        }
    }
}

/// May one set take the place of another now? Only of the one that it was compared with.
pub(super) fn may_change(
    state: &State,
    set: &Digest,
    before: &Digest,
    agency: &AgencyCode,
) -> Result<(), Refusal> {
    if *agency != AgencyCode::hub() {
        return Err(Refusal::NotFound);
    }
    if set == before {
        return Err(Refusal::NothingToDo);
    }
    match state.policy_set() {
        Some(held) if held.set != *before => Err(Refusal::PoliciesMoved),
        _ => Ok(()),
    }
}

/// It comes into force.
pub(super) fn change(set: &Digest, before: &Digest, approval: ApprovalId, now: Timestamp) -> Vec<Event> {
    let row = PolicySet {
        agency: AgencyCode::hub(),
        set: set.clone(),
        before: before.clone(),
        since: now,
        approval,
    };
    vec![Event::Register(Register::PolicySet(row))]
}
