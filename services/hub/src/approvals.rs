//! Acts that take two people, seen from the hub: one asks, another of the same agency decides, and the act is
//! done in the commit that says yes. An agency sees its own; another agency's looks like none.

use casework::{
    Action, AgencyCode, Approval, ApprovalId, ApprovalStatus, AskApproval, Caller, Change, Command, Delivery,
    DeliveryId, Entry, Event, ObjectId, Permit, Pseudonym, Register, RegisterKey, Role, SettleApproval,
    Settlement, Standing, Told,
};
use policies::Act;
use serde::Serialize;
use store::{Committed, Idempotency, Lane, Order};
use uuid::Uuid;

use crate::error::not_found;
use crate::keep_body::Kept;
use crate::permits::ask;
use crate::submit_referral::{idempotency, key_reused};
use crate::{Hub, HubError, Key, measure, trace_context};

/// An approval as its agency sees it: the exact act, who asked, until when.
#[derive(Debug, Clone, Serialize)]
pub struct ApprovalView {
    /// Its id.
    pub id: ApprovalId,
    /// The act.
    #[serde(flatten)]
    pub change: Change,
    /// Whose people decide.
    pub agency: AgencyCode,
    /// Who asked, as the ledger names it.
    pub asked_by: Pseudonym,
    /// What the second person has to be.
    pub needs: Role,
    /// How it stands.
    pub status: ApprovalStatus,
    /// Until when it can be decided, RFC 3339.
    pub expires: String,
    /// The second person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<Pseudonym>,
    /// What this caller may try: `approve`, `refuse`, or `withdraw` what it asked for itself.
    pub actions: Vec<&'static str>,
}

