//! The life of a referral to one agency, in FHIR Task states: who may take which step when, who is
//! responsible after it, and which clocks it starts and stops. One table of rules serves `decide`, the list
//! of next actions and the refusals.
//!
//! Where `ops/docs` or a page shows a state, it comes from here. A hold of any kind may end by the receiver's
//! next step; one for information may also end by the sender's answer.

mod created;
mod steps;
mod void;

use serde::{Deserialize, Serialize};

use crate::{
    AgencyCode, CaseId, Clock, ClockKind, Code, Intent, MessageKind, ObjectId, Priority, ReferralId, Refusal,
    RequestId, State, Timestamp,
};

pub(crate) use created::{apply_created, apply_delivery, apply_drafted, apply_requested, submit};
pub(crate) use steps::{answer, apply_moved, called_back, resumed};
pub(crate) use void::{may_void, undelivered, void};

/// FHIR R4 `Task.status`, as far as this hub uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Written and not sent.
    Draft,
    /// Sent; nobody at the receiver has opened it.
    Requested,
    /// An identified officer opened it.
    Received,
    /// The receiver is responsible.
    Accepted,
    /// Declined with a reason.
    Rejected,
    /// Being worked.
    InProgress,
    /// Paused with a reason.
    OnHold,
    /// Served, with a coded outcome.
    Completed,
    /// Not served, with a coded outcome.
    Failed,
    /// Called off by its sender, or expired because nobody answered.
    Cancelled,
    /// Should never have been: two people of its sender said so.
    EnteredInError,
}

impl Status {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Requested => "requested",
            Self::Received => "received",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::InProgress => "in-progress",
            Self::OnHold => "on-hold",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::EnteredInError => "entered-in-error",
        }
    }
    /// No further service will come of it.
    #[must_use]
    pub const fn terminal(self) -> bool {
        use Status::{Cancelled, Completed, EnteredInError, Failed, Rejected};
        matches!(self, Rejected | Completed | Failed | Cancelled | EnteredInError)
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One referral.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referral {
    /// Its id.
    pub id: ReferralId,
    /// The request it came with.
    pub request: RequestId,
    /// The child's case.
    pub case: CaseId,
    /// The sender.
    pub from: AgencyCode,
    /// The receiver.
    pub to: AgencyCode,
    /// Whom the sender addressed, where the mandate had moved to another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub addressed: Option<AgencyCode>,
    /// What is asked for.
    pub service: Code,
    /// How urgent.
    pub priority: Priority,
    /// What for.
    pub purpose: Code,
    /// On what basis.
    pub basis: Code,
    /// Where it stands.
    pub status: Status,
    /// Where it goes back to after a hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Status>,
    /// Who is responsible; nobody once closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<AgencyCode>,
    /// Why it stands so, coded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Code>,
    /// Whom the refuser proposed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggested: Option<AgencyCode>,
    /// Running and paused clocks.
    pub clocks: Vec<Clock>,
    /// Counts the steps; the ETag.
    pub version: u64,
    /// When it was requested.
    pub requested: Timestamp,
    /// When its last step was taken.
    pub moved: Timestamp,
    /// The request that replaced it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<RequestId>,
    /// Why its sender asks to call it off, while the receiver has not answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel: Option<Code>,
    /// The sealed body of one that was written and not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<ObjectId>,
    /// Did its sender's agency sign the message?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub signed: bool,
    /// What the request is for.
    #[serde(default, skip_serializing_if = "Intent::is_refer")]
    pub intent: Intent,
    /// When the consent ends that it rests on, where that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent_until: Option<Timestamp>,
    /// When consent was taken back, whatever it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Timestamp>,
    /// What the receiver said to that: `ceased`, or the ground on which it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ceased: Option<Code>,
}

impl Referral {
    /// Terminal, and the clock that its ending started has stopped.
    #[must_use]
    pub fn closed(&self) -> bool {
        self.status.terminal() && self.clocks.is_empty()
    }
    /// Is this agency its sender or receiver?
    #[must_use]
    pub fn has_party(&self, agency: &AgencyCode) -> bool {
        self.from == *agency || self.to == *agency
    }
    pub(crate) fn runs(&self, kind: ClockKind) -> bool {
        self.clocks.iter().any(|clock| clock.kind == kind)
    }
    /// The state that counts for what may follow: during a hold, the one it will go back to.
    pub(crate) fn standing(&self) -> Status {
        if self.status == Status::OnHold { self.previous.unwrap_or(Status::Received) } else { self.status }
    }
    fn awaits_information(&self) -> bool {
        self.status == Status::OnHold && self.runs(ClockKind::Answer)
    }
}

/// What is happening, where the status does not say it (FHIR Task `businessStatus`): a cancellation that
/// waits for its answer, the reason of a pause, the newest step of the work.
#[must_use]
pub fn business_status(referral: &Referral) -> Option<&str> {
    match referral.status {
        _ if referral.runs(ClockKind::CancelConfirm) => Some("cancellation-requested"),
        Status::OnHold | Status::InProgress => referral.reason.as_ref().map(Code::as_str),
        _ if referral.revoked.is_some() && !referral.status.terminal() => Some("consent-revoked"),
        _ => None,
    }
}

/// Something a caller may do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NextAction {
    /// The last path segment of `POST /v1/referrals/{id}/{action}`.
    pub action: &'static str,
    /// The schema its body follows.
    pub schema: String,
    /// It happens once a second person has said yes.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub needs_approval: bool,
}

