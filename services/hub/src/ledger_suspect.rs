//! While the ledger is suspect nothing about a child is shown, and intake goes on: what is asked of
//! everything that shows something, how suspicion is noted, and how two people of the hub lift it. What
//! waits for its recipients meanwhile waits, and spends no attempt.
//!
//! Who finds out that something is wrong calls [`Hub::suspect`]; who is about to show something asks
//! [`Hub::may_disclose`].

use std::collections::BTreeSet;
use std::sync::PoisonError;

use casework::{
    Action, AgencyCode, Caller, Change, Code, Condition, Delivery, EntryRange, IncidentTurn, ROWS_NAMED_MAX,
    SeenCheckpoint, SuspectLedger, Suspicion, Timestamp,
};
use policies::Act;
use serde::Serialize;
use store::{Lane, Order};

use crate::error::not_found;
use crate::permits::ask;
use crate::submit_referral::idempotency;
use crate::{ApprovalView, Hub, HubError, Key, measure};

/// Findings that depend on nothing but what is stored. What depends on what a process remembers, one process
/// may find and another not.
const GONE_WHEN_NOT_FOUND: [&str; 6] = ["entry-", "head-", "line-", "node-", "state-", "time-"];
/// What may not be shown now is looked at again after this.
const WAIT_MICROS: i64 = 5 * 1_000_000;

/// A suspicion, as an operator or an auditor reads it.
#[derive(Debug, Clone, Serialize)]
pub struct SuspicionView {
    /// Why, coded; also its name.
    pub reason: Code,
    /// Which entries, as far as is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entries: Option<EntryRange>,
    /// The checkpoint that the ledger was held against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<SeenCheckpoint>,
    /// Since when, RFC 3339.
    pub since: String,
    /// Lifted when, by two people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifted: Option<String>,
}

impl Hub {
    /// The ledger is suspect, for this reason and, where that is known, in these entries: nothing about a
    /// child is shown from now on, by any process on this store. Where it cannot be written down now, this
    /// process shows nothing all the same, and tries again. Known already, or lifted by two people just so,
    /// it is noted no second time.
    pub async fn suspect(&self, reason: Code, range: Option<EntryRange>) {
        self.suspect_rows(reason, range, BTreeSet::new()).await;
    }

    /// The same, where it is known which rows are wrong: another row is another finding.
    pub(crate) async fn suspect_rows(&self, reason: Code, range: Option<EntryRange>, rows: BTreeSet<String>) {
        self.suspect_as(SuspectLedger { reason, range, seen: None, rows: few(rows) }).await;
    }

    /// What the store alone shows was looked for since this time and not found: where two people lifted it,
    /// the same found again is another suspicion.
    pub(crate) async fn faults_are_gone(&self, since: Timestamp) -> Result<(), HubError> {
        for held in self.suspicions().await? {
            let is_of_the_store =
                GONE_WHEN_NOT_FOUND.iter().any(|kind| held.reason.as_str().starts_with(kind));
            if is_of_the_store && held.gone.is_none() && held.lifted.is_some_and(|lifted| lifted < since) {
                let reason = held.reason.clone();
                let order = Order::plain(self.own(Action::FaultGone(held.reason)), Lane::Outcomes);
                self.store.commit(order).await?;
                tracing::info!(%reason, "what two people lifted is not found any more");
            }
        }
        Ok(())
    }

    pub(crate) async fn suspect_as(&self, found: SuspectLedger) {
        let reason = found.reason.clone();
        let order = Order::plain(self.own(Action::SuspectLedger(found.clone())), Lane::Outcomes);
        match self.store.commit(order).await {
            Ok(store::Committed::Done(_)) => {}
            Ok(_) => return,
            Err(error) => {
                tracing::error!(%error, "that the ledger is suspect could not be written down yet");
                self.registers.doubt(found);
            }
        }
        tracing::error!(
            alarm = "ledger-suspect",
            %reason,
            "the ledger is suspect: nothing about a child is shown; see ops/runbooks/ledger.md"
        );
        measure::alarm("ledger-suspect");
        self.registers_moved();
        self.incident(Condition::LedgerSuspect, &AgencyCode::hub(), Some(reason), IncidentTurn::Open).await;
    }

    /// What could not be written down is tried again.
    pub(crate) async fn settle_doubt(&self) {
        if let Some(found) = self.registers.take_doubt() {
            self.suspect_as(found).await;
        }
    }

