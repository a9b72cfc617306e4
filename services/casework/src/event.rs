//! What an entry of the ledger says: coded facts and opaque ids, never personal data. `apply` rebuilds all
//! state from these alone.

use serde::{Deserialize, Serialize};

use crate::{
    AgencyCode, CaseId, Categories, ClockChange, Code, Counted, DeliveryId, DeliveryMoved, GlassKey,
    IdentityMoved, Intent, MessageKind, NewDelivery, Noticed, ObjectId, Overdue, Priority, ReferralId,
    Register, RequestId, SessionMoved, Status, Timestamp,
};

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum Event {
    /// The hub took a request; its sender's receipt proves this entry.
    #[serde(rename = "request.submitted")]
    Requested(Requested),
    /// A referral to one recipient came into being.
    #[serde(rename = "referral.requested")]
    Created(Created),
    /// A referral was written and not sent.
    #[serde(rename = "referral.drafted")]
    Drafted(Created),
    /// A referral took a step.
    #[serde(rename = "referral.moved")]
    Moved(Moved),
    /// A clock is overdue, and somebody was told.
    #[serde(rename = "clock.overdue")]
    Overdue(Overdue),
    /// A delivery took a step.
    #[serde(rename = "delivery.moved")]
    Delivery(DeliveryMoved),
    /// An identity check took a step.
    #[serde(rename = "identity.moved")]
    Identity(IdentityMoved),
    /// A row of a register was written: who somebody is, what two people decide, what is wrong, what is off.
    #[serde(rename = "register.moved")]
    Register(Register),
    /// Somebody is told of a look into a case.
    #[serde(rename = "notice.given")]
    Noticed(Noticed),
    /// Somebody looked at personal data, at statistics or at this trail.
    #[serde(rename = "read")]
    Read(ReadEntry),
    /// A known caller was refused.
    #[serde(rename = "refused")]
    Refused(RefusedEntry),
    /// A person signed in at the desk, confirmed it, or left.
    #[serde(rename = "session.moved")]
    Session(SessionMoved),
    /// The hub counted everything, to see that both principles hold.
    #[serde(rename = "conservation.counted")]
    Counted(Counted),
}

/// A request that the hub took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requested {
    /// The request.
    pub request: RequestId,
    /// The child's case.
    pub case: CaseId,
    /// Who sent it.
    pub from: AgencyCode,
    /// Did this request open the case?
    pub opened: bool,
    /// How many referrals follow in the next entries.
    pub recipients: u64,
    /// Where a mandate led elsewhere than the sender addressed: it stands in the sender's receipt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rerouted: Vec<Rerouted>,
}

/// A recipient that today's holder of a mandate took the place of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rerouted {
    /// Whom the sender addressed.
    pub addressed: AgencyCode,
    /// Who holds the mandate.
    pub to: AgencyCode,
    /// Which mandate.
    pub mandate: Code,
}

/// A new referral and the delivery that carries it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    /// The referral.
    pub referral: ReferralId,
    /// Its parent.
    pub request: RequestId,
    /// The child's case.
    pub case: CaseId,
    /// The sender.
    pub from: AgencyCode,
    /// The receiver: who holds the mandate on the day.
    pub to: AgencyCode,
    /// Whom the sender addressed, where that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub addressed: Option<AgencyCode>,
    /// The mandate that routed it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mandate: Option<Code>,
    /// What is asked for.
    pub service: Code,
    /// How urgent.
    pub priority: Priority,
    /// What for.
    pub purpose: Code,
    /// On what basis.
    pub basis: Code,
    /// Shown to nobody until a person releases it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held: bool,
    /// The sender's agency signed the message (its request's entry commits to the signature).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub signed: bool,
    /// What the request is for.
    #[serde(default, skip_serializing_if = "Intent::is_refer")]
    pub intent: Intent,
    /// When the consent ends that it rests on, where that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent_until: Option<Timestamp>,
    /// The message on its way.
    pub delivery: DeliveryId,
    /// Its sealed body.
    pub object: ObjectId,
    /// Clocks started.
    pub clocks: Vec<ClockChange>,
}

/// A step of a referral.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The referral.
    pub referral: ReferralId,
    /// Which message made it move.
    pub step: MessageKind,
    /// Its version after it: the ETag.
    pub version: u64,
    /// The state after it.
    pub status: Status,
    /// Who is responsible after it; nobody once it is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<AgencyCode>,
    /// The coded reason, outcome or step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Code>,
    /// The state to go back to after a hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Status>,
    /// Whom the refuser proposes instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggested: Option<AgencyCode>,
    /// Clocks started, paused, resumed, stopped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<ClockChange>,
    /// The sealed body of the message that made it move; none where another request did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectId>,
    /// The message to the other side, if this step is told to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<NewDelivery>,
    /// The request that replaces this referral, where that closed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<RequestId>,
    /// The case, where the step moves it too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseId>,
}

/// A look, written down before the first byte leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadEntry {
    /// What was looked at: `referral`, `evidence`, `case`, `inbox`, `indicator`, `audit`, `history`.
    pub what: Code,
    /// Which one, an opaque id or an indicator's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// By which agency.
    pub agency: AgencyCode,
    /// The categories of personal data shown; none for statistics.
    #[serde(default, skip_serializing_if = "Categories::is_empty")]
    pub categories: Categories,
    /// The broken glass that it was looked at through, by its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub glass: Option<String>,
    /// Of these, those shown less exactly than they were sent.
    #[serde(default, skip_serializing_if = "Categories::is_empty")]
    pub reduced: Categories,
}

impl ReadEntry {
    /// The broken glass that it was looked at through.
    #[must_use]
    pub fn glass(&self) -> Option<GlassKey> {
        self.glass.as_ref()?.parse().ok()
    }

    /// The referral that was looked at, if it was one.
    #[must_use]
    pub fn referral(&self) -> Option<ReferralId> {
        self.subject.as_ref()?.parse().ok()
    }
}

/// A refusal, or a minute's worth of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedEntry {
    /// The problem type's slug.
    pub problem: Code,
    /// Who was refused.
    pub agency: AgencyCode,
    /// How many this entry stands for.
    pub count: u32,
    /// What the policies were asked, where it is they who said no: enough to ask it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Box<PolicyAsked>>,
}

/// A question to the policies, in codes; whose it was stands beside it. Where the case lies is left out: a
/// district and an hour could name a child of whom nothing else is known here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyAsked {
    /// The act, as policies name it.
    pub act: Code,
    /// In which roles, [`ASKED_ROLES_MAX`] at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Code>,
    /// Of which other agency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<AgencyCode>,
    /// With which message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageKind>,
    /// For which service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Code>,
    /// For what purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Code>,
    /// On what basis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Code>,
    /// How urgent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Priority>,
}

/// Roles that fit into a refusal's leaf beside everything else: 8 x 43 bytes.
pub const ASKED_ROLES_MAX: usize = 8;
