//! Incidents: one for each thing that is wrong with an agency's line, however often it shows. It opens when
//! the condition is first seen, recovers when the condition is over, and is closed by a person or a day
//! later. The same condition opens it again; how often it did is counted.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{BadRegisterKey, Register, RegisterKey};
use crate::{AgencyCode, Code, Event, Refusal, State, Timestamp};

/// A recovered incident is closed after this, if nobody did before: proposed.
const CLOSES_AFTER_MICROS: i64 = 24 * 3_600 * 1_000_000;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// Its system does not answer.
    AgencyUnreachable,
    /// Its system refuses our credential.
    CredentialRefused,
    /// A message for it was not taken in its time.
    DeliveryExpired,
    /// A message for it took its workers with it.
    Quarantine,
    /// Its webhook is sent nothing any more.
    WebhookDisabled,
    /// It has sent nothing for longer than it ever does.
    FeedSilent,
    /// The hub broke a promise about a child (of the hub, not of an agency).
    ConservationBroken,
    /// One of its people asked for a number that nobody has a reason to ask for. Noted of the hub, with the
    /// agency as its part: that agency's system may be what is wrong.
    HoneyRecord,
    /// An agreement ends within a month, or has ended (of the hub; the part is its name).
    AgreementEnding,
    /// A set of policies cannot be used: the one put into the folder, or the one that two people approved.
    PolicySetRefused,
    /// A case key is gone or does not fit, and nobody ordered that (of the hub).
    KeyLoss,
    /// The ledger is not what somebody saw of it (of the hub; the part is why).
    LedgerSuspect,
    /// Keys of erased cases were in the key database again, and were destroyed again (of the hub).
    ErasedKeysBack,
}

impl Condition {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::AgencyUnreachable,
        Self::CredentialRefused,
        Self::DeliveryExpired,
        Self::Quarantine,
        Self::WebhookDisabled,
        Self::FeedSilent,
        Self::ConservationBroken,
        Self::HoneyRecord,
        Self::AgreementEnding,
        Self::PolicySetRefused,
        Self::KeyLoss,
        Self::LedgerSuspect,
        Self::ErasedKeysBack,
    ];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AgencyUnreachable => "agency-unreachable",
            Self::CredentialRefused => "credential-refused",
            Self::DeliveryExpired => "delivery-expired",
            Self::Quarantine => "quarantine",
            Self::WebhookDisabled => "webhook-disabled",
            Self::FeedSilent => "feed-silent",
            Self::ConservationBroken => "conservation-broken",
            Self::HoneyRecord => "honey-record",
            Self::AgreementEnding => "agreement-ending",
            Self::PolicySetRefused => "policy-set-refused",
            Self::KeyLoss => "key-loss",
            Self::LedgerSuspect => "ledger-suspect",
            Self::ErasedKeysBack => "erased-keys-back",
        }
    }
}

/// Of what an incident is: a condition of an agency, and of which part of it where there are several. Its
/// text, `agency-unreachable.cpi`, is its id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IncidentKey {
    /// What is wrong.
    pub condition: Condition,
    /// With whom.
    pub agency: AgencyCode,
    /// With which part of it: a webhook's name.
    pub part: Option<Code>,
}

impl fmt::Display for IncidentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.condition.as_str(), self.agency)?;
        self.part.as_ref().map_or(Ok(()), |part| write!(f, ".{part}"))
    }
}

impl FromStr for IncidentKey {
    type Err = BadRegisterKey;
    fn from_str(text: &str) -> Result<Self, BadRegisterKey> {
        let (word, rest) = text.split_once('.').ok_or(BadRegisterKey)?;
        let condition = Condition::ALL.iter().find(|condition| condition.as_str() == word);
        let (agency, part) = rest.split_once('.').map_or((rest, None), |(agency, part)| (agency, Some(part)));
        Ok(Self {
            condition: *condition.ok_or(BadRegisterKey)?,
            agency: agency.parse().map_err(|_| BadRegisterKey)?,
            part: part.map(str::parse).transpose().map_err(|_| BadRegisterKey)?,
        })
    }
}

/// How an incident stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IncidentStatus {
    /// It is so.
    Opened,
    /// It is so no more.
    Recovered,
    /// Somebody has seen it, or a day has passed since.
    Closed,
}

impl IncidentStatus {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Opened, Self::Recovered, Self::Closed];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Recovered => "recovered",
            Self::Closed => "closed",
        }
    }
}

/// Something is wrong, once however often it shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// What.
    pub condition: Condition,
    /// With whom.
    pub agency: AgencyCode,
    /// With which part of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<Code>,
    /// How it stands.
    pub status: IncidentStatus,
    /// Since when, this time.
    pub opened: Timestamp,
    /// Since when no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovered: Option<Timestamp>,
    /// How often it was so.
    pub times: u32,
}

impl Incident {
    /// Of what it is.
    #[must_use]
    pub fn key(&self) -> IncidentKey {
        IncidentKey { condition: self.condition, agency: self.agency.clone(), part: self.part.clone() }
    }

    /// When it is closed by itself.
    #[must_use]
    pub fn closes(&self) -> Option<Timestamp> {
        let over = self.recovered.filter(|_| self.status == IncidentStatus::Recovered);
        over.map(|since| since.plus_micros(CLOSES_AFTER_MICROS))
    }
}

/// What is noted of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncidentTurn {
    /// It is so.
    Open,
    /// It is so no more.
    Recover,
    /// A person has seen to it.
    Close,
}

/// Notes something of a condition. What is known already is no entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteIncident {
    /// Which.
    pub key: IncidentKey,
    /// What.
    pub turn: IncidentTurn,
}

pub(crate) fn note(state: &State, asked: &NoteIncident, now: Timestamp) -> Result<Vec<Event>, Refusal> {
    let held = match state.registers.get(&RegisterKey::Incident(asked.key.clone())) {
        Some(Register::Incident(held)) => Some(held),
        _ => None,
    };
    let next = match (asked.turn, held) {
        (IncidentTurn::Open, Some(held)) if held.status == IncidentStatus::Opened => None,
        (IncidentTurn::Open, held) => Some(opened(asked, held, now)),
        (IncidentTurn::Recover, Some(held)) if held.status == IncidentStatus::Opened => {
            Some(Incident { status: IncidentStatus::Recovered, recovered: Some(now), ..held.clone() })
        }
        (IncidentTurn::Close, Some(held)) if held.status != IncidentStatus::Closed => {
            Some(Incident { status: IncidentStatus::Closed, ..held.clone() })
        }
        (IncidentTurn::Recover | IncidentTurn::Close, _) => None,
    };
    let next = next.ok_or(Refusal::NothingToDo)?;
    Ok(vec![Event::Register(Register::Incident(next))])
}

fn opened(asked: &NoteIncident, held: Option<&Incident>, now: Timestamp) -> Incident {
    let IncidentKey { condition, agency, part } = asked.key.clone();
    let times = held.map_or(0, |held| held.times).saturating_add(1);
    Incident { condition, agency, part, status: IncidentStatus::Opened, opened: now, recovered: None, times }
}

/// A day without it.
pub(crate) fn lapse(held: &Incident, now: Timestamp) -> Result<Vec<Event>, Refusal> {
    let due = held.closes().is_some_and(|closes| closes <= now);
    let closed = Incident { status: IncidentStatus::Closed, ..held.clone() };
    if due { Ok(vec![Event::Register(Register::Incident(closed))]) } else { Err(Refusal::NothingToDo) }
}
