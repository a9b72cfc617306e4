//! A sender looks at one request: where each of its referrals stands, and where the whole stands. No message
//! is opened, so no look is entered (lists without personal data need none).

use casework::{Caller, RequestId, RequestStatus};
use policies::Act;
use serde::Serialize;

use crate::error::not_found;
use crate::permits::ask;
use crate::{Hub, HubError, ReferralView};

/// A request and its referrals.
#[derive(Debug, Clone, Serialize)]
pub struct RequestView {
    /// Its id.
    pub id: RequestId,
    /// Where it stands, derived from its referrals.
    pub status: RequestStatus,
    /// One for each recipient.
    pub referrals: Vec<ReferralView>,
}

impl Hub {
    /// One request of the caller's agency.
    ///
    /// # Errors
    /// `not-found` for anyone but its sender: a recipient is not told who else was asked.
    pub async fn show_request(&self, caller: &Caller, id: RequestId) -> Result<RequestView, HubError> {
        self.permit(&ask(caller, Act::ReadReferral, None))?;
        let referrals = self.store.referrals_of_request(id, &caller.agency).await?;
        let status = casework::request_status(&referrals).ok_or_else(not_found)?;
        Ok(RequestView { id, status, referrals: referrals.iter().map(|held| self.view(held)).collect() })
    }
}
