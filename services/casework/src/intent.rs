//! What a request is for: to serve a child, to take responsibility for its case over, to ask for that, or to
//! tell what a statute says has to be told. The same life for all; what differs is which steps there are and
//! what accepting means.

use serde::{Deserialize, Serialize};

use crate::{
    AgencyCode, Case, Effect, MessageKind, Moved, Referral, Refusal, Rung, State, Status, Submit, Whom,
    consent,
};

/// Why a request for a case is over: the case is offered.
const TRANSFER_OFFERED: &str = "transfer-offered";
/// The one ground of a notification.
const STATUTORY: &str = "statutory";
/// Why a notification is over: an officer has opened it.
pub(crate) const ACKNOWLEDGED: &str = "acknowledged";

/// What a request is for (`codelists/intents.csv`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Intent {
    /// Serve the child; its case stays where it is.
    #[default]
    Refer,
    /// Take the case over: its responsibility moves when the receiver accepts, and not before.
    Transfer,
    /// Asks whoever has the case to hand it over.
    TransferRequest,
    /// Tells what a statute says has to be told: nobody can accept or decline it.
    Notify,
}

impl Intent {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refer => "refer",
            Self::Transfer => "transfer",
            Self::TransferRequest => "transfer-request",
            Self::Notify => "notify",
        }
    }
    /// Is it what most requests are for?
    #[must_use]
    pub const fn is_refer(&self) -> bool {
        matches!(self, Self::Refer)
    }
    /// Can its receiver take the step?
    pub(crate) fn has(self, step: MessageKind) -> bool {
        use MessageKind as M;
        match self {
            Self::Refer | Self::Transfer => true,
            Self::TransferRequest => step != M::Accept,
            Self::Notify => !matches!(step, M::Accept | M::Reject | M::Hold | M::CancelRequest),
        }
    }
}

impl Case {
    /// Who is responsible for the case: whoever opened it, until another accepts a transfer.
    #[must_use]
    pub fn owner(&self) -> &AgencyCode {
        self.owner.as_ref().unwrap_or(&self.opened_by)
    }
}

/// Only who has a case can hand it over, and only it can be asked to; and nobody is told but by a statute.
pub(crate) fn check(state: &State, asked: &Submit) -> Result<(), Refusal> {
    if asked.terms.intent == Intent::Notify && asked.basis.as_str() != STATUTORY {
        return Err(Refusal::ReasonMissing { step: MessageKind::Request });
    }
    let case = state.cases.get(&asked.case);
    let owner = case.map_or(&asked.from, Case::owner);
    let fits = match asked.terms.intent {
        Intent::Refer | Intent::Notify => true,
        Intent::Transfer => *owner == asked.from,
        Intent::TransferRequest => {
            *owner != asked.from && asked.recipients.iter().all(|recipient| recipient.to == *owner)
        }
    };
    if fits { Ok(()) } else { Err(Refusal::NotOwner) }
}

/// The end of the request for a case that this transfer answers.
pub(crate) fn answered(state: &State, asked: &Submit) -> Result<Option<Moved>, Refusal> {
    let Some(id) = asked.terms.answers else { return Ok(None) };
    let held = state.referrals.get(&id).filter(|held| answers(asked, held)).ok_or(Refusal::NotFound)?;
    if held.status.terminal() {
        let (step, status) = (MessageKind::Outcome, held.status);
        return Err(Refusal::InvalidTransition { step, status, allowed: Vec::new() });
    }
    Ok(Some(Moved {
        referral: id,
        step: MessageKind::Outcome,
        version: held.version.saturating_add(1),
        status: Status::Completed,
        owner: held.awaits_cease().then(|| held.from.clone()),
        reason: TRANSFER_OFFERED.parse().ok(),
        previous: None,
        suggested: None,
        clocks: consent::ending(held).collect(),
        object: None,
        delivery: None,
        replaced_by: Some(asked.request),
        case: None,
    }))
}

/// A transfer of the case that was asked for, to whoever asked for it.
fn answers(asked: &Submit, held: &Referral) -> bool {
    asked.terms.intent == Intent::Transfer
        && held.intent == Intent::TransferRequest
        && held.case == asked.case
        && held.to == asked.from
        && asked.recipients.iter().all(|recipient| recipient.to == held.from)
}

/// May this transfer still be accepted? Not once the case has gone to another.
pub(crate) fn may_take_over(state: &State, held: &Referral) -> Result<(), Refusal> {
    let case = state.cases.get(&held.case).ok_or(Refusal::NotFound)?;
    if *case.owner() == held.from { Ok(()) } else { Err(Refusal::NotOwner) }
}

/// A rung as it is for this referral: what a statute says has to be told does not expire, it reaches the hub.
#[must_use]
pub fn rung_for(rung: &Rung, referral: &Referral) -> Rung {
    let mut rung = rung.clone();
    if referral.intent == Intent::Notify && rung.effect == Effect::Expire {
        (rung.whom, rung.effect) = (Whom::Hub, Effect::Tell);
    }
    rung
}
