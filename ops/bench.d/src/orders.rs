//! Orders made ahead, as `hub::submit_referral` makes them of a request with one recipient: a new case, a
//! sealed body of about 1.5 KB with its commitment, a case key, statistics with their sealed link, an
//! idempotency key. What the hub does before its order is ready (schema, policy, sealing) is not measured
//! where these are.

use casework::{
    Action, AgencyCode, CaseId, CaseReference, Code, Command, DeliveryId, FactId, Facts, KeyId, ObjectId,
    Permit, Priority, Pseudonym, Recipient, ReferralId, RequestId, Submit, Via,
};
use seal::{CaseKey, Place, commitment, random, sha256};
use store::{CaseKeyUse, Idempotency, Lane, NewFact, NewLink, Order, SealedBody};
use uuid::{NoContext, Timestamp, Uuid};

use crate::Failure;
use crate::stores::HUB;

/// Statistics are of one month.
const MONTH: casework::Timestamp = casework::Timestamp::from_micros(1_790_000_000_000_000);
const SCHEMA: &str = "referral.request/v1";
/// A message as it comes, in bytes.
const MESSAGE_BYTES: usize = 1_500;
/// What the statistics block of a request asks for.
const DIMENSIONS: [(&str, &str); 10] = [
    ("sex", "F"),
    ("age-band", "Y5T9"),
    ("district", "PK401"),
    ("nationality", "not-asked"),
    ("legal-status", "not-asked"),
    ("disability", "not-asked"),
    ("socio-economic", "not-asked"),
    ("area", "U"),
    ("care", "not-asked"),
    ("setting", "online"),
];

/// An order, and the two names by which its rows are found again.
pub struct Made {
    pub order: Order,
    pub key: String,
    pub fact: String,
}

/// Makes orders of one sender.
pub struct Maker {
    actor: Pseudonym,
    from: AgencyCode,
    to: AgencyCode,
    service: Code,
    purpose: Code,
    basis: Code,
    permit: Permit,
    facts: Facts,
    message: Vec<u8>,
}

/// Ids of one order.
struct Drawn {
    case: CaseId,
    referral: ReferralId,
    object: ObjectId,
    key: CaseKey,
}

impl Maker {
    pub fn new() -> Result<Self, Failure> {
        let policy_set = hex::encode(random::<8>());
        let policies = vec!["ict-child-protection.ictp-sends".to_owned()];
        Ok(Self {
            actor: Pseudonym::new(Uuid::new_v4()),
            from: "ictp".parse()?,
            to: "cpi".parse()?,
            service: "SVC-SHELTER".parse()?,
            purpose: "protection".parse()?,
            basis: "best-interests".parse()?,
            permit: Permit { policy_set, policies, read_version: None },
            facts: DIMENSIONS.iter().map(|(name, code)| ((*name).to_owned(), (*code).to_owned())).collect(),
            message: vec![b'7'; MESSAGE_BYTES],
        })
    }

    /// The next order.
    pub fn make(&self) -> Made {
        let drawn = Drawn {
            case: draw_case(),
            referral: ReferralId::new(Uuid::now_v7()),
            object: ObjectId::new(Uuid::now_v7()),
            key: CaseKey::generate(KeyId::new(Uuid::now_v7())),
        };
        let opening = random::<32>();
        let place = Place { hub: HUB, case: drawn.case, object: drawn.object, schema: SCHEMA };
        let sealed = drawn.key.seal(&place, &[opening.as_slice(), &self.message].concat());
        let key = format!("{}/{}/{}", self.from, self.from, Uuid::new_v4().simple());
        let fact = FactId::drawn(MONTH, Uuid::new_v4());
        let command = Command {
            actor: self.actor,
            via: Via::Api,
            permit: Some(self.permit.clone()),
            commitment: Some(casework::Commitment {
                message: hex::encode(commitment(&opening, &self.message)),
                signature: None,
            }),
            action: Action::Submit(self.submit(&drawn)),
        };
        let mut order = Order::plain(command, Lane::Intake);
        order.idempotency = Some(Idempotency { key: key.clone(), request_hash: sha256(&opening) });
        order.case_key = Some(CaseKeyUse { case: drawn.case, key: drawn.key.id() });
        order.facts = vec![self.fact(&drawn, fact)];
        let (object, case, key_id) = (drawn.object, drawn.case, drawn.key.id());
        order.body = Some(SealedBody { object, case, key: key_id, schema: SCHEMA.to_owned(), sealed });
        Made { order, key, fact: fact.to_string() }
    }

    fn submit(&self, drawn: &Drawn) -> Submit {
        let recipient = Recipient {
            referral: drawn.referral,
            delivery: DeliveryId::new(Uuid::now_v7()),
            to: self.to.clone(),
            addressed: None,
            mandate: None,
            service: self.service.clone(),
        };
        Submit {
            request: RequestId::new(Uuid::now_v7()),
            case: drawn.case,
            open_case: true,
            from: self.from.clone(),
            priority: Priority::Normal,
            purpose: self.purpose.clone(),
            basis: self.basis.clone(),
            held: false,
            recipients: vec![recipient],
            object: drawn.object,
            replaces: None,
            terms: Default::default(),
        }
    }

    fn fact(&self, drawn: &Drawn, fact: FactId) -> NewFact {
        let (case, object) = (drawn.case, ObjectId::new(Uuid::now_v7()));
        let place = Place { hub: HUB, case, object, schema: "fact-link/v1" };
        let sealed = drawn.key.seal(&place, fact.uuid().as_bytes());
        NewFact {
            fact,
            referral: drawn.referral,
            service: self.service.clone(),
            priority: Priority::Normal,
            to: self.to.clone(),
            dimensions: self.facts.clone(),
            link: NewLink { case, key: drawn.key.id(), object, sealed },
        }
    }
}

/// A case whose reference can be said on the telephone.
fn draw_case() -> CaseId {
    let mut drawn = CaseId::new(Uuid::new_v7(Timestamp::now(NoContext)));
    while !CaseReference::of(drawn).speakable() {
        drawn = CaseId::new(Uuid::new_v7(Timestamp::now(NoContext)));
    }
    drawn
}
