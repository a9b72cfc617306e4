//! A referral comes in. The story of the house: check the message, find who holds the mandate, ask the
//! policies, seal, commit, answer with a receipt. Delivering it is another story (`hand_over.rs`).

use casework::{
    Action, AgencyCode, Caller, CaseId, CaseReference, Code, Command, DeliveryId, Entry, Event, FactId,
    Intent, MessageKind, ObjectId, Permit, Priority, Recipient, ReferralId, RequestId, Requested, Submit,
    TimeSource as _,
};
use policies::{Act, Ask, Places};
use schemas::messages::RequestView;
use schemas::{Checked, Route};
use serde::Serialize;
use store::{Committed, Idempotency, Lane, NewFact, Order, Receipt, ReceiptProof};
use uuid::{NoContext, Timestamp, Uuid};

use crate::error::{not_found, route_problem};
use crate::keep_body::Kept;
use crate::permits::{Admission, ask};
use crate::{Hub, HubError, Key, Problem, Sent, trace_context};

/// How often another id is drawn where a spoken reference is taken.
const DRAWS_MAX: u32 = 3;

/// The answer to a request: a pure function of what was committed, so a repeat gets the same bytes.
#[derive(Debug, Clone, Serialize)]
pub struct Submitted {
    /// The request's id.
    pub request: RequestId,
    /// The child's case.
    pub case: CaseNamed,
    /// One referral per recipient.
    pub referrals: Vec<SubmittedReferral>,
    /// The sender's proof.
    pub receipt: Receipt,
    /// Was this request committed before?
    #[serde(skip)]
    pub replayed: bool,
}

/// A case and what people call it on the telephone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseNamed {
    /// Its id.
    pub id: CaseId,
    /// Its spoken reference.
    pub reference: String,
}

/// One referral of a request.
#[derive(Debug, Clone, Serialize)]
pub struct SubmittedReferral {
    /// Its id.
    pub id: ReferralId,
    /// Who gets it.
    pub to: AgencyCode,
    /// Whom the sender addressed, where the mandate lies with another today.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addressed: Option<AgencyCode>,
    /// The mandate that routed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mandate: Option<Code>,
    /// Mandates come from press reports and are to be confirmed: always false where a mandate routed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mandate_confirmed: Option<bool>,
    /// What is asked for.
    pub service: Code,
    /// How urgent.
    pub priority: Priority,
    /// Held for a person at the hub, because the policies could not be asked.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub held: bool,
}

/// A request that may come in.
pub(crate) struct Incoming {
    message: Checked,
    request: RequestView,
    routes: Vec<Route>,
    admission: Admission,
}

impl Incoming {
    pub(crate) fn into_parts(self) -> (Checked, RequestView, Vec<Route>, Admission) {
        (self.message, self.request, self.routes, self.admission)
    }
}

impl Hub {
    /// Takes a `referral.request`.
    ///
    /// # Errors
    /// What the sender can mend, as a problem; nothing is stored then.
    pub async fn submit_referral(
        &self,
        caller: &Caller,
        sent: impl Into<Sent<'_>>,
        key: &Key,
    ) -> Result<Submitted, HubError> {
        self.take_request(caller, sent.into(), key, false).await
    }

    /// The same, sent or only written.
    pub(crate) async fn take_request(
        &self,
        caller: &Caller,
        sent: Sent<'_>,
        key: &Key,
        is_draft: bool,
    ) -> Result<Submitted, HubError> {
        let bytes = sent.bytes;
        let route = if is_draft { "POST /v1/drafts" } else { "POST /v1/referrals" };
        let once = idempotency(caller, key, route, bytes);
        let incoming = match self.look_at(caller, bytes).and_then(|found| may_be_draft(found, is_draft)) {
            Ok(incoming) => incoming,
            Err(error) => return self.unless_seen(&once, error).await,
        };
        let Incoming { message, request, routes, admission } = incoming;
        failpoint::here("S1");
        for _ in 0..DRAWS_MAX {
            let mut draft = draft(caller, &request, &routes, &admission);
            (draft.terms.draft, draft.terms.signed) = (is_draft, sent.signature.is_some());
            let kept = self.keep(draft.case, draft.open_case, draft.object, &message, sent).await?;
            let places = self.fresh.reserve(&draft);
            let order = self.order(caller, &once, &message, &admission, draft, &kept);
            let order = Order { handed: places.deliveries(), ..order };
            match self.commit_kept(order, &kept).await? {
                Committed::Done(done) => {
                    self.hand_on(places, message.kind, kept.body, &done.entries);
                    return submitted(&done.entries, done.proof()?, kept.opening, false);
                }
                not_done => {
                    kept.give_up(self);
                    if let Some(answer) = self.not_done(not_done).await {
                        return answer;
                    }
                }
            }
        }
        Err(casework::Refusal::IdTaken.into())
    }