    /// May anything about a child be shown now?
    ///
    /// # Errors
    /// `ledger-suspect` while a suspicion stands; others where the registers were never read.
    pub async fn may_disclose(&self) -> Result<(), HubError> {
        if let Some(found) = self.registers.doubted() {
            return Err(HubError::LedgerSuspect(found.reason));
        }
        match self.kept().await?.suspicions.first() {
            Some(held) => Err(HubError::LedgerSuspect(held.reason.clone())),
            None => Ok(()),
        }
    }

    /// Until when a message waits because nothing is shown; none where it may go.
    pub(crate) async fn shown_later(&self, delivery: &Delivery) -> Result<Option<Timestamp>, HubError> {
        match self.may_disclose().await {
            Ok(()) => Ok(None),
            Err(HubError::LedgerSuspect(reason)) => {
                tracing::debug!(delivery = %delivery.id, %reason, "a message waits: the ledger is suspect");
                Ok(Some(self.store.clock().real().plus_micros(WAIT_MICROS)))
            }
            Err(other) => Err(other),
        }
    }

    /// What stands against the ledger, and what stood.
    ///
    /// # Errors
    /// `not-permitted` for anyone but operators and auditors.
    pub async fn list_suspicions(&self, caller: &Caller) -> Result<Vec<SuspicionView>, HubError> {
        if let Err(error) = self.permit(&ask(caller, Act::ManageSwitches, None)) {
            self.permit(&ask(caller, Act::ReadAudit, None)).map_err(|_| error)?;
        }
        Ok(self.suspicions().await?.into_iter().map(view).collect())
    }

    /// Asks a second person of the hub to have what is known of children shown again.
    ///
    /// # Errors
    /// `not-permitted` for anyone but an operator; `not-found` where nothing of this reason stands.
    pub async fn ask_reopening(
        &self,
        caller: &Caller,
        reason: Code,
        key: &Key,
    ) -> Result<ApprovalView, HubError> {
        let permit = self.permit(&ask(caller, Act::ManageSwitches, None))?;
        let once = idempotency(caller, key, &format!("POST /v1/audit/suspicions/{reason}/lift"), &[]);
        if let Some(asked) = self.approval_before(caller, &once).await? {
            return Ok(asked);
        }
        let stands = |held: &Suspicion| held.reason == reason && held.lifted.is_none();
        let held = self.suspicions().await?.into_iter().find(stands).ok_or_else(not_found)?;
        let change = Change::ReopenDisclosure { reason, since: held.since };
        self.ask_approval(caller, change, permit, once, None).await
    }

    /// Two people lifted it.
    pub(crate) async fn note_reopened(&self, reason: &Code) {
        tracing::warn!(%reason, "a suspicion of the ledger was lifted by two people");
        let turn = IncidentTurn::Recover;
        self.incident(Condition::LedgerSuspect, &AgencyCode::hub(), Some(reason.clone()), turn).await;
        self.bell.notify_one();
    }

    async fn suspicions(&self) -> Result<Vec<Suspicion>, HubError> {
        let rows = self.store.registers("ledger-suspect", None).await?;
        let suspicion = |row| match row {
            casework::Register::Suspicion(held) => Some(held),
            _ => None,
        };
        Ok(rows.into_iter().filter_map(suspicion).collect())
    }
}

impl crate::Registers {
    /// Keeps what could not be written down yet.
    fn doubt(&self, found: SuspectLedger) {
        *self.doubt.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
    }

    fn doubted(&self) -> Option<SuspectLedger> {
        self.doubt.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn take_doubt(&self) -> Option<SuspectLedger> {
        self.doubt.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// As many as a suspicion names; where there are more, the last one stands for the rest.
fn few(mut rows: BTreeSet<String>) -> BTreeSet<String> {
    let Some(last) = rows.iter().nth(ROWS_NAMED_MAX.saturating_sub(1)).cloned() else { return rows };
    if rows.len() <= ROWS_NAMED_MAX {
        return rows;
    }
    let rest = rows.split_off(&last);
    rows.insert(store::row_digest(&rest.into_iter().collect::<String>()));
    rows
}

fn view(held: Suspicion) -> SuspicionView {
    SuspicionView {
        reason: held.reason,
        entries: held.range,
        seen: held.seen,
        since: held.since.to_string(),
        lifted: held.lifted.map(|at| at.to_string()),
    }
}
