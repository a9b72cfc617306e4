//! The certificate of an erasure: what was erased when, from when on no backup brings it back, who still
//! has to say that its copy is gone. Two dates, because a backup of the key database outlives the key for a
//! while.

use std::collections::BTreeMap;

use casework::{
    AgencyCode, ApprovalId, Caller, CaseId, CaseReference, Code, Erasure, ErasureCopy, ErasureStatus, Event,
    Permit, Register, Timestamp,
};
use policies::Act;
use serde::Serialize;
use store::AuditEntry;

use crate::permits::ask;
use crate::{CaseNamed, Hub, HubError};

const DAY_MICROS: i64 = 86_400 * 1_000_000;

/// A case's erasure and what may keep it from being erased.
#[derive(Debug, Clone, Serialize)]
pub struct ErasureView {
    /// The case.
    pub case: CaseNamed,
    /// Who says that it must be kept.
    pub holds: Vec<AgencyCode>,
    /// The erasure; none where nobody ordered one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erasure: Option<Certificate>,
}

/// A certificate.
#[derive(Debug, Clone, Serialize)]
pub struct Certificate {
    /// `erasure-ordered`, `erased`, `called-off`.
    pub status: ErasureStatus,
    /// Whose people ordered it.
    pub ordered_by: AgencyCode,
    /// On what ground, coded.
    pub basis: Code,
    /// The approval that names both people.
    pub approval: ApprovalId,
    /// When it was ordered, RFC 3339.
    pub ordered_at: String,
    /// The entry that says so.
    pub ordered_entry: u64,
    /// When the hub could read it no more, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased_online: Option<String>,
    /// The entry that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased_entry: Option<u64>,
    /// From when on no backup of the keys brings it back, RFC 3339: if backups are kept no longer than
    /// `backup_days`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unrecoverable_from_backups: Option<String>,
    /// How long a backup of the key database is kept (the setting `keys.backup_days`).
    pub backup_days: u64,
    /// How many keys the case had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys_destroyed: Option<u32>,
    /// Agencies whose own systems were shown something of the case.
    pub copies: Vec<CopyView>,
    /// How many of them still have to say that it is gone.
    pub outstanding: usize,
}

/// What an agency has of an erased case.
#[derive(Debug, Clone, Serialize)]
pub struct CopyView {
    /// Who.
    pub agency: AgencyCode,
    /// Told when, RFC 3339.
    pub told_at: String,
    /// Until when it has to say that its copy is gone, RFC 3339. Proposed, not law.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// Did it not say so in time?
    pub overdue: bool,
    /// When it said so, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<String>,
}

/// What the ledger says of a case's erasures, oldest first.
#[derive(Default)]
struct Told {
    ordered: Option<(u64, Erasure)>,
    erased: Option<(u64, Erasure)>,
    copies: BTreeMap<AgencyCode, ErasureCopy>,
}

impl Told {
    fn of(history: Vec<AuditEntry>) -> Self {
        let mut told = Self::default();
        for found in history {
            match found.entry.event {
                Event::Register(Register::Erasure(held)) => match held.status {
                    ErasureStatus::ErasureOrdered => told.ordered = Some((found.index, held)),
                    _ => told.erased = Some((found.index, held)),
                },
                Event::Register(Register::ErasureCopy(held)) => {
                    told.copies.insert(held.agency.clone(), held);
                }
                _ => {}
            }
        }
        told
    }
}

impl Hub {
    /// Whoever may read a case, or ask for its erasure: a privacy officer reads no cases.
    pub(crate) fn may_know(&self, caller: &Caller) -> Result<Permit, HubError> {
        let reads = self.permit(&ask(caller, Act::ReadCase, None));
        reads.or_else(|_| self.permit(&ask(caller, Act::EraseCase, None)))
    }

    /// The certificate, made from the ledger. Who has a copy and is no party sees its own copy alone.
    ///
    /// # Errors
    /// `not-found` for anyone who is not a party and has no copy; `not-permitted`.
    pub async fn show_erasure(&self, caller: &Caller, id: CaseId) -> Result<ErasureView, HubError> {
        let case = self.case_or_copy(caller, id).await?;
        self.may_know(caller)?;
        let mut told = Told::of(self.store.case_history(id).await?);
        if case.is_none() {
            told.copies.retain(|agency, _| *agency == caller.agency);
        }
        Ok(ErasureView {
            case: CaseNamed { id, reference: CaseReference::of(id).to_string() },
            holds: case.map(|case| case.holds.into_iter().collect()).unwrap_or_default(),
            erasure: certificate(told, self.key_backup_days),
        })
    }
}

fn certificate(told: Told, backup_days: u64) -> Option<Certificate> {
    let (ordered_entry, ordered) = told.ordered?;
    // An order after one that was called off is told of alone.
    let (index, now) = told.erased.filter(|(index, _)| *index > ordered_entry).unzip();
    let held = now.unwrap_or(ordered);
    let life = i64::try_from(backup_days).unwrap_or(i64::MAX).saturating_mul(DAY_MICROS);
    let gone = |at: Timestamp| at.plus_micros(life).to_string();
    let outstanding = told.copies.values().filter(|copy| copy.acknowledged.is_none()).count();
    Some(Certificate {
        status: held.status,
        ordered_by: held.agency,
        basis: held.basis,
        approval: held.approval,
        ordered_at: held.ordered.to_string(),
        ordered_entry,
        erased_online: held.erased.map(|at| at.to_string()),
        erased_entry: index.filter(|_| held.status == ErasureStatus::Erased),
        unrecoverable_from_backups: held.erased.map(gone),
        backup_days,
        keys_destroyed: held.keys,
        copies: told.copies.into_values().map(copy).collect(),
        outstanding,
    })
}

fn copy(held: ErasureCopy) -> CopyView {
    CopyView {
        agency: held.agency,
        told_at: held.told.to_string(),
        due: held.due.map(|due| due.to_string()),
        overdue: held.overdue,
        acknowledged_at: held.acknowledged.map(|at| at.to_string()),
    }
}
