//! The life of one message to one agency: queued, sent (an attempt is counted before the call), then
//! delivered, refused, waiting for a retry, or resting with an owner and a clock. Names after AS4 and ETSI
//! REM. What an agency decided is the referral's life.

use serde::{Deserialize, Serialize};

use crate::{
    AgencyCode, CaseId, Categories, Clock, ClockChange, ClockKind, Code, DeliveryId, Digest, Event, Mapped,
    MessageKind, ObjectId, Priority, ReferralId, Refusal, Rules, State, Timestamp, last_try,
};

/// Where a delivery stands. All but the last five count as in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryStatus {
    /// To be sent, or to be fetched by an agency that pulls.
    Queued,
    /// The policies could not be asked at intake; a person looks first.
    Held,
    /// An attempt runs, or its worker died; it will end in an entry.
    Sent,
    /// A transient failure; the next attempt is planned.
    WaitingForRetry,
    /// The agency's system confirmed receipt.
    Delivered,
    /// The agency's system, or policy at hand-over, said no.
    Refused,
    /// A dead letter: it has an owner, a reason and a running clock.
    Undeliverable,
    /// A dead letter of another kind: nobody took it before its life was over.
    Expired,
    /// Called back before anybody was shown it, or a dead letter that two people gave up.
    Withdrawn,
}

impl DeliveryStatus {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Held => "held",
            Self::Sent => "sent",
            Self::WaitingForRetry => "waiting-for-retry",
            Self::Delivered => "delivered",
            Self::Refused => "refused",
            Self::Undeliverable => "undeliverable",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
        }
    }
    /// Still moving?
    #[must_use]
    pub const fn in_flight(self) -> bool {
        matches!(self, Self::Queued | Self::Held | Self::Sent | Self::WaitingForRetry)
    }
    /// Does it rest with a person who has to settle it?
    #[must_use]
    pub const fn is_dead(self) -> bool {
        matches!(self, Self::Undeliverable | Self::Expired)
    }
}

/// One message to one agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its id; also what the agency dedupes by.
    pub id: DeliveryId,
    /// The referral it belongs to.
    pub referral: ReferralId,
    /// The child's case.
    pub case: CaseId,
    /// What is carried.
    pub message: MessageKind,
    /// Whose message.
    pub from: AgencyCode,
    /// To whom.
    pub to: AgencyCode,
    /// The sealed body.
    pub object: ObjectId,
    /// How urgent, from the referral.
    pub priority: Priority,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// Attempts counted so far.
    pub attempts: u32,
    /// Why it stands so, coded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Code>,
    /// Who has to settle a dead letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<AgencyCode>,
    /// The dead letter's clock.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<Clock>,
    /// When it was made.
    pub created: Timestamp,
    /// When a person last sent it on its way again: its life counts from then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewed: Option<Timestamp>,
    /// Attempts since then whose worker was lost or panicked.
    #[serde(default, skip_serializing_if = "is_none_lost")]
    pub lost: u8,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
const fn is_none_lost(lost: &u8) -> bool {
    *lost == 0
}

/// A step of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryStep {
    /// An attempt was claimed and counted; the call follows.
    Sent,
    /// The agency's system confirmed.
    Delivered,
    /// It failed for now.
    Retry,
    /// The agency's system or policy said no.
    Refused,
    /// It rests as a dead letter.
    Undeliverable,
    /// It failed for now, and there is no later: it rests as a dead letter.
    Expired,
    /// A person sent it on its way again.
    Replayed,
    /// A person settled an unknown outcome.
    Resolved,
    /// Its sender called the referral off before anybody was shown it.
    Withdrawn,
    /// Two people settled that this dead letter will never be sent.
    Discarded,
}

/// What an entry says of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryMoved {
    /// The delivery.
    pub delivery: DeliveryId,
    /// The step.
    pub step: DeliveryStep,
    /// The state after it.
    pub status: DeliveryStatus,
    /// Which attempt.
    pub attempt: u32,
    /// Coded reason or error class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Code>,
    /// Who has to settle it, if anybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<AgencyCode>,
    /// Categories shown with this attempt.
    #[serde(default, skip_serializing_if = "Categories::is_empty")]
    pub shown: Categories,
    /// Of these, those shown less exactly than they were sent: coarser, or as a word in their place.
    #[serde(default, skip_serializing_if = "Categories::is_empty")]
    pub reduced: Categories,
    /// Categories the message had and the recipient did not get.
    #[serde(default, skip_serializing_if = "Categories::is_empty")]
    pub withheld: Categories,
    /// SHA-256 of the agency's answer, first 32 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Digest>,
    /// Clocks started or stopped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<ClockChange>,
    /// From when its life counts anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewed: Option<Timestamp>,
    /// Attempts whose worker was lost or panicked, so far.
    #[serde(default, skip_serializing_if = "is_none_lost")]
    pub lost: u8,
    /// What made the agency's form of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapped: Option<Mapped>,
}

