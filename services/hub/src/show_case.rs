//! A party looks at a case: its spoken reference and those of its referrals that the party sent or received.
//! No message is shown here.

use casework::{AgencyCode, Caller, CaseId, CaseReference, ReferralId};
use policies::Act;
use serde::Serialize;

use crate::error::not_found;
use crate::permits::ask;
use crate::{Hub, HubError, ReferralView};

/// A case as one party sees it.
#[derive(Debug, Clone, Serialize)]
pub struct CaseView {
    /// Its id.
    pub id: CaseId,
    /// Its spoken reference.
    pub reference: String,
    /// Who is responsible for it: whoever opened it, until another accepted a transfer.
    pub owner: AgencyCode,
    /// When it was opened, RFC 3339.
    pub opened_at: String,
    /// Referrals whose receiver still has to say that it has ceased, since consent was taken back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outstanding_ceases: Vec<ReferralId>,
    /// The caller's referrals of it.
    pub referrals: Vec<ReferralView>,
}

impl Hub {
    /// One case.
    ///
    /// # Errors
    /// `not-found` for anyone who is not a party.
    pub async fn show_case(&self, caller: &Caller, id: CaseId) -> Result<CaseView, HubError> {
        let found = self.store.case(id).await?;
        let case = found.filter(|case| case.parties.contains(&caller.agency)).ok_or_else(not_found)?;
        self.permit(&ask(caller, Act::ReadCase, None))?;
        let referrals = self.store.referrals_of_case(id).await?;
        let waits = referrals.iter().filter(|held| held.has_party(&caller.agency) && held.awaits_cease());
        let outstanding_ceases = waits.map(|held| held.id).collect();
        let mine = self.views(caller, &referrals).await?;
        if mine.is_empty() && case.opened_by != caller.agency {
            return Err(not_found());
        }
        Ok(CaseView {
            id,
            reference: CaseReference::of(id).to_string(),
            owner: case.owner().clone(),
            opened_at: case.opened_at.to_string(),
            outstanding_ceases,
            referrals: mine,
        })
    }
}
