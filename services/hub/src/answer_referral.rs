//! A step of a referral: received, accepted, rejected, put on hold, answered, worked, ended, closed,
//! acknowledged. One story for all of them; what each means is `casework`'s.

use casework::{
    Action, AgencyCode, Answer, Caller, Code, Command, Delivery, DeliveryId, DeliveryStatus, Entry, Event,
    Intent, MessageKind, More, ObjectId, Priority, Referral, ReferralId, Refusal, Status, Timestamp, Told,
};
use policies::Act;
use schemas::Checked;
use schemas::messages::AnswerView;
use serde::Serialize;
use store::{Committed, FactStep, Lane, Order, Receipt, ReceiptProof, Step};
use uuid::Uuid;

use crate::error::not_found;
use crate::keep_body::Kept;
use crate::permits::ask_about;
use crate::submit_referral::{idempotency, key_reused};
use crate::{Hub, HubError, Key, Sent, trace_context};

/// The word in an outcome that means the service failed.
const FAILED: &str = "failed";

/// The answer to a step: a pure function of what was committed.
#[derive(Debug, Clone, Serialize)]
pub struct Answered {
    /// Which referral.
    pub referral: ReferralId,
    /// The step.
    pub action: &'static str,
    /// The state after it.
    pub status: Status,
    /// Who is responsible after it.
    pub owner: Option<AgencyCode>,
    /// The version after it: the new ETag.
    pub version: u64,
    /// The sender's proof.
    pub receipt: Receipt,
    /// Was this step committed before?
    #[serde(skip)]
    pub replayed: bool,
}

impl Hub {
    /// Takes a step of a referral.
    ///
    /// # Errors
    /// What the caller can mend, as a problem; nothing is stored then.
    pub async fn answer_referral(
        &self,
        caller: &Caller,
        id: ReferralId,
        step: MessageKind,
        sent: impl Into<Sent<'_>>,
        key: &Key,
        expected_version: Option<u64>,
    ) -> Result<Answered, HubError> {
        let sent = sent.into();
        let bytes = sent.bytes;
        let referral = self.of_party(caller, id).await?;
        let once = idempotency(caller, key, &format!("POST /v1/referrals/{id}/{}", step.action()), bytes);
        if let Some((index, size)) = self.seen_before(&once).await? {
            return self.answered_before(index, size).await;
        }
        if step == MessageKind::Send {
            return self.send_draft(caller, referral, sent, once, expected_version).await;
        }
        let message = self.schemas.check(Some(step), bytes)?;
        let asked = self.answer(caller, &referral, &message, expected_version).await?;
        let kept = self.keep(referral.case, false, asked.told.object, &message, sent).await?;
        let fact_step = self.fact_step(&referral, &asked).await?;
        let mut order = Order {
            idempotency: Some(once),
            body: Some(kept.body.clone()),
            case_key: kept.case_key,
            fact_step,
            trace: trace_context::current(),
            ..Order::plain(command(caller, asked, &kept), lane(&referral))
        };
        let mut seen = referral;
        loop {
            order.command.permit = Some(self.permit(&ask_about(caller, Act::Answer, &seen, step))?);
            match self.commit_kept(order.clone(), &kept).await? {
                Committed::Done(done) => {
                    self.bell.notify_one();
                    return answered(done.entries.first(), done.proof()?, kept.opening, false);
                }
                Committed::Replayed { index, size } => return self.answered_before(index, size).await,
                Committed::KeyReused => return Err(key_reused()),
                // The permit was for an older version: ask the policies once more about the newest.
                Committed::Refused(Refusal::StalePermit) => {
                    let newest = self.of_party(caller, id).await?;
                    if newest.version == seen.version {
                        return Err(Refusal::StalePermit.into());
                    }
                    seen = newest;
                }
                Committed::Refused(refusal) => return Err(refusal.into()),
            }
        }
    }

    /// A referral the caller is a party to; otherwise absent and forbidden look alike.
    pub(crate) async fn of_party(&self, caller: &Caller, id: ReferralId) -> Result<Referral, HubError> {
        let found = self.store.referral_of_party(id, &caller.agency).await?;
        let referral = found.ok_or_else(not_found)?;
        if self.hidden(caller, &referral).await? { Err(not_found()) } else { Ok(referral) }
    }

    /// A referral held at intake is shown to nobody but its sender until a person has released it; one that
    /// was called back before anybody was shown it, never; nor a draft.
    pub(crate) async fn hidden(&self, caller: &Caller, referral: &Referral) -> Result<bool, HubError> {
        self.hidden_from(&caller.agency, referral).await
    }

