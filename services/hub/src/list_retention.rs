//! What is due by the retention schedule, for the people who may have it erased, and the schedule itself. A
//! list of references, codes and times: no personal data, so no entry.

use std::collections::BTreeMap;

use casework::{
    AgencyCode, ApprovalId, ApprovalStatus, Caller, Case, CaseId, CaseReference, Change, Code, Digest,
    Register, RegisterKey, Timestamp,
};
use policies::Act;
use schemas::RetentionRow;
use serde::Serialize;
use store::KeptCaseRow;

use crate::permits::ask;
use crate::{CaseNamed, Hub, HubError, Problem};

/// How a case stands whose time is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DueStatus {
    /// Its erasure can be asked for.
    Due,
    /// An agency holds it.
    Held,
    /// Somebody asked, and a second person has not decided yet.
    Asked,
    /// Two people ordered it.
    ErasureOrdered,
}

/// A case whose time is over.
#[derive(Debug, Clone, Serialize)]
pub struct DueView {
    /// The case.
    pub case: CaseNamed,
    /// The row of the schedule.
    pub record: Code,
    /// The row in words.
    pub label: String,
    /// The same in Urdu; not reviewed.
    pub label_ur: String,
    /// What started its time, RFC 3339.
    pub since: String,
    /// Since when it need not be kept any longer, RFC 3339.
    pub due_since: String,
    /// How it stands.
    pub status: DueStatus,
    /// Who holds it.
    pub holds: Vec<AgencyCode>,
    /// The approval that a second person has to decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<ApprovalId>,
    /// What can be done: `erase`.
    pub actions: Vec<&'static str>,
}

/// The schedule.
#[derive(Debug, Clone, Serialize)]
pub struct ScheduleView<'a> {
    /// SHA-256 of the list that this process goes by.
    pub digest: Digest,
    /// What the ledger says that the hub goes by; none before it was ever entered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entered: Option<EnteredSchedule>,
    /// Every row, those that the hub does not run among them.
    pub rows: &'a [RetentionRow],
}

/// A schedule, as an entry says it.
#[derive(Debug, Clone, Serialize)]
pub struct EnteredSchedule {
    /// Its digest.
    pub digest: Digest,
    /// The digest of the one before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Digest>,
    /// Since when, RFC 3339.
    pub since: String,
}

/// A page of the list, and where the next one begins.
pub type DuePage = (Vec<DueView>, Option<String>);

impl Hub {
    /// The caller's agency's cases whose time is over, the longest over first. `after` is a page's end.
    ///
    /// # Errors
    /// `not-permitted` for anyone but privacy officers and supervisors; `query-malformed`.
    pub async fn list_due(
        &self,
        caller: &Caller,
        after: Option<&str>,
        limit: u32,
    ) -> Result<DuePage, HubError> {
        self.permit(&ask(caller, Act::EraseCase, None))?;
        let after = after.map(read_cursor).transpose()?;
        let rows = self.store.retention_due(caller.agency.clone(), after, limit).await?;
        let full = u32::try_from(rows.len()).is_ok_and(|count| count >= limit);
        let next = rows.last().filter(|_| full).map(cursor);
        let ids = rows.iter().map(|row| row.case).collect();
        let cases: BTreeMap<CaseId, Case> =
            self.store.cases_by_id(ids).await?.into_iter().map(|case| (case.id, case)).collect();
        let asked = self.asked_erasures(caller).await?;
        let shown = rows.into_iter().filter_map(|row| {
            // It went to another agency since the list was made.
            let case = cases.get(&row.case).filter(|case| *case.owner() == caller.agency)?;
            Some(self.due_view(row, case, &asked))
        });
        Ok((shown.collect(), next))
    }

    /// The schedule, for any client: it says nothing of a child.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn show_schedule(&self) -> Result<ScheduleView<'_>, HubError> {
        let entered = match self.store.register(&RegisterKey::RetentionSchedule).await? {
            Some(Register::RetentionSchedule(held)) => Some(EnteredSchedule {
                digest: held.schedule,
                before: held.before,
                since: held.since.to_string(),
            }),
            _ => None,
        };
        let rows = &self.directory.retention().rows;
        Ok(ScheduleView { digest: self.schedule_digest(), entered, rows })
    }

    async fn asked_erasures(&self, caller: &Caller) -> Result<BTreeMap<CaseId, ApprovalId>, HubError> {
        let open = self.list_approvals(caller, Some(ApprovalStatus::Open)).await?;
        let case = |change: &Change| match change {
            Change::EraseCase { case, .. } => Some(*case),
            _ => None,
        };
        Ok(open.into_iter().filter_map(|held| Some((case(&held.change)?, held.id))).collect())
    }

    fn due_view(&self, row: KeptCaseRow, case: &Case, asked: &BTreeMap<CaseId, ApprovalId>) -> DueView {
        let approval = asked.get(&row.case).copied();
        let status = match (case.erased, case.holds.is_empty(), approval) {
            (Some(_), ..) => DueStatus::ErasureOrdered,
            (None, false, _) => DueStatus::Held,
            (None, true, Some(_)) => DueStatus::Asked,
            (None, true, None) => DueStatus::Due,
        };
        let rows = &self.directory.retention().rows;
        let said = rows.iter().find(|held| held.record == row.record);
        let (label, label_ur) =
            said.map(|held| (held.label.clone(), held.label_ur.clone())).unwrap_or_default();
        DueView {
            case: CaseNamed { id: row.case, reference: CaseReference::of(row.case).to_string() },
            record: row.record,
            label,
            label_ur,
            since: row.since.to_string(),
            due_since: row.due.to_string(),
            status,
            holds: case.holds.iter().cloned().collect(),
            approval: approval.filter(|_| status == DueStatus::Asked),
            actions: if status == DueStatus::Due { vec!["erase"] } else { Vec::new() },
        }
    }
}

fn cursor(row: &KeptCaseRow) -> String {
    format!("{}.{}", row.due.micros(), row.case)
}

fn read_cursor(text: &str) -> Result<(Timestamp, CaseId), HubError> {
    let malformed = || Problem::new("query-malformed", "`cursor` is the `next_cursor` of a page");
    let (due, case) = text.split_once('.').ok_or_else(malformed)?;
    let due = due.parse().map_err(|_| malformed())?;
    Ok((Timestamp::from_micros(due), case.parse().map_err(|_| malformed())?))
}