    /// A repeat's first answer, or why not; `None` where only an id was taken and another may be drawn.
    async fn not_done(&self, committed: Committed) -> Option<Result<Submitted, HubError>> {
        match committed {
            Committed::Replayed { index, size } => Some(self.submitted_before(index, size).await),
            Committed::KeyReused => Some(Err(key_reused())),
            Committed::Done(_) | Committed::Refused(casework::Refusal::IdTaken) => None,
            Committed::Refused(refusal) => Some(Err(refusal.into())),
        }
    }

    /// Is it well formed, who gets it today, and may its sender send it?
    pub(crate) fn look_at(&self, caller: &Caller, bytes: &[u8]) -> Result<Incoming, HubError> {
        let message = self.schemas.check(Some(MessageKind::Request), bytes)?;
        let request = RequestView::read(message.value.json())?;
        if request.terms.intent == Intent::Notify && request.basis.as_str() != "statutory" {
            let detail = "what is told because a statute says so rests on the statute: `statutory`";
            return Err(Problem::at("validation-failed", "/consent/basis".to_owned(), detail).into());
        }
        let routes = self.routes(&request)?;
        let places = self.places(&caller.agency, Some(&message.facts));
        let admission = self.admit(&asks(caller, &request, &routes, &places))?;
        Ok(Incoming { message, request, routes, admission })
    }

    /// A repeat gets its first answer, whatever mandates and agreements say by now. Only what is refused is
    /// looked up here: where nothing is refused, the commit itself finds the repeat.
    async fn unless_seen(&self, once: &Idempotency, error: HubError) -> Result<Submitted, HubError> {
        match self.seen_before(once).await? {
            Some((index, size)) => self.submitted_before(index, size).await,
            None => Err(error),
        }
    }

    pub(crate) async fn seen_before(&self, once: &Idempotency) -> Result<Option<(u64, u64)>, HubError> {
        match self.store.seen(once).await? {
            Some(Committed::Replayed { index, size }) => Ok(Some((index, size))),
            Some(_) => Err(key_reused()),
            None => Ok(None),
        }
    }

    /// Who gets each referral today, by mandate.
    fn routes(&self, request: &RequestView) -> Result<Vec<Route>, HubError> {
        let today = self.store.now().in_pakistan().date_naive();
        let route = |(at, to): (usize, &schemas::messages::RecipientView)| {
            self.directory
                .route(&to.agency, &to.service, today)
                .map_err(|refusal| route_problem(at, &refusal))
        };
        let routes: Vec<Route> =
            request.recipients.iter().enumerate().map(route).collect::<Result<_, _>>()?;
        Self::all_different(request, &routes)?;
        Ok(routes)
    }

    /// Two recipients that today's mandates lead to one agency for one service would be one child referred
    /// twice.
    fn all_different(request: &RequestView, routes: &[Route]) -> Result<(), HubError> {
        let mut seen = std::collections::BTreeSet::new();
        for (at, (route, asked)) in routes.iter().zip(&request.recipients).enumerate() {
            if !seen.insert((&route.to, &asked.service)) {
                let detail =
                    format!("today this goes to `{}`, who is asked for the same service already", route.to);
                return Err(Problem::at("duplicate-recipient", format!("/recipients/{at}"), detail).into());
            }
        }
        Ok(())
    }

    fn order(
        &self,
        caller: &Caller,
        once: &Idempotency,
        message: &Checked,
        admission: &Admission,
        draft: Submit,
        kept: &Kept,
    ) -> Order {
        let lane = if draft.priority == Priority::Emergency { Lane::Emergency } else { Lane::Intake };
        // What is only written counts nowhere yet.
        let counted = draft.recipients.iter().filter(|_| !draft.terms.draft);
        let facts = counted.map(|recipient| self.fact(recipient, &draft, message, kept)).collect();
        let command = Command {
            actor: caller.actor,
            via: caller.via,
            permit: permit_of(admission),
            commitment: Some(kept.commitment.clone()),
            action: Action::Submit(draft),
        };
        Order {
            idempotency: Some(once.clone()),
            body: Some(kept.body.clone()),
            case_key: kept.case_key,
            facts,
            trace: trace_context::current(),
            ..Order::plain(command, lane)
        }
    }

    fn fact(&self, recipient: &Recipient, draft: &Submit, message: &Checked, kept: &Kept) -> NewFact {
        let fact = FactId::drawn(self.store.now(), Uuid::new_v4());
        NewFact {
            fact,
            referral: recipient.referral,
            service: recipient.service.clone(),
            priority: draft.priority,
            to: recipient.to.clone(),
            dimensions: message.facts.clone(),
            link: kept.link(&self.name, fact),
        }
    }

    /// The same answer again: entries, proof and opening as they were.
    async fn submitted_before(&self, index: u64, size: u64) -> Result<Submitted, HubError> {
        let index = if failpoint::planted("replay-of-another") { 0 } else { index };
        let found = self.store.entries_from(index, 1 + RECIPIENTS_MAX).await?;
        let entries: Vec<Entry> = found.into_iter().map(|found| found.entry).collect();
        let proof = self.store.proof(index, size).await?.ok_or_else(not_found)?;
        let object = entries.iter().find_map(created).map(|created| created.object).ok_or_else(not_found)?;
        let opening = self.opening_of(object).await?;
        submitted(&entries, proof, opening, true)
    }
}

