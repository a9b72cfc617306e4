//! Typed views of checked messages: the codes and ids that deciding needs, and nothing about a person. They
//! read a body that its schema has accepted; anything else is [`NotThisMessage`].

use casework::{
    AgencyCode, CaseId, Categories, Category, Code, Intent, Priority, ReferralId, Terms, Timestamp,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// Who answers identity checks unless the message names another.
const IDENTITY_AGENCY: &str = "nadra";

/// The body is not the message this view reads. Why is not said: it might repeat what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body is not the message this view reads; check it against its schema first")]
pub struct NotThisMessage;

/// One recipient of a request.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RecipientView {
    /// As addressed; routing may name another.
    pub agency: AgencyCode,
    /// What is asked of it.
    pub service: Code,
}

/// `referral.request`, as far as it is coded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestView {
    /// The case it belongs to; `None` asks for a new one.
    pub case: Option<CaseId>,
    /// The rejected or failed referral it takes the place of.
    pub replaces: Option<ReferralId>,
    /// One to ten.
    pub recipients: Vec<RecipientView>,
    /// How urgent.
    pub priority: Priority,
    /// `protection`, `justice`, ...
    pub purpose: Code,
    /// `consent`, `best-interests` or `statutory`.
    pub basis: Code,
    /// `RSN-...`, at least one.
    pub reasons: Vec<Code>,
    /// What the child or its guardian asked to withhold from every recipient, as far as that is possible.
    pub withheld: Categories,
    /// When consent was given and ends, where that is said.
    pub terms: Terms,
}

/// Any answer to a referral, and an identity result, as far as it is coded.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AnswerView {
    /// Of a reject, hold or close.
    pub reason: Option<Code>,
    /// Of an outcome.
    pub outcome: Option<Code>,
    /// Of an outcome (`completed`, `failed`) or an identity result (`match`, ...).
    pub result: Option<Code>,
    /// Of an identity result: `answered`, `refused`, `timed-out`.
    pub status: Option<Code>,
    /// Of a reject.
    pub suggested_receiver: Option<AgencyCode>,
    /// Of a receiver that was told of consent taken back: `ceased` or `retained`, and on what ground.
    pub decision: Option<Code>,
    /// See `decision`.
    pub basis: Option<Code>,
    /// Of a progress note.
    pub step: Option<Code>,
    /// Of a hold: the day on which the receiver looks again.
    pub review_on: Option<chrono::NaiveDate>,
}

/// `identity.check`, as far as it is coded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityCheckView {
    /// The case it belongs to.
    pub case: CaseId,
    /// `guardian-verification`, `child-identity` or `missing-child`.
    pub purpose: Code,
    /// `consent`, `best-interests` or `statutory`.
    pub basis: Code,
    /// Who is asked; `nadra` unless named.
    pub agency: AgencyCode,
    /// How long the asker waits, in milliseconds (500 to 20000).
    pub deadline_ms: Option<u32>,
}

impl RequestView {
    /// Reads a checked `referral.request`.
    ///
    /// # Errors
    /// [`NotThisMessage`].
    pub fn read(body: &Value) -> Result<Self, NotThisMessage> {
        let wire: RequestWire = read(body)?;
        let terms = Terms {
            intent: wire.intent,
            answers: wire.answers,
            draft: false,
            signed: false,
            consent_given: wire.consent.given_at.map(|at| Timestamp::from_micros(at.timestamp_micros())),
            consent_until: wire.consent.expires_on.map(Timestamp::start_of_day),
        };
        Ok(Self {
            terms,
            case: wire.case,
            replaces: wire.replaces,
            recipients: wire.recipients,
            priority: wire.priority,
            purpose: wire.purpose,
            basis: wire.consent.basis,
            withheld: wire.consent.withheld.into_iter().filter(|asked| asked.may_be_withheld()).collect(),
            reasons: wire.reasons,
        })
    }
}

impl AnswerView {
    /// Reads any checked answer.
    ///
    /// # Errors
    /// [`NotThisMessage`].
    pub fn read(body: &Value) -> Result<Self, NotThisMessage> {
        read(body)
    }
}

impl IdentityCheckView {
    /// Reads a checked `identity.check`.
    ///
    /// # Errors
    /// [`NotThisMessage`].
    pub fn read(body: &Value) -> Result<Self, NotThisMessage> {
        let wire: IdentityCheckWire = read(body)?;
        let agency = wire.agency.map_or_else(|| IDENTITY_AGENCY.parse(), Ok).map_err(|_| NotThisMessage)?;
        let IdentityCheckWire { case, purpose, basis, deadline_ms, .. } = wire;
        Ok(Self { case, purpose, basis, agency, deadline_ms })
    }
}

#[derive(Deserialize)]
struct RequestWire {
    case: Option<CaseId>,
    replaces: Option<ReferralId>,
    #[serde(default)]
    intent: Intent,
    answers: Option<ReferralId>,
    recipients: Vec<RecipientView>,
    priority: Priority,
    purpose: Code,
    consent: ConsentWire,
    reasons: Vec<Code>,
}

#[derive(Deserialize)]
struct ConsentWire {
    basis: Code,
    #[serde(default)]
    withheld: Vec<Category>,
    given_at: Option<chrono::DateTime<chrono::FixedOffset>>,
    expires_on: Option<chrono::NaiveDate>,
}

#[derive(Deserialize)]
struct IdentityCheckWire {
    case: CaseId,
    purpose: Code,
    basis: Code,
    agency: Option<AgencyCode>,
    deadline_ms: Option<u32>,
}

fn read<T: DeserializeOwned>(body: &Value) -> Result<T, NotThisMessage> {
    T::deserialize(body).map_err(|_| NotThisMessage)
}
