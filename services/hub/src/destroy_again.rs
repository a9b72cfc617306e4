//! A copy of the key database from before an erasure brings erased keys back. What the ledger says was erased
//! is looked for in the key database and destroyed again, some at a time, and that is said: an alarm, an
//! incident of the hub. Until then nobody reads those cases either: their state says that they are erased.

use std::collections::BTreeSet;

use casework::{AgencyCode, CaseId, Condition, ErasureStatus, IncidentTurn, KeyId};
use store::row_digest;

use crate::hand_over::code;
use crate::{Hub, HubError, measure};

impl Hub {
    /// Looks through some erased cases after one; how many keys were back, and where to go on.
    ///
    /// # Errors
    /// Where a store does not answer; it is looked again later.
    pub async fn destroy_again(&self, after: Option<CaseId>) -> Result<(usize, Option<CaseId>), HubError> {
        let found = self.store.erased_keys(after).await?;
        let keys = found.keys.iter().map(|(_, key)| *key).collect();
        let back = self.store.keys().present(keys).await?;
        let back = self.proven_erased(&found.keys, back).await?;
        if back.is_empty() {
            return Ok((0, found.next));
        }
        let count = back.len();
        self.store.keys().destroy(back).await?;
        tracing::error!(
            alarm = "erased-keys-back",
            keys = count,
            "keys of erased cases were in the key database again; they are destroyed again"
        );
        measure::alarm("erased-keys-back");
        self.erased_keys_are_back(IncidentTurn::Open).await;
        Ok((count, found.next))
    }

    /// Of these, those whose case an entry says is erased, and under which nothing of another case lies. A
    /// row without an entry was written by somebody else.
    async fn proven_erased(&self, of: &[(CaseId, KeyId)], back: Vec<KeyId>) -> Result<Vec<KeyId>, HubError> {
        let mut proven = Vec::new();
        for (case, key) in of.iter().filter(|(_, key)| back.contains(key)) {
            if self.store.erasure_entered(*case).await? != Some(ErasureStatus::Erased) {
                self.unentered_erasure(*case).await;
            } else if self.store.is_only_of(*case, *key).await? {
                proven.push(*key);
            } else {
                let why = "something of another case is sealed under a key of this erased one";
                self.erasure_in_doubt(*case, why).await;
            }
        }
        Ok(proven)
    }

    /// A row of an erasure that no entry made: nothing is destroyed, and nothing shown, until people know
    /// why.
    pub(crate) async fn unentered_erasure(&self, case: CaseId) {
        tracing::error!(%case, "the row of an erasure has no entry in the ledger; its keys are kept");
        self.suspect_rows(code("erasure-not-entered"), None, row_of(case)).await;
    }

    /// The rows that say which keys are a case's do not fit what is sealed under them: nothing is destroyed.
    pub(crate) async fn erasure_in_doubt(&self, case: CaseId, why: &'static str) {
        tracing::error!(%case, why, "which keys are this case's is in doubt; its keys are kept");
        self.suspect_rows(code("erasure-keys-in-doubt"), None, row_of(case)).await;
    }

    /// All were looked at, and none was back.
    pub async fn no_erased_key_is_back(&self) {
        self.erased_keys_are_back(IncidentTurn::Recover).await;
    }

    async fn erased_keys_are_back(&self, turn: IncidentTurn) {
        self.incident(Condition::ErasedKeysBack, &AgencyCode::hub(), None, turn).await;
    }
}

/// Which row of the register.
fn row_of(case: CaseId) -> BTreeSet<String> {
    BTreeSet::from([row_digest(&format!("erasure/{case}"))])
}
