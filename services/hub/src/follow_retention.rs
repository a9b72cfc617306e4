//! The retention schedule, run: which cases need not be kept any longer is followed along the ledger, and the
//! people of whoever is responsible are told once of each. That is all the clock does: nothing is erased by
//! it. Two people order an erasure (`erase_case.rs`), and a legal hold wins over every schedule.

use casework::{
    Action, AgencyCode, CaseId, Event, KeptUntil, Metric, NoteSchedule, Notice, Refusal, TellDue, TimeSource,
};
use metrics::gauge;
use store::{ClosedCase, Committed, KeptCaseRow, Lane, Order};

use crate::{Hub, HubError};

/// How far the roll-up is: the schedule that it was made with, and the entries behind it.
const CURSOR: &str = "retention";
/// The first digits of the schedule's digest, where there is no room for all.
const DIGEST_SHORT: usize = 16;

pub(crate) const OVER: Metric = Metric::gauge(
    "amaan_retention_over",
    &["agency", "state"],
    "Cases whose time by the retention schedule is over, by whose people decide and state: due, or held (a \
     legal hold keeps them). Of an agency, 10000 at most are counted.",
);

impl Hub {
    /// The digest of the retention schedule that this process goes by.
    #[must_use]
    pub fn schedule_digest(&self) -> String {
        hex::encode(seal::sha256(&self.directory.retention().file))
    }

    /// Enters by which schedule the hub goes, where that is another than the ledger says; was it?
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn note_schedule(&self) -> Result<bool, HubError> {
        let schedule = self.schedule_digest();
        let action = Action::NoteSchedule(NoteSchedule { schedule: schedule.clone() });
        match self.store.commit(Order::plain(self.own(action), Lane::Outcomes)).await? {
            Committed::Done(_) => {
                tracing::warn!(%schedule, "the hub goes by another retention schedule from now on");
                Ok(true)
            }
            Committed::Refused(refusal) if refusal != Refusal::NothingToDo => Err(refusal.into()),
            Committed::Refused(_) | Committed::Replayed { .. } | Committed::KeyReused => Ok(false),
        }
    }

    /// Follows some entries of the ledger; is there more? Under another schedule it begins anew.
    ///
    /// # Errors
    /// Where the store fails; nothing is lost then.
    pub async fn follow_retention(&self) -> Result<bool, HubError> {
        let schedule = self.schedule_digest();
        let held = self.store.cursor(CURSOR.to_owned()).await?.unwrap_or_default();
        let from = held.split_once(':').filter(|(by, _)| *by == schedule);
        let from = from.and_then(|(_, index)| index.parse().ok()).unwrap_or(0);
        let moved = self.store.moved_cases(from).await?;
        if moved.through == from && held.starts_with(&schedule) {
            return Ok(false);
        }
        let rows = moved.closed.iter().filter_map(|found| self.kept_until(found)).collect();
        let cursor = (CURSOR.to_owned(), format!("{schedule}:{}", moved.through));
        self.store.keep_retention(moved.all, rows, cursor).await?;
        Ok(moved.more)
    }

    /// Tells whoever is responsible for a case that its time is over, once; of how many.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn tell_retention(&self) -> Result<usize, HubError> {
        let mut told = 0_usize;
        for row in self.store.retention_untold().await? {
            if !self.was_told(&row).await? {
                let case = row.case;
                match self.tell_owner(&row).await? {
                    None => told = told.saturating_add(1),
                    // It moved since it was looked at; the next look at the ledger finds how.
                    Some(refusal) => {
                        tracing::info!(%case, %refusal, "nobody is told of the end of a case's time");
                        continue;
                    }
                }
            }
            self.store.retention_told(row.case, row.due).await?;
        }
        Ok(told)
    }

    /// Shows how many cases are over their time.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn measure_retention(&self) -> Result<(), HubError> {
        for agency in self.adapters.agencies() {
            let (due, held) = self.store.retention_counts(agency.code.clone()).await?;
            show(&agency.code, "due", due);
            show(&agency.code, "held", held);
        }
        Ok(())
    }

    /// When a case's time is over, as it stands now; none while something of it is open.
    pub(crate) async fn case_until(&self, case: CaseId) -> Result<Option<KeptUntil>, HubError> {
        let found = self.store.closed_case(case).await?;
        Ok(found.and_then(|found| self.until(&found)))
    }

    fn until(&self, found: &ClosedCase) -> Option<KeptUntil> {
        self.directory.retention().keeping.until(&found.case, &found.referrals, found.activity)
    }

    fn kept_until(&self, found: &ClosedCase) -> Option<KeptCaseRow> {
        let KeptUntil { record, since, due } = self.until(found)?;
        let (agency, held) = (found.case.owner().clone(), !found.case.holds.is_empty());
        Some(KeptCaseRow { case: found.case.id, agency, record, since, due, held })
    }

    /// Does the ledger say so? The roll-up may be new.
    async fn was_told(&self, row: &KeptCaseRow) -> Result<bool, HubError> {
        let history = self.store.case_history(row.case).await?;
        let same = |event: &Event| match event {
            Event::Noticed(told) => told.what == Notice::RetentionOver && told.whom == row.agency,
            _ => false,
        };
        Ok(history.iter().any(|found| found.entry.at >= row.due && same(&found.entry.event)))
    }

    async fn tell_owner(&self, row: &KeptCaseRow) -> Result<Option<Refusal>, HubError> {
        let digest = self.schedule_digest();
        let about = format!("{}@{}", row.record, digest.get(..DIGEST_SHORT).unwrap_or_default());
        let action = Action::TellDue(TellDue { case: row.case, agency: row.agency.clone(), about });
        match self.store.commit(Order::plain(self.own(action), Lane::Outcomes)).await? {
            Committed::Refused(refusal) => Ok(Some(refusal)),
            Committed::Done(_) | Committed::Replayed { .. } | Committed::KeyReused => Ok(None),
        }
    }

    /// Is the time for which a case has to be kept over now?
    pub(crate) async fn time_is_over(&self, case: CaseId) -> Result<bool, HubError> {
        let until = self.case_until(case).await?;
        Ok(until.is_some_and(|until| until.due <= self.store.now()))
    }
}

fn show(agency: &AgencyCode, state: &'static str, count: usize) {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    gauge!(OVER.name, "agency" => agency.to_string(), "state" => state).set(f64::from(count));
}
