//! A case is erased: an officer of whoever is responsible for it asks, a second person agrees, and from then
//! on nothing comes into it. A sweep finishes it (`finish_erasure.rs`). An agency that must keep a case says
//! so first, by two people; then nobody can have it erased.

use casework::{
    AcknowledgeErasure, Action, Caller, Case, CaseAgency, CaseId, Change, Code, Refusal, RegisterKey,
};
use policies::Act;
use store::{Committed, Lane, Order};

use crate::approvals::by;
use crate::error::not_found;
use crate::permits::ask;
use crate::submit_referral::{idempotency, key_reused};
use crate::{ApprovalView, ErasureView, Hub, HubError, Key, Problem};

/// On what ground a case is erased.
const BASES: &str = "erasure_bases.csv";
/// The ground that the retention schedule gives.
const TIME_IS_OVER: &str = "retention-over";
/// Why it must be kept.
const HOLDS: &str = "legal_hold_reasons.csv";

impl Hub {
    /// Asks a second person to have a case erased.
    ///
    /// # Errors
    /// `not-found` for anyone who is not a party; `not-permitted`, `unknown-code`, `not-case-owner`,
    /// `case-held`, `case-open`, `retention-not-over`, `erased`.
    pub async fn ask_erasure(
        &self,
        caller: &Caller,
        case: CaseId,
        basis: Code,
        key: &Key,
    ) -> Result<ApprovalView, HubError> {
        let held = self.known_case(caller, case).await?;
        self.permit(&ask(caller, Act::EraseCase, None))?;
        self.known_code(BASES, &basis)?;
        let route = format!("POST /v1/cases/{case}/erase");
        let said = basis.as_str().to_owned();
        if self.is_open(case).await? {
            let detail = "a referral of the case is not closed, or a message of it waits: end that first";
            return Err(Problem::new("case-open", detail).into());
        }
        if *held.owner() != caller.agency {
            return Err(Refusal::NotOwner.into());
        }
        self.ground_holds(case, &basis).await?;
        self.ask_of_case(caller, Change::EraseCase { case, basis }, &route, &said, key).await
    }

    /// That its time is over is said of no case whose time is not.
    async fn ground_holds(&self, case: CaseId, basis: &Code) -> Result<(), HubError> {
        if basis.as_str() != TIME_IS_OVER || self.time_is_over(case).await? {
            return Ok(());
        }
        let detail = "by the retention schedule in force the case has to be kept still; name the ground \
                      on which it is erased all the same, or wait";
        Err(Problem::new("retention-not-over", detail).into())
    }

    /// Asks a second person to have a case kept, whatever anybody else says.
    ///
    /// # Errors
    /// `not-found` for anyone who is not a party; `not-permitted`, `unknown-code`, `case-held` where the
    /// agency holds it already, `erased`.
    pub async fn ask_hold(
        &self,
        caller: &Caller,
        case: CaseId,
        reason: Code,
        key: &Key,
    ) -> Result<ApprovalView, HubError> {
        self.known_case(caller, case).await?;
        self.known_code(HOLDS, &reason)?;
        let route = format!("POST /v1/cases/{case}/hold");
        let said = reason.as_str().to_owned();
        self.ask_of_case(caller, Change::HoldCase { case, reason }, &route, &said, key).await
    }

    /// Asks a second person to lift the agency's own hold.
    ///
    /// # Errors
    /// `not-found` where the agency holds nothing; `not-permitted`.
    pub async fn ask_lift_hold(
        &self,
        caller: &Caller,
        case: CaseId,
        key: &Key,
    ) -> Result<ApprovalView, HubError> {
        self.known_case(caller, case).await?;
        let route = format!("POST /v1/cases/{case}/hold/lift");
        self.ask_of_case(caller, Change::LiftHold { case }, &route, "", key).await
    }

    /// The caller's agency says that what it had of an erased case is gone.
    ///
    /// # Errors
    /// `not-found` where it was not asked to.
    pub async fn acknowledge_erasure(
        &self,
        caller: &Caller,
        case: CaseId,
        key: &Key,
    ) -> Result<ErasureView, HubError> {
        self.case_or_copy(caller, case).await?;
        let permit = self.may_know(caller)?;
        let asked = AcknowledgeErasure { key: CaseAgency { case, agency: caller.agency.clone() } };
        let action = Action::AcknowledgeErasure(asked);
        let mut order = Order::plain(by(caller, Some(permit), action), Lane::Outcomes);
        let route = format!("POST /v1/cases/{case}/erasure/acknowledge");
        order.idempotency = Some(idempotency(caller, key, &route, &[]));
        match self.store.commit(order).await? {
            Committed::KeyReused => return Err(key_reused()),
            // Said before, it need not be said again.
            Committed::Refused(refusal) if refusal != Refusal::NothingToDo => return Err(refusal.into()),
            Committed::Done(_) | Committed::Replayed { .. } | Committed::Refused(_) => {}
        }
        self.show_erasure(caller, case).await
    }

    async fn ask_of_case(
        &self,
        caller: &Caller,
        change: Change,
        route: &str,
        said: &str,
        key: &Key,
    ) -> Result<ApprovalView, HubError> {
        let permit = self.permit(&ask(caller, Act::EraseCase, None))?;
        let once = idempotency(caller, key, route, said.as_bytes());
        match self.approval_before(caller, &once).await? {
            Some(asked) => Ok(asked),
            None => self.ask_approval(caller, change, permit, once, None).await,
        }
    }

    /// A case as its parties may know of it; the hub's own people know of none.
    pub(crate) async fn known_case(&self, caller: &Caller, id: CaseId) -> Result<Case, HubError> {
        let known = self.case_known_to(caller, id).await?;
        known.map(|(case, _)| case).ok_or_else(not_found)
    }

    /// A case as its parties may know of it, and those who have to say that their copy of it is gone.
    pub(crate) async fn case_or_copy(&self, caller: &Caller, id: CaseId) -> Result<Option<Case>, HubError> {
        if let Some((case, _)) = self.case_known_to(caller, id).await? {
            return Ok(Some(case));
        }
        let copy = RegisterKey::ErasureCopy(CaseAgency { case: id, agency: caller.agency.clone() });
        self.store.register(&copy).await?.map(|_| None).ok_or_else(not_found)
    }

    /// Is anything of the case still to come: a referral that is not closed, a message on its way or with a
    /// person?
    pub(crate) async fn is_open(&self, case: CaseId) -> Result<bool, HubError> {
        for referral in self.store.referrals_of_case(case).await? {
            if !referral.closed() {
                return Ok(true);
            }
            let letters = self.store.deliveries_of(referral.id).await?;
            if letters.iter().any(|letter| letter.status.in_flight() || letter.status.is_dead()) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