/// Claims the next attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Which delivery.
    pub delivery: DeliveryId,
    /// The referral whose version the permit saw; none without a permit, where nothing is shown.
    pub referral: Option<ReferralId>,
    /// Which attempt the claimant prepared: the next one, or somebody was faster.
    pub attempt: u32,
    /// Categories that will be shown.
    pub shown: Categories,
    /// Of these, those that will be shown less exactly.
    pub reduced: Categories,
    /// Categories that will not.
    pub withheld: Categories,
    /// What makes the agency's form of it; nothing where nothing is sent.
    pub mapped: Option<Mapped>,
}

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Which delivery.
    pub delivery: DeliveryId,
    /// Which attempt; another one's outcome is refused.
    pub attempt: u32,
    /// `Delivered`, `Retry`, `Refused` or `Undeliverable`.
    pub step: DeliveryStep,
    /// Coded reason or error class.
    pub reason: Option<Code>,
    /// Digest of the agency's answer.
    pub evidence: Option<Digest>,
}

/// Sends a dead letter, or a message held at intake, on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// Which delivery.
    pub delivery: DeliveryId,
}

/// Settles a dead letter whose outcome is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolve {
    /// Which delivery.
    pub delivery: DeliveryId,
    /// What a person found out.
    pub resolution: Resolution,
    /// How, coded.
    pub reason: Code,
}

/// What a person found out about an unknown outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resolution {
    /// The agency has it: finished.
    Delivered,
    /// The agency does not have it: sent again.
    NotDelivered,
}

/// The reason of a dead letter whose outcome nobody knows.
const OUTCOME_UNKNOWN: &str = "outcome-unknown";
/// The reason of a delivery that was held at intake.
const POLICY_ERROR: &str = "policy-error";

pub(crate) fn moved(held: &Delivery, step: DeliveryStep, status: DeliveryStatus) -> DeliveryMoved {
    DeliveryMoved {
        delivery: held.id,
        step,
        status,
        attempt: held.attempts,
        reason: None,
        owner: None,
        shown: Categories::new(),
        reduced: Categories::new(),
        withheld: Categories::new(),
        evidence: None,
        clocks: Vec::new(),
        renewed: None,
        lost: held.lost,
        mapped: None,
    }
}

pub(crate) fn find(state: &State, id: DeliveryId) -> Result<&Delivery, Refusal> {
    state.deliveries.get(&id).ok_or(Refusal::NotFound)
}

pub(crate) fn attempt(state: &State, asked: &Attempt) -> Result<Vec<Event>, Refusal> {
    let held = find(state, asked.delivery)?;
    let waits = matches!(held.status, DeliveryStatus::Queued | DeliveryStatus::WaitingForRetry);
    // A claimant that read an older state would call, and retry, under a wrong number.
    if !waits || asked.attempt != held.attempts.saturating_add(1) {
        return Err(Refusal::DeliveryMoved);
    }
    let mut event = moved(held, DeliveryStep::Sent, DeliveryStatus::Sent);
    event.attempt = asked.attempt;
    event.shown.clone_from(&asked.shown);
    event.reduced.clone_from(&asked.reduced);
    event.withheld.clone_from(&asked.withheld);
    event.mapped.clone_from(&asked.mapped);
    Ok(vec![Event::Delivery(event)])
}

/// The running attempt's outcome counts; of an earlier one only good news: the agency has it after all.
fn counts(held: &Delivery, found: &Outcome) -> bool {
    let running = held.status == DeliveryStatus::Sent && held.attempts == found.attempt;
    let open = held.status.in_flight() || held.status.is_dead();
    let late = found.step == DeliveryStep::Delivered && (1..=held.attempts).contains(&found.attempt);
    running || (open && late)
}

