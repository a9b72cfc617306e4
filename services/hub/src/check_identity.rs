//! A question about an identity document, asked of NADRA while the caller waits. The question is sealed and
//! entered before it is sent; of the answer only its four-valued result comes back.

use std::time::Duration;

use adapters::{Exchange, Outgoing};
use casework::{
    Action, AnswerIdentity, AskIdentity, Caller, CaseId, CaseReference, Categories, CheckId, CheckStatus,
    Command, Coverage, DeliveryId, Document, Event, IdentityResult, MessageKind, ObjectId, Permit, Priority,
    TimeSource, Way,
};
use policies::{Act, Ask, Disclosure};
use schemas::Checked;
use schemas::messages::{AnswerView, IdentityCheckView};
use serde::Serialize;
use store::{Committed, Lane, Order, Receipt};
use uuid::Uuid;

use crate::error::not_found;
use crate::keep_body::Kept;
use crate::permits::ask;
use crate::submit_referral::{draw_case, idempotency, key_reused};
use crate::{CaseNamed, Hub, HubError, Key, Problem, agency_call, measure};

/// How long a caller waits unless it says otherwise.
const DEADLINE_MS: u32 = 8_000;

/// The answer: of one size whatever the result.
#[derive(Debug, Clone, Serialize)]
pub struct CheckedIdentity {
    /// The check's id.
    pub check: CheckId,
    /// The case it was asked for, minted where none was named.
    pub case: CaseNamed,
    /// `answered`, `refused`, `timed-out`.
    pub status: CheckStatus,
    /// `match`, `no-match`, `no-record`, `ambiguous`; null where there is none.
    pub result: Option<IdentityResult>,
    /// Who answered and who did not: an answer without a record is only as good as the data behind it.
    pub coverage: Coverage,
    /// Proof that it was asked.
    pub receipt: Receipt,
    /// Was this check made before?
    #[serde(skip)]
    pub replayed: bool,
}

/// A check in the making.
struct Draft {
    check: CheckId,
    case: CaseId,
    open_case: bool,
    object: ObjectId,
    shown: Categories,
    withheld: Categories,
    body: Document,
}

impl Hub {
    /// Asks, waits at most until the deadline, and answers.
    ///
    /// # Errors
    /// What the caller can mend, as a problem; nothing is stored then.
    pub async fn check_identity(
        &self,
        caller: &Caller,
        bytes: &[u8],
        key: &Key,
    ) -> Result<CheckedIdentity, HubError> {
        let once = idempotency(caller, key, "POST /v1/identity-checks", bytes);
        if let Some((index, size)) = self.seen_before(&once).await? {
            return self.checked_before(index, size).await;
        }
        let message = self.schemas.check(Some(MessageKind::IdentityCheck), bytes)?;
        let view = IdentityCheckView::read(message.value.json())?;
        let permit = self.permit(&question(caller, &view))?;
        let draft = self.draft_check(caller, &view, &message)?;
        let kept = self.keep(draft.case, draft.open_case, draft.object, &message, bytes).await?;
        let mut order = Order::plain(asking(caller, &view, &draft, &kept, permit), Lane::Intake);
        order.idempotency = Some(once);
        order.body = Some(kept.body.clone());
        order.case_key = kept.case_key;
        let done = match self.commit_kept(order, &kept).await? {
            Committed::Done(done) => done,
            Committed::Replayed { index, size } => return self.checked_before(index, size).await,
            Committed::KeyReused => return Err(key_reused()),
            Committed::Refused(refusal) => return Err(refusal.into()),
        };
        let answer = self.ask_agency(caller, &view, &draft).await;
        self.store
            .commit(Order::plain(self.own(Action::AnswerIdentity(answer.clone())), Lane::Outcomes))
            .await?;
        let receipt = Receipt { proof: done.proof()?, opening: kept.opening };
        let case = named(draft.case);
        let (status, result) = (answer.status, answer.result);
        let coverage = Coverage::of_one(&view.agency, status);
        Ok(CheckedIdentity { check: draft.check, case, status, result, coverage, receipt, replayed: false })
    }

    fn draft_check(
        &self,
        caller: &Caller,
        view: &IdentityCheckView,
        message: &Checked,
    ) -> Result<Draft, HubError> {
        let mask = self.policies.mask(&Disclosure {
            recipient: view.agency.clone(),
            sender: caller.agency.clone(),
            message: MessageKind::IdentityCheck,
            version: message.version,
            service: None,
            purpose: view.purpose.clone(),
            basis: view.basis.clone(),
            urgency: Priority::Urgent,
        });
        if let Some(error) = &mask.failed {
            tracing::error!(alarm = "policy-error", %error, "a mask could not be decided; not asked");
            measure::alarm("policy-error");
            return Err(HubError::InDoubt("the masks cannot be decided; it is logged as an alarm"));
        }
        // A document is checked as it stands or not at all: nothing of it is made coarser.
        let allowed = mask.seen(Way::Keep);
        let cut = self.schemas.minimise(message.kind, message.version, message.value.json(), &allowed);
        Ok(Draft {
            check: CheckId::new(Uuid::now_v7()),
            case: view.case.unwrap_or_else(draw_case),
            open_case: view.case.is_none(),
            object: ObjectId::new(Uuid::new_v4()),
            shown: message.categories.difference(&cut.withheld).copied().collect(),
            withheld: cut.withheld,
            body: Document::of(cut.value),
        })
    }

