//! Consent is taken back: one commit for all of a sender's referrals of a case. What rested on it stops,
//! what was never shown is withdrawn, and every agency that was shown something is told and has to answer.
//! What an answer says (`cease`) is a step like any other (`answer_referral.rs`).
//!
//! A caller takes back only what it sent itself: whom another agency referred the child to, it cannot know.

use casework::{
    Action, AgencyCode, Caller, CaseId, Command, DeliveryId, Entry, Event, MessageKind, Moved, ObjectId,
    Referral, ReferralId, Refusal, Revoke, RevokeOne, Status,
};
use policies::Act;
use serde::Serialize;
use store::{Committed, Lane, Order, Receipt, ReceiptProof};
use uuid::Uuid;

use crate::error::not_found;
use crate::keep_body::Kept;
use crate::permits::ask_about;
use crate::submit_referral::{idempotency, key_reused};
use crate::{Hub, HubError, Key, Problem, Sent, trace_context};

/// Referrals of one commit; each may be two entries.
const AT_ONCE: usize = 64;
/// Entries that one commit may have.
const ENTRIES_MAX: u32 = 128;
/// More rounds than this would be thousands of referrals of one child.
const ROUNDS_MAX: usize = 32;

/// The answer: a pure function of what was committed first.
#[derive(Debug, Clone, Serialize)]
pub struct RevokedConsent {
    /// The case.
    pub case: CaseId,
    /// What became of its referrals.
    pub referrals: Vec<RevokedReferral>,
    /// The sender's proof.
    pub receipt: Receipt,
    /// Was it committed before?
    #[serde(skip)]
    pub replayed: bool,
}

/// One referral of it.
#[derive(Debug, Clone, Serialize)]
pub struct RevokedReferral {
    /// Which.
    pub id: ReferralId,
    /// The state after it: `cancelled`, or as it was where it rests on another ground.
    pub status: Status,
    /// Who is responsible after it.
    pub owner: Option<AgencyCode>,
    /// Was its receiver told, so that it has to cease or to name its ground?
    pub cease_asked: bool,
}

impl Hub {
    /// Takes back the consent of a case for the caller's referrals.
    ///
    /// # Errors
    /// `not-found` where the caller sent none; `nothing-to-revoke` where all of it was taken back before.
    pub async fn revoke_consent(
        &self,
        caller: &Caller,
        case: CaseId,
        revocation: impl Into<Sent<'_>>,
        key: &Key,
    ) -> Result<RevokedConsent, HubError> {
        let revocation = revocation.into();
        let bytes = revocation.bytes;
        let sent = self.sent_of_case(caller, case).await?;
        let once = idempotency(caller, key, &format!("POST /v1/cases/{case}/consent/revoke"), bytes);
        if let Some((index, size)) = self.seen_before(&once).await? {
            return self.revoked_before(caller, index, size).await;
        }
        let message = self.schemas.check(Some(MessageKind::ConsentRevoked), bytes)?;
        let object = ObjectId::new(Uuid::now_v7());
        let action = self.revocation(case, object, &sent).await?.ok_or_else(nothing_to_revoke)?;
        let kept = self.keep(case, false, object, &message, revocation).await?;
        let mut order = self.revoking(caller, action, &sent)?;
        order.idempotency = Some(once);
        order.command.commitment = Some(kept.commitment.clone());
        (order.body, order.case_key) = (Some(kept.body.clone()), kept.case_key);
        match self.store.commit(order).await? {
            Committed::Done(done) => {
                self.bell.notify_one();
                self.revoke_rest(caller, case, object).await?;
                revoked(case, &done.entries, done.proof()?, &kept)
            }
            Committed::Replayed { index, size } => self.revoked_before(caller, index, size).await,
            Committed::KeyReused => Err(key_reused()),
            Committed::Refused(Refusal::NothingToDo) => Err(nothing_to_revoke()),
            Committed::Refused(refusal) => Err(refusal.into()),
        }
    }

    async fn sent_of_case(&self, caller: &Caller, case: CaseId) -> Result<Vec<Referral>, HubError> {
        let mut sent = self.store.referrals_of_case(case).await?;
        sent.retain(|held| held.from == caller.agency);
        if sent.is_empty() { Err(not_found()) } else { Ok(sent) }
    }

