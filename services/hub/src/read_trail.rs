//! An overseer reads the audit trail. The look is entered first. Entries hold no personal data, but who
//! refers to whom is itself sensitive, so the trail is for auditors; an agency sees its own referrals'
//! history.

use casework::{Caller, Categories};
use policies::Act;
use serde::Serialize;
use store::{AuditEntry, ReceiptProof};

use crate::error::not_found;
use crate::permits::ask;
use crate::{Hub, HubError};

/// One entry as shown.
#[derive(Debug, Clone, Serialize)]
pub struct AuditLine {
    /// Its place.
    pub index: u64,
    /// When, RFC 3339.
    pub at: String,
    /// What it is evidence of (ETSI REM's words, and `DECISION`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<&'static str>,
    /// The entry.
    pub entry: casework::Entry,
}

/// Which part of the trail.
#[derive(Debug, Clone, Copy, Default)]
pub struct TrailFilter {
    /// Only before this index; the newest where absent.
    pub before: Option<u64>,
    /// At most so many, bounded by 200.
    pub limit: u32,
}

impl From<AuditEntry> for AuditLine {
    fn from(found: AuditEntry) -> Self {
        let evidence = casework::evidence(&found.entry.event);
        Self { index: found.index, at: found.entry.at.to_string(), evidence, entry: found.entry }
    }
}

impl Hub {
    /// Entries, newest first.
    ///
    /// # Errors
    /// `not-permitted` for anyone but an auditor.
    pub async fn read_trail(&self, caller: &Caller, filter: TrailFilter) -> Result<Vec<AuditLine>, HubError> {
        let permit = self.permit(&ask(caller, Act::ReadAudit, None))?;
        self.enter_read(caller, Some(permit), "audit", None, Categories::new()).await?;
        let found = self.store.entries_before(filter.before, filter.limit).await?;
        Ok(found.into_iter().map(AuditLine::from).collect())
    }

    /// The proof that an entry is in the tree of a size; of the newest head where no size is named.
    ///
    /// # Errors
    /// `not-permitted` for anyone but an auditor; `not-found` where there is no such entry or head.
    pub async fn prove_entry(
        &self,
        caller: &Caller,
        index: u64,
        size: Option<u64>,
    ) -> Result<ReceiptProof, HubError> {
        let permit = self.permit(&ask(caller, Act::ReadAudit, None))?;
        self.enter_read(caller, Some(permit), "audit", None, Categories::new()).await?;
        let newest = self.store.checkpoint().await?.map(|(size, _)| size);
        let size = size.or(newest).ok_or_else(not_found)?;
        if index >= size {
            return Err(not_found());
        }
        self.store.proof(index, size).await?.ok_or_else(not_found)
    }
}