    async fn ask_agency(&self, caller: &Caller, view: &IdentityCheckView, draft: &Draft) -> AnswerIdentity {
        let ended = |status| AnswerIdentity { check: draft.check, status, result: None };
        let (Some(agency), Some(link)) = (self.adapters.agency(&view.agency), self.links.get(&view.agency))
        else {
            tracing::error!(alarm = "no-adapter", agency = %view.agency, "an identity check cannot be sent");
            measure::alarm("no-adapter");
            return ended(CheckStatus::Refused);
        };
        let outgoing = self.outgoing(caller, view, draft);
        let deadline = Duration::from_millis(u64::from(view.deadline_ms.unwrap_or(DEADLINE_MS)));
        match tokio::time::timeout(deadline, agency_call::watched(agency, agency.exchange(link, &outgoing)))
            .await
        {
            Ok(Exchange::Delivered { answer: Some(answer), .. }) => self.read_result(draft.check, &answer),
            Ok(Exchange::Refused { .. } | Exchange::Broken { .. }) => ended(CheckStatus::Refused),
            Ok(_) | Err(_) => ended(CheckStatus::TimedOut),
        }
    }

    /// NADRA's answer is checked against its schema like any other message.
    fn read_result(&self, check: CheckId, answer: &serde_json::Value) -> AnswerIdentity {
        let bytes = answer.to_string().into_bytes();
        let checked = self.schemas.check(Some(MessageKind::IdentityResult), &bytes).ok();
        let view = checked.and_then(|checked| AnswerView::read(checked.value.json()).ok());
        let parsed = view.map(|view| (parse(view.status), parse(view.result)));
        match parsed {
            Some((Some(CheckStatus::Answered), Some(result))) => {
                AnswerIdentity { check, status: CheckStatus::Answered, result: Some(result) }
            }
            Some((Some(CheckStatus::TimedOut), _)) => {
                AnswerIdentity { check, status: CheckStatus::TimedOut, result: None }
            }
            _ => AnswerIdentity { check, status: CheckStatus::Refused, result: None },
        }
    }

    fn outgoing(&self, caller: &Caller, view: &IdentityCheckView, draft: &Draft) -> Outgoing {
        Outgoing {
            delivery: DeliveryId::new(draft.check.uuid()),
            attempt: 1,
            message: MessageKind::IdentityCheck,
            version: 1,
            referral: None,
            check: Some(draft.check),
            case: draft.case,
            reference: CaseReference::of(draft.case).to_string(),
            from: caller.agency.clone(),
            to: view.agency.clone(),
            service: None,
            priority: Priority::Urgent,
            sent_at: self.store.now(),
            reduced: Categories::new(),
            withheld: draft.withheld.clone(),
            body: draft.body.clone(),
        }
    }

    async fn checked_before(&self, index: u64, size: u64) -> Result<CheckedIdentity, HubError> {
        let Some(Event::Identity(asked)) = self.store.entry(index).await?.map(|entry| entry.event) else {
            return Err(not_found());
        };
        let held = self.store.check(asked.check).await?.ok_or_else(not_found)?;
        if held.status == CheckStatus::Asked {
            let detail = "this check is being asked; repeat with the same key in a moment";
            return Err(Problem::new("request-in-progress", detail).into());
        }
        let proof = self.store.proof(index, size).await?.ok_or_else(not_found)?;
        let opening = self.open_stored(asked.object).await?.opening;
        Ok(CheckedIdentity {
            check: held.id,
            case: named(held.case),
            status: held.status,
            result: held.result,
            coverage: Coverage::of_one(&held.to, held.status),
            receipt: Receipt { proof, opening },
            replayed: true,
        })
    }
}

fn named(case: CaseId) -> CaseNamed {
    CaseNamed { id: case, reference: CaseReference::of(case).to_string() }
}

fn parse<T: serde::de::DeserializeOwned>(code: Option<casework::Code>) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(code?.to_string())).ok()
}

fn question(caller: &Caller, view: &IdentityCheckView) -> Ask {
    Ask {
        message: Some(MessageKind::IdentityCheck),
        purpose: Some(view.purpose.clone()),
        basis: Some(view.basis.clone()),
        ..ask(caller, Act::CheckIdentity, Some(view.agency.clone()))
    }
}

fn asking(caller: &Caller, view: &IdentityCheckView, draft: &Draft, kept: &Kept, permit: Permit) -> Command {
    Command {
        actor: caller.actor,
        via: caller.via,
        permit: Some(permit),
        commitment: Some(kept.commitment.clone()),
        action: Action::AskIdentity(AskIdentity {
            check: draft.check,
            case: draft.case,
            open_case: draft.open_case,
            from: caller.agency.clone(),
            to: view.agency.clone(),
            object: draft.object,
            shown: draft.shown.clone(),
        }),
    }
}
