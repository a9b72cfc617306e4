//! Orders as the hub's use cases make them: a request with its sealed body, key, statistics and links; an
//! officer's step; the claim of a delivery and what came of it. Ids are drawn as the hub draws them.

use std::collections::BTreeMap;
use std::sync::Arc;

use casework::{
    Action, AgencyCode, Answer, Attempt, CaseId, CaseReference, Categories, Category, Command, DeliveryId,
    DeliveryStep, FactId, MessageKind, ObjectId, Outcome, Permit, Pseudonym, Recipient, ReferralId,
    RequestId, Submit, Told, Via,
};
use seal::CaseKey;
use store::{
    CaseKeyUse, FactStep, Idempotency, Lane, NewFact, NewLink, Order, SealedBody, Step as Ended, Store,
};
use uuid::{NoContext, Timestamp, Uuid};

use super::families::Family;
use super::lives::Step;
use super::messages::{Request, Said};
use crate::Failure;

const OPENING_BYTES: usize = 32;

/// One referral under way.
pub struct Life {
    pub referral: ReferralId,
    pub case: CaseId,
    pub from: AgencyCode,
    pub to: AgencyCode,
    pub fact: FactId,
    pub key: Arc<CaseKey>,
    pub permit: Permit,
    /// The message that was sent last: its delivery, and to whom.
    pub delivery: (DeliveryId, AgencyCode),
    pub shown: Categories,
    /// What is still to come.
    pub left: &'static [Step],
}

/// What every order needs.
pub struct Desk {
    pub name: String,
    pub hub: Pseudonym,
    pub clients: BTreeMap<AgencyCode, Pseudonym>,
}

impl Desk {
    pub async fn open(store: &Store, name: &str, agencies: &[&str]) -> Result<Self, Failure> {
        let mut clients = BTreeMap::new();
        for agency in agencies {
            clients.insert(agency.parse()?, store.pseudonym(format!("fill|{agency}")).await?);
        }
        let hub = store.pseudonym(format!("hub|{name}")).await?;
        Ok(Self { name: name.to_owned(), hub, clients })
    }

    fn client(&self, agency: &AgencyCode) -> Pseudonym {
        self.clients.get(agency).copied().unwrap_or(self.hub)
    }

    /// A request about a new case, and the lives that begin with it.
    pub fn submit(
        &self,
        at: casework::Timestamp,
        key: Arc<CaseKey>,
        family: &Family,
        said: &Request,
    ) -> (Order, Vec<Life>) {
        let (case, object) = (draw_case(), ObjectId::new(Uuid::now_v7()));
        let (body, commitment) = self.sealed(&key, case, object, MessageKind::Request, &said.bytes);
        let begin = |(route, _): &(schemas::Route, casework::Code)| Life {
            referral: ReferralId::new(Uuid::now_v7()),
            case,
            from: family.from.clone(),
            to: route.to.clone(),
            fact: FactId::drawn(at, Uuid::new_v4()),
            key: Arc::clone(&key),
            permit: family.permit.clone(),
            delivery: (DeliveryId::new(Uuid::now_v7()), route.to.clone()),
            shown: said.categories.iter().copied().filter(|one| *one != Category::Statistics).collect(),
            left: &[],
        };
        let lives: Vec<Life> = family.routes.iter().map(begin).collect();
        let recipients = lives.iter().zip(&family.routes).map(|(life, (route, service))| Recipient {
            referral: life.referral,
            delivery: life.delivery.0,
            to: route.to.clone(),
            addressed: route.rerouted.then(|| route.addressed.clone()),
            mandate: route.mandate.clone(),
            service: service.clone(),
        });
        let recipients: Vec<Recipient> = recipients.collect();
        let facts = lives.iter().zip(&recipients).map(|(life, to)| self.fact(life, to, said)).collect();
        let submit = Submit {
            request: RequestId::new(Uuid::now_v7()),
            case,
            open_case: true,
            from: family.from.clone(),
            priority: said.priority,
            purpose: family.purpose.clone(),
            basis: family.basis.clone(),
            held: false,
            recipients,
            object,
            replaces: None,
            terms: Default::default(),
        };
        let command = Command {
            actor: self.client(&family.from),
            via: Via::Api,
            permit: Some(family.permit.clone()),
            commitment: Some(casework::Commitment { message: commitment, signature: None }),
            action: Action::Submit(submit),
        };
        let order = Order {
            idempotency: Some(once(&family.from, &said.bytes)),
            body: Some(body),
            case_key: Some(CaseKeyUse { case, key: key.id() }),
            facts,
            ..Order::plain(command, Lane::Intake)
        };
        (order, lives)
    }