impl Hub {
    /// The approvals of the caller's agency, the newest first; 500 at most.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn list_approvals(
        &self,
        caller: &Caller,
        status: Option<ApprovalStatus>,
    ) -> Result<Vec<ApprovalView>, HubError> {
        let rows = self.store.registers("approval", Some(caller.agency.clone())).await?;
        let wanted = |held: &Approval| status.is_none_or(|status| held.status == status);
        let found = rows.into_iter().filter_map(approval).filter(wanted);
        Ok(found.map(|held| view(caller, held)).collect())
    }

    /// One of them.
    ///
    /// # Errors
    /// `not-found` where it is another agency's.
    pub async fn show_approval(&self, caller: &Caller, id: ApprovalId) -> Result<ApprovalView, HubError> {
        Ok(view(caller, self.own_approval(caller, id).await?))
    }

    /// Says yes or no, or takes it back.
    ///
    /// # Errors
    /// `needs-another-person` where this caller cannot be the second one; `approval-over`; what the act
    /// itself is refused with.
    pub async fn settle_approval(
        &self,
        caller: &Caller,
        id: ApprovalId,
        settlement: Settlement,
        key: &Key,
    ) -> Result<ApprovalView, HubError> {
        let held = self.own_approval(caller, id).await?;
        let permit = match settlement {
            Settlement::Withdraw => None,
            _ => Some(self.permit(&ask(caller, Act::DecideApproval, None))?),
        };
        if settlement == Settlement::Approve {
            self.can_do(&held.change)?;
        }
        let before = self.letter_of(&held.change).await?;
        let carried = match held.change.referral() {
            Some(referral) => self.carrier_of(referral).await?,
            None => None,
        };
        let told = Told { delivery: DeliveryId::new(Uuid::now_v7()), object: ObjectId::new(Uuid::now_v7()) };
        let action = Action::SettleApproval(SettleApproval {
            id,
            change: held.change,
            agency: caller.agency.clone(),
            person: caller.actor,
            settlement,
            standing: Standing { told, carried: carried.map(|letter| letter.id) },
        });
        let mut order = Order::plain(by(caller, permit, action), Lane::Outcomes);
        let route = format!("POST /v1/approvals/{id}/{}", word(settlement));
        order.idempotency = Some(idempotency(caller, key, &route, &[]));
        order.trace = trace_context::current();
        let settled = self.entered(caller, self.store.commit(order).await?).await?;
        if settled.status == ApprovalStatus::Approved {
            self.note_done(&before).await;
            // Other hubs see it within a second.
            self.registers_moved();
            tracing::info!(approval = %id, "two people agreed; the act is done");
            match &settled.change {
                Change::PolicyChange { .. } => self.follow_policies().await,
                Change::ReopenDisclosure { reason, .. } => self.note_reopened(reason).await,
                _ => {}
            }
        }
        Ok(settled)
    }

    /// The dead letter that a change is about.
    async fn letter_of(&self, change: &Change) -> Result<Option<Delivery>, HubError> {
        match change {
            Change::DiscardDeadLetter { delivery, .. } => Ok(self.store.delivery(*delivery).await?),
            Change::VoidReferral { .. }
            | Change::RenewBreakGlass { .. }
            | Change::LiftSuspension { .. }
            | Change::PolicyChange { .. }
            | Change::EraseCase { .. }
            | Change::HoldCase { .. }
            | Change::LiftHold { .. }
            | Change::ReopenDisclosure { .. }
            | Change::TurnNoteKey { .. } => Ok(None),
        }
    }

    async fn note_done(&self, letter: &Option<Delivery>) {
        if let Some(letter) = letter {
            self.let_next_go(letter).await;
            self.note_settled(letter).await;
        }
    }

    /// Asks for a second person; with the message that the act will send, if it sends one.
    pub(crate) async fn ask_approval(
        &self,
        caller: &Caller,
        change: Change,
        permit: Permit,
        once: Idempotency,
        kept: Option<Kept>,
    ) -> Result<ApprovalView, HubError> {
        let id = ApprovalId::new(Uuid::now_v7());
        let asked = AskApproval { id, change, agency: caller.agency.clone() };
        let mut order = Order::plain(by(caller, Some(permit), Action::AskApproval(asked)), Lane::Intake);
        order.idempotency = Some(once);
        let committed = match &kept {
            Some(kept) => {
                order.command.commitment = Some(kept.commitment.clone());
                (order.body, order.case_key) = (Some(kept.body.clone()), kept.case_key);
                self.commit_kept(order, kept).await?
            }
            None => self.store.commit(order).await?,
        };
        self.entered(caller, committed).await
    }

    /// What was asked or decided under this key before.
    pub(crate) async fn approval_before(
        &self,
        caller: &Caller,
        once: &Idempotency,
    ) -> Result<Option<ApprovalView>, HubError> {
        let Some((index, _)) = self.seen_before(once).await? else { return Ok(None) };
        let entry = self.store.entry(index).await?;
        Ok(Some(view(caller, entry.and_then(written).ok_or_else(not_found)?)))
    }

    async fn entered(&self, caller: &Caller, committed: Committed) -> Result<ApprovalView, HubError> {
        let entry = match committed {
            Committed::Done(done) => done.entries.into_iter().next(),
            Committed::Replayed { index, .. } => self.store.entry(index).await?,
            Committed::KeyReused => return Err(key_reused()),
            Committed::Refused(refusal) => return Err(refusal.into()),
        };
        self.bell.notify_one();
        Ok(view(caller, entry.and_then(written).ok_or_else(not_found)?))
    }

    async fn own_approval(&self, caller: &Caller, id: ApprovalId) -> Result<Approval, HubError> {
        let found = self.store.register(&RegisterKey::Approval(id)).await?.and_then(approval);
        found.filter(|held| held.agency == caller.agency).ok_or_else(not_found)
    }

    /// Rows of registers whose time is over end; how many. One that fails keeps no other from ending.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn lapse_registers(&self) -> Result<usize, HubError> {
        let mut lapsed = 0_usize;
        for key in self.store.lapsed_registers().await? {
            let order = Order::plain(self.own(Action::Lapse(key)), Lane::Outcomes);
            let unreviewed = matches!(&order.command.action, Action::Lapse(RegisterKey::BreakGlass(_)));
            if let Committed::Done(_) = self.store.commit(order).await? {
                if unreviewed {
                    tracing::error!(alarm = "break-glass-unreviewed", "a right was suspended");
                    measure::alarm("break-glass-unreviewed");
                }
                lapsed = lapsed.saturating_add(1);
            }
        }
        if lapsed > 0 {
            self.registers_moved();
        }
        Ok(lapsed)
    }
}

/// A caller's own command, without a message.
pub(crate) const fn by(caller: &Caller, permit: Option<Permit>, action: Action) -> Command {
    Command { actor: caller.actor, via: caller.via, permit, commitment: None, action }
}

const fn word(settlement: Settlement) -> &'static str {
    match settlement {
        Settlement::Approve => "approve",
        Settlement::Refuse => "refuse",
        Settlement::Withdraw => "withdraw",
    }
}

fn approval(row: Register) -> Option<Approval> {
    match row {
        Register::Approval(held) => Some(held),
        _ => None,
    }
}

/// What an entry wrote, never what the row says by now.
fn written(entry: Entry) -> Option<Approval> {
    match entry.event {
        Event::Register(row) => approval(row),
        _ => None,
    }
}

pub(crate) fn view(caller: &Caller, held: Approval) -> ApprovalView {
    let actions = match (held.status, held.by == caller.actor) {
        (ApprovalStatus::Open, true) => vec!["withdraw"],
        (ApprovalStatus::Open, false) if caller.has_role(held.needs.as_str()) => vec!["approve", "refuse"],
        _ => Vec::new(),
    };
    ApprovalView {
        id: held.id,
        change: held.change,
        agency: held.agency,
        asked_by: held.by,
        needs: held.needs,
        status: held.status,
        expires: held.expires.to_string(),
        decided_by: held.decided_by,
        actions,
    }
}
