//! Reads of what one agency is a party to. The party is part of the question to the database, so what is
//! another's takes the very work of what is nobody's: the same statement, no row, nothing to parse.

use casework::{AgencyCode, Case, CaseId, Referral, ReferralId, RequestId};

use crate::engine::query;
use crate::load::{parse_all, parse_some};
use crate::{Store, StoreError};

impl Store {
    /// A case that the agency is a party to. What is another's takes the very work of what is nobody's.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn case_of_party(&self, id: CaseId, agency: &AgencyCode) -> Result<Option<Case>, StoreError> {
        let agency = agency.clone();
        self.reading(move |conn| {
            let found = query!(conn, read::case_state_naming(&id.to_string(), agency.as_str()))?;
            let found: Option<Case> = parse_some(found)?;
            Ok(found.filter(|case| case.parties.contains(&agency)))
        })
        .await
    }

    /// A referral that the agency sent or received. What is another's takes the very work of what is
    /// nobody's.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn referral_of_party(
        &self,
        id: ReferralId,
        agency: &AgencyCode,
    ) -> Result<Option<Referral>, StoreError> {
        let agency = agency.clone();
        self.reading(move |conn| {
            let found = query!(conn, read::referral_state_of_party(&id.to_string(), agency.as_str()))?;
            let found: Option<Referral> = parse_some(found)?;
            Ok(found.filter(|referral| referral.has_party(&agency)))
        })
        .await
    }

    /// The referrals of a request that the agency sent.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn referrals_of_request(
        &self,
        request: RequestId,
        from: &AgencyCode,
    ) -> Result<Vec<Referral>, StoreError> {
        let from = from.clone();
        self.reading(move |conn| {
            let found = query!(conn, read::referrals_of_request(&request.to_string(), from.as_str()))?;
            parse_all(&found)
        })
        .await
    }
}