    fn fact(&self, life: &Life, to: &Recipient, said: &Request) -> NewFact {
        let object = ObjectId::new(Uuid::now_v7());
        let place = seal::Place { hub: &self.name, case: life.case, object, schema: "fact-link/v1" };
        let sealed = life.key.seal(&place, life.fact.uuid().as_bytes());
        NewFact {
            fact: life.fact,
            referral: life.referral,
            service: to.service.clone(),
            priority: said.priority,
            to: to.to.clone(),
            dimensions: said.facts.clone(),
            link: NewLink { case: life.case, key: life.key.id(), object, sealed },
        }
    }

    /// An officer's step; the message that tells of it is under way afterwards.
    pub fn answer(&self, life: &mut Life, step: MessageKind, said: &Said, failed: bool) -> Order {
        let by_sender = matches!(step, MessageKind::Close | MessageKind::Feedback);
        let (agency, other) = if by_sender { (&life.from, &life.to) } else { (&life.to, &life.from) };
        let told = Told { delivery: DeliveryId::new(Uuid::now_v7()), object: ObjectId::new(Uuid::now_v7()) };
        let (body, commitment) = self.sealed(&life.key, life.case, told.object, step, &said.bytes);
        let answer = Answer {
            carried: None,
            more: Default::default(),
            referral: life.referral,
            agency: agency.clone(),
            step,
            expected_version: None,
            reason: said.reason.clone(),
            failed,
            suggested: None,
            told,
        };
        let command = Command {
            actor: self.client(agency),
            via: Via::Api,
            permit: Some(life.permit.clone()),
            commitment: Some(casework::Commitment { message: commitment, signature: None }),
            action: Action::Answer(answer),
        };
        let order = Order {
            idempotency: Some(once(agency, &said.bytes)),
            body: Some(body),
            fact_step: fact_step(life, step, said),
            ..Order::plain(command, Lane::Intake)
        };
        life.delivery = (told.delivery, other.clone());
        order
    }

    /// The claim of an attempt.
    pub fn claim(
        &self,
        delivery: DeliveryId,
        attempt: u32,
        shown: Categories,
        permit: Option<Permit>,
    ) -> Order {
        let withheld =
            if shown.contains(&Category::AgeSex) { [Category::Statistics].into() } else { [].into() };
        let action = Action::Attempt(Attempt {
            reduced: [].into(),
            delivery,
            referral: None,
            attempt,
            shown,
            withheld,
            mapped: None,
        });
        let command = Command { actor: self.hub, via: Via::Hub, permit, commitment: None, action };
        Order::plain(command, Lane::Outcomes)
    }

    /// What came of it.
    pub fn outcome(&self, delivery: DeliveryId, attempt: u32, is_lost: bool) -> Result<Order, Failure> {
        let (step, reason, evidence) = if is_lost {
            (DeliveryStep::Undeliverable, Some("attempts-spent".parse()?), None)
        } else {
            (DeliveryStep::Delivered, None, Some(hex::encode(seal::random::<16>())))
        };
        let action = Action::Outcome(Outcome { delivery, attempt, step, reason, evidence });
        let command = Command { actor: self.hub, via: Via::Hub, permit: None, commitment: None, action };
        Ok(Order::plain(command, Lane::Outcomes))
    }

    fn sealed(
        &self,
        key: &CaseKey,
        case: CaseId,
        object: ObjectId,
        kind: MessageKind,
        bytes: &[u8],
    ) -> (SealedBody, String) {
        let schema = format!("{kind}/v1");
        let opening = seal::random::<OPENING_BYTES>();
        let place = seal::Place { hub: &self.name, case, object, schema: &schema };
        let sealed = key.seal(&place, &[opening.as_slice(), bytes].concat());
        (
            SealedBody { object, case, key: key.id(), schema, sealed },
            hex::encode(seal::commitment(&opening, bytes)),
        )
    }
}

/// The row of statistics moves along with some steps.
fn fact_step(life: &Life, step: MessageKind, said: &Said) -> Option<FactStep> {
    let step = match step {
        MessageKind::Accept => Ended::Accepted,
        MessageKind::Progress => Ended::FirstAction,
        MessageKind::Outcome => Ended::Closed(said.reason.clone()?),
        MessageKind::Reject => Ended::Closed("rejected".parse().ok()?),
        _ => return None,
    };
    Some(FactStep { fact: life.fact, referral: life.referral, step })
}

fn once(agency: &AgencyCode, bytes: &[u8]) -> Idempotency {
    let key = format!("{agency}/{agency}/{}", Uuid::new_v4().simple());
    Idempotency { key, request_hash: seal::sha256(bytes) }
}

fn draw_case() -> CaseId {
    let mut drawn = CaseId::new(Uuid::new_v7(Timestamp::now(NoContext)));
    while !CaseReference::of(drawn).speakable() {
        drawn = CaseId::new(Uuid::new_v7(Timestamp::now(NoContext)));
    }
    drawn
}
