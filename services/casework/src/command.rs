//! What callers ask of the core: plain data, every id already drawn, every code already checked.

use serde::{Deserialize, Serialize};

use crate::{
    AcknowledgeErasure, AgencyCode, AnswerIdentity, AskApproval, AskIdentity, Attempt, BeginEpoch, CaseId,
    Code, Commitment, Counted, DeliveryId, Entry, Escalate, Event, Intent, MessageKind, MoveErasure,
    NoteIncident, NoteSchedule, Noticed, Now, ObjectId, OpenGlass, Outcome, Permit, Priority, Pseudonym,
    ReadEntry, ReferralId, RefusedEntry, RegisterKey, Replay, RequestId, Resolve, ReviewGlass, Revoke,
    SessionMoved, SetPerson, SetSwitch, SettleApproval, SuspectLedger, TellDue, Timestamp, Via, Withdraw,
};

/// One act, by somebody, under a permit.
#[derive(Debug, Clone)]
pub struct Command {
    /// Whose act.
    pub actor: Pseudonym,
    /// By which door.
    pub via: Via,
    /// The policy set's yes, where a policy was asked.
    pub permit: Option<Permit>,
    /// Commitment to the message and to its signature, where there is one; it stands in the first entry.
    pub commitment: Option<Commitment>,
    /// The act.
    pub action: Action,
}

impl Command {
    /// The entries that these events become.
    #[must_use]
    pub fn entries(&self, events: Vec<Event>, now: Now) -> Vec<Entry> {
        let policy = self.permit.as_ref().map(|permit| permit.policy_set.clone());
        let mut commitment = self.commitment.clone();
        let entry =
            |event| Entry::new(now.at, self.actor, self.via, policy.clone(), commitment.take(), event);
        events.into_iter().map(entry).collect()
    }
}

/// The acts there are.
#[derive(Debug, Clone)]
pub enum Action {
    /// A request to one or more recipients.
    Submit(Submit),
    /// A step of a referral.
    Answer(Answer),
    /// The claim of a delivery attempt.
    Attempt(Attempt),
    /// What became of it.
    Outcome(Outcome),
    /// A dead letter sent again.
    Replay(Replay),
    /// A dead letter settled.
    Resolve(Resolve),
    /// A message taken back.
    Withdraw(Withdraw),
    /// Consent taken back.
    Revoke(Revoke),
    /// A rung of an overdue clock's ladder.
    Escalate(Escalate),
    /// An identity check.
    AskIdentity(AskIdentity),
    /// Its answer.
    AnswerIdentity(AnswerIdentity),
    /// Who somebody is.
    SetPerson(SetPerson),
    /// An act that takes a second person.
    AskApproval(AskApproval),
    /// The second person's word.
    SettleApproval(SettleApproval),
    /// Something is wrong, or no more.
    NoteIncident(NoteIncident),
    /// Nothing goes to an agency, or it does again.
    SetSwitch(SetSwitch),
    /// Somebody looks into a case that is none of its agency's.
    OpenGlass(OpenGlass),
    /// Another person has looked at that.
    ReviewGlass(ReviewGlass),
    /// An ordered erasure goes on.
    MoveErasure(MoveErasure),
    /// An agency's copy of an erased case is gone.
    AcknowledgeErasure(AcknowledgeErasure),
    /// The hub goes by a retention schedule.
    NoteSchedule(NoteSchedule),
    /// The time of a case is over, and its owner is told.
    TellDue(TellDue),
    /// Somebody is told of something.
    Notice(Vec<Noticed>),
    /// A row of a register whose time is over.
    Lapse(RegisterKey),
    /// A look.
    Read(ReadEntry),
    /// A refusal of a known caller.
    Refused(RefusedEntry),
    /// A turn of a session.
    Session(SessionMoved),
    /// A count of everything.
    Counted(Counted),
    /// The ledger is not what somebody saw of it.
    SuspectLedger(SuspectLedger),
    /// What two people lifted is there no more: the same found again is another suspicion.
    FaultGone(Code),
    /// The ledger goes on under another origin.
    BeginEpoch(BeginEpoch),
}

/// A request and the referrals it makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submit {
    /// The parent.
    pub request: RequestId,
    /// The case, new or known.
    pub case: CaseId,
    /// Is the case new?
    pub open_case: bool,
    /// The sender.
    pub from: AgencyCode,
    /// How urgent.
    pub priority: Priority,
    /// What for: part of what policies and masks are asked about.
    pub purpose: Code,
    /// On what basis: consent, best interests, statute.
    pub basis: Code,
    /// The policies could not be asked (an error, not a no): sealed, shown to nobody, until a person
    /// releases it.
    pub held: bool,
    /// One referral each.
    pub recipients: Vec<Recipient>,
    /// The sealed body.
    pub object: ObjectId,
    /// The rejected or failed referral that this one replaces.
    pub replaces: Option<ReferralId>,
    /// What is not said in most requests.
    pub terms: Terms,
}

/// Terms of a request that most do without.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// Written, and shown to nobody until its writer sends it.
    pub draft: bool,
    /// Did the sender's agency sign it?
    pub signed: bool,
    /// What the request is for.
    pub intent: Intent,
    /// The request for a case that this transfer answers.
    pub answers: Option<ReferralId>,
    /// When the consent was given, where that was said.
    pub consent_given: Option<Timestamp>,
    /// When it ends, where that was said.
    pub consent_until: Option<Timestamp>,
}

/// One recipient, already routed by mandate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The new referral.
    pub referral: ReferralId,
    /// The message on its way.
    pub delivery: DeliveryId,
    /// The receiver.
    pub to: AgencyCode,
    /// Whom the sender addressed, where that is another.
    pub addressed: Option<AgencyCode>,
    /// The mandate that routed it.
    pub mandate: Option<Code>,
    /// What is asked for.
    pub service: Code,
}

/// A step of a referral.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Which referral.
    pub referral: ReferralId,
    /// Who takes it.
    pub agency: AgencyCode,
    /// Which step.
    pub step: MessageKind,
    /// The version the caller saw (`If-Match`).
    pub expected_version: Option<u64>,
    /// Coded reason, outcome, question or step.
    pub reason: Option<Code>,
    /// For an outcome: did the service fail?
    pub failed: bool,
    /// For a rejection: whom the refuser proposes.
    pub suggested: Option<AgencyCode>,
    /// The message that tells the other side.
    pub told: Told,
    /// For a cancellation: the delivery that carries the request. While nobody was shown it, it is withdrawn.
    pub carried: Option<DeliveryId>,
    /// What most steps do without.
    pub more: More,
}

/// What a step brings that most do without.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct More {
    /// Of a hold: when the day is over on which the receiver looks again.
    pub review: Option<Timestamp>,
    /// Of an accepted transfer, and of a draft that is sent: the case that moves with it.
    pub case: Option<CaseId>,
}

/// Ids drawn for the message that tells the other side of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// Its delivery.
    pub delivery: DeliveryId,
    /// Its sealed body.
    pub object: ObjectId,
}

/// A delivery that an entry creates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewDelivery {
    /// Its id.
    pub delivery: DeliveryId,
    /// To whom.
    pub to: AgencyCode,
}