/// A draft is for new referrals, and not taken while the policies cannot be asked.
fn may_be_draft(found: Incoming, is_draft: bool) -> Result<Incoming, HubError> {
    if !is_draft {
        return Ok(found);
    }
    if found.request.replaces.is_some() || found.request.terms.answers.is_some() {
        let detail = "a draft takes the place of nothing and answers nothing; send it at once instead";
        return Err(Problem::new("validation-failed", detail).into());
    }
    match found.admission {
        Admission::Permitted(_) => Ok(found),
        Admission::Held => Err(HubError::InDoubt("the policies cannot be asked; it is logged as an alarm")),
    }
}

/// Recipients one request may have (its schema's bound).
const RECIPIENTS_MAX: u32 = 10;

fn permit_of(admission: &Admission) -> Option<Permit> {
    match admission {
        Admission::Permitted(permit) => Some(permit.clone()),
        Admission::Held => None,
    }
}

fn asks(caller: &Caller, request: &RequestView, routes: &[Route], places: &Places) -> Vec<Ask> {
    let one = |(route, to): (&Route, &schemas::messages::RecipientView)| Ask {
        message: Some(MessageKind::Request),
        service: Some(to.service.clone()),
        purpose: Some(request.purpose.clone()),
        basis: Some(request.basis.clone()),
        urgency: Some(request.priority),
        places: places.clone(),
        ..ask(caller, Act::Send, Some(route.to.clone()))
    };
    routes.iter().zip(&request.recipients).map(one).collect()
}

/// Ids are drawn here and nowhere else.
fn draft(caller: &Caller, request: &RequestView, routes: &[Route], admission: &Admission) -> Submit {
    let recipient = |(route, to): (&Route, &schemas::messages::RecipientView)| Recipient {
        referral: ReferralId::new(Uuid::now_v7()),
        delivery: DeliveryId::new(Uuid::now_v7()),
        to: route.to.clone(),
        addressed: route.rerouted.then(|| route.addressed.clone()),
        mandate: route.mandate.clone(),
        service: to.service.clone(),
    };
    Submit {
        request: RequestId::new(Uuid::now_v7()),
        case: request.case.unwrap_or_else(draw_case),
        open_case: request.case.is_none(),
        from: caller.agency.clone(),
        priority: request.priority,
        purpose: request.purpose.clone(),
        basis: request.basis.clone(),
        held: matches!(admission, Admission::Held),
        recipients: routes.iter().zip(&request.recipients).map(recipient).collect(),
        object: ObjectId::new(Uuid::now_v7()),
        replaces: request.replaces,
        terms: request.terms.clone(),
    }
}

/// A new case, with a reference that can be said on the telephone. Ids begin with the time, so that the
/// indexes over them grow at one end; what follows is random to the last bit: the reference is made of it.
pub(crate) fn draw_case() -> CaseId {
    let mut drawn = CaseId::new(Uuid::new_v7(Timestamp::now(NoContext)));
    while !CaseReference::of(drawn).speakable() {
        drawn = CaseId::new(Uuid::new_v7(Timestamp::now(NoContext)));
    }
    drawn
}

pub(crate) fn idempotency(caller: &Caller, key: &Key, route: &str, bytes: &[u8]) -> Idempotency {
    let bytes = if failpoint::planted("body-not-in-key") { &[] } else { bytes };
    let request_hash = seal::sha256(&[route.as_bytes(), b"\n", bytes].concat());
    Idempotency { key: format!("{}/{}/{}", caller.agency, caller.client, key.as_str()), request_hash }
}

pub(crate) fn key_reused() -> HubError {
    let detail = "this idempotency key was used for another request; draw a new one for a new request";
    Problem::new("idempotency-key-reused", detail).into()
}

const fn created(entry: &Entry) -> Option<&casework::Created> {
    match &entry.event {
        Event::Created(created) | Event::Drafted(created) => Some(created),
        _ => None,
    }
}

fn submitted(
    entries: &[Entry],
    proof: ReceiptProof,
    opening: String,
    replayed: bool,
) -> Result<Submitted, HubError> {
    let first = entries.first().ok_or_else(not_found)?;
    let Event::Requested(Requested { request, case, .. }) = &first.event else { return Err(not_found()) };
    let referral = |created: &casework::Created| SubmittedReferral {
        id: created.referral,
        to: created.to.clone(),
        addressed: created.addressed.clone(),
        mandate: created.mandate.clone(),
        mandate_confirmed: created.mandate.as_ref().map(|_| false),
        service: created.service.clone(),
        priority: created.priority,
        held: created.held,
    };
    let mine = entries.iter().filter_map(created).filter(|created| created.request == *request);
    Ok(Submitted {
        request: *request,
        case: CaseNamed { id: *case, reference: CaseReference::of(*case).to_string() },
        referrals: mine.map(referral).collect(),
        receipt: Receipt::new(proof, opening, first),
        replayed,
    })
}