pub(crate) fn outcome(
    state: &State,
    found: &Outcome,
    rules: &Rules,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let held = find(state, found.delivery)?;
    if !counts(held, found) {
        return Err(Refusal::DeliveryMoved);
    }
    let status = match found.step {
        DeliveryStep::Delivered => DeliveryStatus::Delivered,
        DeliveryStep::Retry => DeliveryStatus::WaitingForRetry,
        DeliveryStep::Refused => DeliveryStatus::Refused,
        DeliveryStep::Undeliverable => DeliveryStatus::Undeliverable,
        DeliveryStep::Sent
        | DeliveryStep::Expired
        | DeliveryStep::Replayed
        | DeliveryStep::Resolved
        | DeliveryStep::Withdrawn
        | DeliveryStep::Discarded => return Err(Refusal::DeliveryMoved),
    };
    let mut event = moved(held, found.step, status);
    event.reason.clone_from(&found.reason);
    if status == DeliveryStatus::WaitingForRetry {
        last_try::weigh(held, &mut event, rules, now);
    }
    event.evidence.clone_from(&found.evidence);
    event.clocks.extend(held.clocks.iter().map(|clock| ClockChange::Stop { clock: clock.kind }));
    if event.status.is_dead() {
        event.owner = Some(settler(held));
        let due = rules.due(ClockKind::DeadLetter, held.priority, now);
        event.clocks.extend(due.map(|due| ClockChange::Start { clock: ClockKind::DeadLetter, due }));
    }
    Ok(vec![Event::Delivery(event)])
}

/// Who has to settle a dead letter: its sender. Notices of overdue clocks are the hub's own.
fn settler(held: &Delivery) -> AgencyCode {
    if held.message == MessageKind::Overdue { AgencyCode::hub() } else { held.from.clone() }
}

pub(crate) fn replay(state: &State, asked: &Replay, now: Timestamp) -> Result<Vec<Event>, Refusal> {
    let held = find(state, asked.delivery)?;
    if !held.status.is_dead() && held.status != DeliveryStatus::Held {
        return Err(Refusal::DeliveryMoved);
    }
    if held.reason.as_ref().is_some_and(|reason| reason.as_str() == OUTCOME_UNKNOWN) {
        return Err(Refusal::OutcomeUnknown);
    }
    Ok(vec![Event::Delivery(requeued(held, DeliveryStep::Replayed, now))])
}

pub(crate) fn resolve(state: &State, asked: &Resolve, now: Timestamp) -> Result<Vec<Event>, Refusal> {
    let held = find(state, asked.delivery)?;
    if !held.status.is_dead() {
        return Err(Refusal::DeliveryMoved);
    }
    let mut event = requeued(held, DeliveryStep::Resolved, now);
    if asked.resolution == Resolution::Delivered {
        event.status = DeliveryStatus::Delivered;
        event.renewed = None;
    }
    event.reason = Some(asked.reason.clone());
    Ok(vec![Event::Delivery(event)])
}

/// Was it never shown to anybody, and can it still be called back? An attempt counts as shown, whatever came
/// of it.
pub(crate) const fn withdrawable(held: &Delivery) -> bool {
    held.attempts == 0 && held.status.in_flight()
}

pub(crate) const fn was_shown(held: &Delivery) -> bool {
    held.attempts > 0
}

/// A person sends it on its way: its life and its losses begin anew.
fn requeued(held: &Delivery, step: DeliveryStep, now: Timestamp) -> DeliveryMoved {
    let mut event = moved(held, step, DeliveryStatus::Queued);
    event.clocks.push(ClockChange::Stop { clock: ClockKind::DeadLetter });
    (event.renewed, event.lost) = (Some(now), 0);
    event
}

/// Keeps a new delivery back; its sender owns it until a person releases it.
pub(crate) fn hold(state: &mut State, id: DeliveryId) {
    if let Some(held) = state.deliveries.get_mut(&id) {
        held.status = DeliveryStatus::Held;
        held.reason = POLICY_ERROR.parse().ok();
        held.owner = Some(held.from.clone());
    }
}

pub(crate) fn apply(state: &mut State, event: &DeliveryMoved, at: Timestamp) {
    if let Some(held) = state.deliveries.get_mut(&event.delivery) {
        held.status = event.status;
        held.attempts = event.attempt;
        held.reason.clone_from(&event.reason);
        held.owner.clone_from(&event.owner);
        held.renewed = event.renewed.or(held.renewed);
        held.lost = event.lost;
        for change in &event.clocks {
            crate::clock::change(&mut held.clocks, *change, at);
        }
    }
}