    /// The same, asked of a party that need not be the caller: a broken glass shows what the receiver may
    /// know of.
    pub(crate) async fn hidden_from(
        &self,
        party: &AgencyCode,
        referral: &Referral,
    ) -> Result<bool, HubError> {
        if referral.status == Status::Draft {
            return Ok(referral.from != *party);
        }
        let may_be =
            matches!(referral.status, Status::Requested | Status::Cancelled | Status::EnteredInError);
        if referral.from == *party || !may_be {
            return Ok(false);
        }
        let unseen = [DeliveryStatus::Held, DeliveryStatus::Withdrawn];
        let deliveries = self.store.deliveries_of(referral.id).await?;
        // A draft that was put away made none; what follows a request says nothing of whether that was seen.
        let carried = deliveries.iter().find(|delivery| delivery.message == MessageKind::Request);
        Ok(carried.is_none_or(|request| unseen.contains(&request.status)))
    }

    async fn answer(
        &self,
        caller: &Caller,
        referral: &Referral,
        message: &Checked,
        expected_version: Option<u64>,
    ) -> Result<Answer, HubError> {
        let view = AnswerView::read(message.value.json())?;
        let takes_over = message.kind == MessageKind::Accept && referral.intent == Intent::Transfer;
        let calls_off = message.kind == MessageKind::CancelRequest && referral.status == Status::Requested;
        Ok(Answer {
            referral: referral.id,
            agency: caller.agency.clone(),
            step: message.kind,
            expected_version,
            reason: view
                .decision
                .map(|said| ceased(said, view.basis))
                .or(view.reason)
                .or(view.outcome)
                .or(view.step),
            failed: view.result.as_ref().map(Code::as_str) == Some(FAILED),
            suggested: view.suggested_receiver,
            told: Told { delivery: DeliveryId::new(Uuid::now_v7()), object: ObjectId::new(Uuid::now_v7()) },
            more: More {
                review: view.review_on.map(Timestamp::end_of_day),
                case: takes_over.then_some(referral.case),
            },
            carried: if calls_off { self.carrier_of(referral.id).await?.map(|held| held.id) } else { None },
        })
    }

    /// The delivery that carries a referral's request.
    pub(crate) async fn carrier_of(&self, referral: ReferralId) -> Result<Option<Delivery>, HubError> {
        let deliveries = self.store.deliveries_of(referral).await?;
        Ok(deliveries.into_iter().find(|held| held.message == MessageKind::Request))
    }

    /// What this step adds to the referral's statistics, while the link can be opened.
    async fn fact_step(&self, referral: &Referral, asked: &Answer) -> Result<Option<FactStep>, HubError> {
        let outcome = || asked.reason.clone();
        let step = match asked.step {
            MessageKind::Accept => Some(Step::Accepted),
            MessageKind::Progress if referral.status != Status::InProgress => Some(Step::FirstAction),
            MessageKind::Outcome => outcome().map(Step::Closed),
            MessageKind::Reject => "rejected".parse().ok().map(Step::Closed),
            _ => None,
        };
        let Some(step) = step else { return Ok(None) };
        let fact = self.open_link(referral.id).await?;
        Ok(fact.map(|fact| FactStep { fact, referral: referral.id, step }))
    }

    pub(crate) async fn answered_before(&self, index: u64, size: u64) -> Result<Answered, HubError> {
        let proof = self.store.proof(index, size).await?.ok_or_else(not_found)?;
        let entry = self.store.entry(index).await?;
        let object = match entry.as_ref().map(|entry| &entry.event) {
            Some(Event::Moved(moved)) => moved.object,
            _ => None,
        };
        let opening = self.opening_of(object.ok_or_else(not_found)?).await?;
        answered(entry.as_ref(), proof, opening, true)
    }
}

/// Rendered from the committed entry, never from the state as it is now.
pub(crate) fn answered(
    entry: Option<&Entry>,
    proof: ReceiptProof,
    opening: String,
    replayed: bool,
) -> Result<Answered, HubError> {
    let Some((entry, Event::Moved(moved))) = entry.map(|entry| (entry, &entry.event)) else {
        return Err(not_found());
    };
    Ok(Answered {
        referral: moved.referral,
        action: moved.step.action(),
        status: moved.status,
        owner: moved.owner.clone(),
        version: moved.version,
        receipt: Receipt::new(proof, opening, entry),
        replayed,
    })
}

/// What a receiver says to consent taken back, as one code: `ceased`, or the ground on which it goes on.
fn ceased(decision: Code, basis: Option<Code>) -> Code {
    let Some(basis) = basis else { return decision };
    format!("{decision}-{basis}").parse().unwrap_or(decision)
}

fn lane(referral: &Referral) -> Lane {
    if referral.priority == Priority::Emergency { Lane::Emergency } else { Lane::Intake }
}

fn command(caller: &Caller, asked: Answer, kept: &Kept) -> Command {
    Command {
        actor: caller.actor,
        via: caller.via,
        permit: None,
        commitment: Some(kept.commitment.clone()),
        action: Action::Answer(asked),
    }
}
