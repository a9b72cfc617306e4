//! A question about an identity document, asked of NADRA while the caller waits. The question is sealed and
//! entered before it is sent; of the answer only its four-valued result comes back.

use std::time::{Duration, Instant};

use adapters::{Exchange, Outgoing};
use casework::{
    Action, AnswerIdentity, AskIdentity, Caller, CaseId, CaseReference, Categories, CheckId, CheckStatus,
    Code, Command, Coverage, DeliveryId, Document, Event, IdentityResult, MessageKind, ObjectId, Permit,
    Priority, TimeSource, Way,
};
use policies::{Act, Ask, Disclosure};
use schemas::Checked;
use schemas::messages::{AnswerView, IdentityCheckView};
use serde::Serialize;
use store::{Committed, Lane, Order, Receipt};
use uuid::Uuid;

use crate::error::not_found;
use crate::hand_over::code;
use crate::keep_body::Kept;
use crate::permits::ask;
use crate::submit_referral::{idempotency, key_reused};
use crate::{CaseNamed, Hub, HubError, Key, Problem, Sent, agency_call, measure};

/// How long a caller waits unless it says otherwise.
const DEADLINE_MS: u32 = 8_000;

/// The answer: of one size whatever the result.
#[derive(Debug, Clone, Serialize)]
pub struct CheckedIdentity {
    /// The check's id.
    pub check: CheckId,
    /// The case it was asked for.
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
        sent: impl Into<Sent<'_>>,
        key: &Key,
    ) -> Result<CheckedIdentity, HubError> {
        self.may_disclose().await?;
        let sent = sent.into();
        let bytes = sent.bytes;
        let began = Instant::now();
        let message = self.schemas.check(Some(MessageKind::IdentityCheck), bytes)?;
        let view = IdentityCheckView::read(message.value.json())?;
        let once = idempotency(caller, key, "POST /v1/identity-checks", bytes);
        // What is answered again is shown again: to whoever may ask now, and entered as a look.
        let mut permit = self.permit(&question(caller, &view))?;
        if let Some((index, size)) = self.seen_before(&once).await? {
            return self.checked_before(caller, permit, index, size).await;
        }
        let mut draft = self.draft_check(caller, &view, &message)?;
        while !self.is_of_set_in_force(&permit) {
            permit = self.permit(&question(caller, &view))?;
            draft = self.draft_check(caller, &view, &message)?;
        }
        self.open_case_of(caller, draft.case).await?;
        let (mark, honey) = self.marked(&message);
        self.spend_check(caller, &mark).await?;
        let kept = self.keep(draft.case, false, draft.object, &message, sent).await?;
        let mut order = Order::plain(asking(caller, &view, &draft, &kept, permit.clone()), Lane::Intake);
        order.idempotency = Some(once);
        order.body = Some(kept.body.clone());
        order.case_key = kept.case_key;
        let done = match self.commit_kept(order, &kept).await? {
            Committed::Done(done) => done,
            Committed::Replayed { index, size } => {
                return self.checked_before(caller, permit, index, size).await;
            }
            Committed::KeyReused => return Err(key_reused()),
            Committed::Refused(refusal) => return Err(refusal.into()),
        };
        let raised = async {
            if honey {
                self.note_honey(caller, draft.case, draft.check).await;
            }
        };
        let (answer, ()) = futures_util::join!(self.ask_agency(caller, &view, &draft), raised);
        let answer = if honey { as_a_miss(answer) } else { answer };
        self.store
            .commit(Order::plain(self.own(Action::AnswerIdentity(answer.clone())), Lane::Outcomes))
            .await?;
        let entry = done.entries.first().ok_or_else(not_found)?;
        let receipt = Receipt::new(done.proof()?, kept.opening, entry);
        self.wait_for_beat(began).await;
        let case = named(draft.case);
        let (status, result) = (answer.status, answer.result);
        let coverage = Coverage::of_one(&view.agency, status);
        Ok(CheckedIdentity { check: draft.check, case, status, result, coverage, receipt, replayed: false })
    }

    /// Answers leave at whole multiples of the floor after their questions came: hit, miss and honey record
    /// take one time.
    async fn wait_for_beat(&self, began: Instant) {
        let floor = u128::from(self.limits.settings.identity_floor_ms.max(1));
        let beats = began.elapsed().as_millis().div_euclid(floor).saturating_add(1);
        let until = u64::try_from(beats.saturating_mul(floor)).unwrap_or(u64::MAX);
        let Some(at) = began.checked_add(Duration::from_millis(until)) else { return };
        _ = tokio::time::timeout_at(at.into(), std::future::pending::<()>()).await;
    }

    /// Without a case that is open and that the asker's agency is a party to nobody is asked for: absent,
    /// foreign and closed look alike.
    async fn open_case_of(&self, caller: &Caller, case: CaseId) -> Result<(), HubError> {
        let (_, known) = self.case_known_to(caller, case).await?.ok_or_else(not_found)?;
        if known.iter().any(|one| !one.closed()) { Ok(()) } else { Err(not_found()) }
    }

    /// What stands for the number asked for, and whether nobody has a reason to ask for it.
    fn marked(&self, message: &Checked) -> ([u8; 32], bool) {
        let number = message.value.json().pointer("/subject/id_number").and_then(serde_json::Value::as_str);
        let mark = self.limits.marks.mark(number.unwrap_or_default());
        (mark, self.limits.honey.contains(&mark))
    }

    fn draft_check(
        &self,
        caller: &Caller,
        view: &IdentityCheckView,
        message: &Checked,
    ) -> Result<Draft, HubError> {
        let mask = self.mask_of(&Disclosure {
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
            case: view.case,
            object: ObjectId::new(Uuid::now_v7()),
            shown: message.categories.difference(&cut.withheld).copied().collect(),
            withheld: cut.withheld,
            body: cut.value,
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
    fn read_result(&self, check: CheckId, answer: &Document) -> AnswerIdentity {
        let bytes = answer.to_bytes();
        let checked = self.schemas.check(Some(MessageKind::IdentityResult), bytes.expose()).ok();
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
            copy: None,
            body: draft.body.clone(),
        }
    }

    /// A check that was made before: its result is looked at once more.
    async fn checked_before(
        &self,
        caller: &Caller,
        permit: Permit,
        index: u64,
        size: u64,
    ) -> Result<CheckedIdentity, HubError> {
        let entry = self.store.entry(index).await?.ok_or_else(not_found)?;
        let Event::Identity(asked) = &entry.event else { return Err(not_found()) };
        let held = self.store.check(asked.check).await?.ok_or_else(not_found)?;
        if held.status == CheckStatus::Asked {
            let detail = "this check is being asked; repeat with the same key in a moment";
            return Err(Problem::new("request-in-progress", detail).into());
        }
        let subject = held.case.to_string();
        self.spend_read(caller, &subject).await?;
        self.enter_read(caller, Some(permit), "identity-check", Some(subject), asked.shown.clone()).await?;
        let proof = self.store.proof(index, size).await?.ok_or_else(not_found)?;
        let opening = self.opening_of(asked.object).await?;
        Ok(CheckedIdentity {
            check: held.id,
            case: named(held.case),
            status: held.status,
            result: held.result,
            coverage: Coverage::of_one(&held.to, held.status),
            receipt: Receipt::new(proof, opening, &entry),
            replayed: true,
        })
    }
}

/// What its asker is, as those who are told of it read it.
pub(crate) fn role_of(caller: &Caller) -> Code {
    let role = caller.roles.first().and_then(|role| role.parse().ok());
    role.unwrap_or_else(|| code("system"))
}

/// What the agency found of a number that nobody asks for is not told.
fn as_a_miss(answer: AnswerIdentity) -> AnswerIdentity {
    let result = answer.result.map(|_| IdentityResult::NoRecord);
    AnswerIdentity { result, ..answer }
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
            open_case: false,
            from: caller.agency.clone(),
            to: view.agency.clone(),
            object: draft.object,
            shown: draft.shown.clone(),
            role: role_of(caller),
            purpose: view.purpose.clone(),
            basis: view.basis.clone(),
        }),
    }
}