    /// What came in while the first were taken back, and what did not fit into one commit: with the same
    /// message, until none is left. New ones on consent are refused since the first commit.
    async fn revoke_rest(&self, caller: &Caller, case: CaseId, object: ObjectId) -> Result<(), HubError> {
        for _ in 0..ROUNDS_MAX {
            let sent = self.sent_of_case(caller, case).await?;
            let Some(action) = self.revocation(case, object, &sent).await? else { return Ok(()) };
            match self.store.commit(self.revoking(caller, action, &sent)?).await? {
                Committed::Refused(Refusal::NothingToDo) => return Ok(()),
                Committed::Refused(refusal) => return Err(refusal.into()),
                _ => self.bell.notify_one(),
            }
        }
        Ok(())
    }

    /// The next of them that may have to be told; `None` where all were.
    async fn revocation(
        &self,
        case: CaseId,
        object: ObjectId,
        sent: &[Referral],
    ) -> Result<Option<Action>, HubError> {
        let mut referrals = Vec::new();
        for held in sent.iter().filter(|held| held.revoked.is_none()) {
            let carrier = self.carrier_of(held.id).await?;
            let shown = carrier.as_ref().is_some_and(|letter| letter.attempts > 0);
            if held.status.terminal() && !shown {
                continue;
            }
            let told = DeliveryId::new(Uuid::now_v7());
            referrals.push(RevokeOne { referral: held.id, carried: carrier.map(|letter| letter.id), told });
            if referrals.len() == AT_ONCE {
                break;
            }
        }
        let Some(first) = sent.first() else { return Ok(None) };
        let from = first.from.clone();
        Ok((!referrals.is_empty()).then_some(Action::Revoke(Revoke { case, from, object, referrals })))
    }

    /// Policy is asked about every one: consent may be taken back wherever a referral may be answered.
    fn revoking(&self, caller: &Caller, action: Action, sent: &[Referral]) -> Result<Order, HubError> {
        let mut permit = None;
        for held in sent {
            let asked = ask_about(caller, Act::Answer, held, MessageKind::ConsentRevoked);
            permit = Some(self.permit(&asked)?);
        }
        let (actor, via) = (caller.actor, caller.via);
        let command = Command { actor, via, permit, commitment: None, action };
        // Ahead of what waits: what is on its way must not leave after it.
        Ok(Order { trace: trace_context::current(), ..Order::plain(command, Lane::Emergency) })
    }

    /// A crash may have come between the first commit and the rest: then the repeat goes on with it.
    async fn revoked_before(
        &self,
        caller: &Caller,
        index: u64,
        size: u64,
    ) -> Result<RevokedConsent, HubError> {
        let found = self.store.entries_from(index, ENTRIES_MAX).await?;
        let entries: Vec<Entry> = found.into_iter().map(|found| found.entry).collect();
        let entry = entries.first().ok_or_else(not_found)?;
        let first = moved(entry).ok_or_else(not_found)?;
        let (case, object) = (first.case.ok_or_else(not_found)?, first.object.ok_or_else(not_found)?);
        self.revoke_rest(caller, case, object).await?;
        let proof = self.store.proof(index, size).await?.ok_or_else(not_found)?;
        let opening = self.opening_of(object).await?;
        Ok(RevokedConsent {
            case,
            referrals: told(&entries, object),
            receipt: Receipt::new(proof, opening, entry),
            replayed: true,
        })
    }
}

fn revoked(
    case: CaseId,
    entries: &[Entry],
    proof: ReceiptProof,
    kept: &Kept,
) -> Result<RevokedConsent, HubError> {
    let first = entries.first().ok_or_else(not_found)?;
    let object = moved(first).and_then(|step| step.object).ok_or_else(not_found)?;
    let receipt = Receipt::new(proof, kept.opening.clone(), first);
    Ok(RevokedConsent { case, referrals: told(entries, object), receipt, replayed: false })
}

/// The steps of this commit, and no later one's: they stand together.
fn told(entries: &[Entry], object: ObjectId) -> Vec<RevokedReferral> {
    let of_this = |entry: &&Entry| match &entry.event {
        Event::Moved(step) => step.object == Some(object),
        Event::Delivery(_) => true,
        _ => false,
    };
    let one = |step: &Moved| RevokedReferral {
        id: step.referral,
        status: step.status,
        owner: step.owner.clone(),
        cease_asked: step.delivery.is_some(),
    };
    entries.iter().take_while(of_this).filter_map(moved).map(one).collect()
}

const fn moved(entry: &Entry) -> Option<&Moved> {
    match &entry.event {
        Event::Moved(step) => Some(step),
        _ => None,
    }
}

fn nothing_to_revoke() -> HubError {
    let detail = "consent for your referrals of this case was taken back before, or none was ever shown";
    Problem::new("nothing-to-revoke", detail).into()
}