/// The one rule: may this agency take this step now?
fn allowed(referral: &Referral, agency: &AgencyCode, step: MessageKind) -> bool {
    use MessageKind as M;
    let receiver = referral.to == *agency;
    let sender = referral.from == *agency;
    let standing = referral.standing();
    let undecided = matches!(standing, Status::Requested | Status::Received);
    let working = matches!(standing, Status::Accepted | Status::InProgress);
    let open = undecided || working;
    let cancelling = referral.runs(ClockKind::CancelConfirm);
    if !referral.intent.has(step) {
        return false;
    }
    match step {
        M::Received => receiver && referral.status == Status::Requested,
        M::Accept => receiver && undecided && !cancelling,
        M::Reject => receiver && undecided,
        M::Hold => receiver && open && referral.status != Status::OnHold && !cancelling,
        M::Resume => receiver && referral.status == Status::OnHold,
        M::Progress | M::Outcome => receiver && working,
        M::Information => sender && referral.awaits_information(),
        M::Send => sender && referral.status == Status::Draft,
        M::Close => sender && (referral.status == Status::Draft || referral.runs(ClockKind::Reroute)),
        M::Feedback => sender && referral.runs(ClockKind::Feedback),
        M::CancelRequest => sender && open && !cancelling,
        M::CancelConfirm | M::CancelRefuse => receiver && cancelling,
        M::Void => sender && referral.status != Status::EnteredInError && referral.draft.is_none(),
        M::Purged => receiver && referral.runs(ClockKind::Purge),
        M::Cease => receiver && referral.awaits_cease(),
        M::Request | M::Overdue | M::ConsentRevoked | M::IdentityCheck | M::IdentityResult => false,
    }
}

fn allowed_steps(referral: &Referral, agency: &AgencyCode) -> Vec<MessageKind> {
    MessageKind::ALL.iter().copied().filter(|step| allowed(referral, agency, *step)).collect()
}

/// What this agency may do next with a referral.
#[must_use]
pub fn next_actions(referral: &Referral, agency: &AgencyCode) -> Vec<NextAction> {
    let action = |step: MessageKind| NextAction {
        action: step.action(),
        schema: format!("{step}/v1"),
        needs_approval: step == MessageKind::Void,
    };
    allowed_steps(referral, agency).into_iter().map(action).collect()
}

/// May this agency's new request replace the referral? Only its sender's, while the reroute clock runs.
#[must_use]
pub fn may_close(referral: &Referral, agency: &AgencyCode) -> bool {
    referral.runs(ClockKind::Reroute) && allowed(referral, agency, MessageKind::Close)
}

/// A case that is new must not exist; one that is named must exist and be the sender's.
pub(crate) fn check_case(
    state: &State,
    case: CaseId,
    open: bool,
    agency: &AgencyCode,
) -> Result<(), Refusal> {
    match (state.cases.get(&case), open) {
        (None, true) => Ok(()),
        (Some(_), true) => Err(Refusal::IdTaken),
        (Some(held), false) if held.parties.contains(agency) => {
            if held.erased.is_none() {
                Ok(())
            } else {
                Err(Refusal::Erased)
            }
        }
        (_, false) => Err(Refusal::NotFound),
    }
}
