//! A party looks at a case: its spoken reference and those of its referrals that the party sent or received.
//! No message is shown here.

use casework::{
    AgencyCode, Caller, Case, CaseId, CaseReference, Code, Event, Notice, Noticed, Referral, ReferralId, Role,
};
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
    /// For whoever is responsible for the case: what its agency was told of looks from outside, oldest
    /// first. Who looked at all stands elsewhere ([`Hub::looks_at_case`]).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<NoticeView>,
}

/// A notice: somebody looked into a case from outside, and its owner was told.
#[derive(Debug, Clone, Serialize)]
pub struct NoticeView {
    /// Its entry in the ledger.
    pub entry: u64,
    /// When, RFC 3339.
    pub at: String,
    /// What kind of look.
    pub what: Notice,
    /// Which agency.
    pub by: AgencyCode,
    /// In what role.
    pub by_role: Code,
    /// The identity check, or the broken glass, by its id.
    pub about: String,
}

impl Hub {
    /// One case.
    ///
    /// # Errors
    /// `not-found` for anyone who is not a party.
    pub async fn show_case(&self, caller: &Caller, id: CaseId) -> Result<CaseView, HubError> {
        let (case, mine) = self.case_known_to(caller, id).await?.ok_or_else(not_found)?;
        self.permit(&ask(caller, Act::ReadCase, None))?;
        let waits = mine.iter().filter(|held| held.awaits_cease());
        Ok(CaseView {
            id,
            reference: CaseReference::of(id).to_string(),
            owner: case.owner().clone(),
            opened_at: case.opened_at.to_string(),
            outstanding_ceases: waits.map(|held| held.id).collect(),
            referrals: mine.iter().map(|held| self.view(held)).collect(),
            notices: if *case.owner() == caller.agency {
                self.notices_of(caller, id).await?
            } else {
                Vec::new()
            },
        })
    }

    /// A case that the caller's agency may know of, and those of its referrals that it may know of: whoever
    /// opened the case, and whoever sent one or was shown that there is one. To a party whose only referral
    /// is held, or was called back before anybody saw it, there is no such case, whatever it asks for.
    pub(crate) async fn case_known_to(
        &self,
        caller: &Caller,
        id: CaseId,
    ) -> Result<Option<(Case, Vec<Referral>)>, HubError> {
        let Some(case) = self.store.case_of_party(id, &caller.agency).await? else { return Ok(None) };
        let referrals = self.store.referrals_of_case(id).await?;
        let mine = self.known_of(caller, referrals).await?;
        let knows = case.opened_by == caller.agency || !mine.is_empty();
        Ok(knows.then_some((case, mine)))
    }

    /// What the caller's agency was told of looks into the case; nothing that is for some of its people
    /// alone.
    async fn notices_of(&self, caller: &Caller, id: CaseId) -> Result<Vec<NoticeView>, HubError> {
        let mut notices = Vec::new();
        for found in self.store.case_history(id).await? {
            let Event::Noticed(told) = found.entry.event else { continue };
            // A look is told to several; once is enough here.
            if told.whom == caller.agency && told.role == Role::Supervisor {
                let (entry, at) = (found.index, found.entry.at.to_string());
                let Noticed { what, by, by_role, about, .. } = told;
                notices.push(NoticeView { entry, at, what, by, by_role, about });
            }
        }
        Ok(notices)
    }
}
