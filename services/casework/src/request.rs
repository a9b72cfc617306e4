//! Where a request stands, which has one referral for each recipient: derived from them, never kept. States
//! of a FHIR `ServiceRequest`.

use serde::Serialize;

use crate::{ClockKind, Referral, Status};

/// FHIR R4 `ServiceRequest.status`, as far as it can be derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestStatus {
    /// Somebody serves the child, or has to refer it elsewhere.
    Active,
    /// All that is open is on hold.
    OnHold,
    /// Nothing is open, and at least one agency served the child.
    Completed,
    /// Nothing is open, and nobody served the child.
    Revoked,
}

/// Where the request stands whose referrals these are; `None` where there are none.
#[must_use]
pub fn request_status<'a>(referrals: impl IntoIterator<Item = &'a Referral>) -> Option<RequestStatus> {
    let all: Vec<&Referral> = referrals.into_iter().collect();
    let rerouting = |held: &Referral| held.clocks.iter().any(|clock| clock.kind == ClockKind::Reroute);
    let mut open = all.iter().filter(|held| !held.status.terminal() || rerouting(held)).peekable();
    if open.peek().is_some() {
        let held = open.all(|one| one.status == Status::OnHold);
        return Some(if held { RequestStatus::OnHold } else { RequestStatus::Active });
    }
    let served = all.iter().any(|held| held.status == Status::Completed);
    let ended = if served { RequestStatus::Completed } else { RequestStatus::Revoked };
    (!all.is_empty()).then_some(ended)
}
