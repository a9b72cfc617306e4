//! Somebody reads the audit trail. The look is entered first. Entries hold no personal data, but who refers
//! to whom is itself sensitive: overseers see the whole, an agency's own auditor the slice that concerns it:
//! what its people and systems did, and what became of the referrals it is a party to.

use std::collections::BTreeMap;

use casework::{AgencyCode, Caller, Categories, Event, Permit, ReferralId};
use policies::{Act, Ask, Decision};
use serde::Serialize;
use store::{AuditEntry, ReceiptProof, SeenEntry};

use crate::error::not_found;
use crate::permits::ask;
use crate::{Hub, HubError};

/// One entry as shown.
#[derive(Debug, Clone, Serialize)]
pub struct AuditLine {
    /// Its place.
    pub index: u64,
    /// When, RFC 3339.
    pub at: String,
    /// What it is evidence of (ETSI REM's words, and `DECISION`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<&'static str>,
    /// The entry.
    pub entry: casework::Entry,
}

/// Which part of the trail.
#[derive(Debug, Clone, Copy, Default)]
pub struct TrailFilter {
    /// Only before this index; the newest where absent.
    pub before: Option<u64>,
    /// At most so many, bounded by 200.
    pub limit: u32,
}

impl From<AuditEntry> for AuditLine {
    fn from(found: AuditEntry) -> Self {
        let evidence = casework::evidence(&found.entry.event);
        Self { index: found.index, at: found.entry.at.to_string(), evidence, entry: found.entry }
    }
}

/// A part of the trail.
#[derive(Debug, Clone)]
pub struct Trail {
    /// Newest first.
    pub lines: Vec<AuditLine>,
    /// Before which index the next part begins; none where there is no more.
    pub next: Option<u64>,
}

/// How much of the trail somebody may read.
enum Extent {
    Whole,
    Slice(AgencyCode),
}

impl Hub {
    /// Entries, newest first. A part of a slice may be short, or empty, and yet have a next one.
    ///
    /// # Errors
    /// `not-permitted` for anyone but an auditor.
    pub async fn read_trail(&self, caller: &Caller, filter: TrailFilter) -> Result<Trail, HubError> {
        match self.auditor(caller).await? {
            Extent::Whole => {
                let found = self.store.entries_before(filter.before, filter.limit).await?;
                let full = u32::try_from(found.len()).is_ok_and(|count| count == filter.limit);
                let next = found.last().map(|line| line.index).filter(|index| full && *index > 0);
                Ok(Trail { lines: found.into_iter().map(AuditLine::from).collect(), next })
            }
            Extent::Slice(agency) => self.slice(caller, agency, filter).await,
        }
    }

    /// Asks for the whole, and if that is not given for the caller's own; enters the look.
    async fn auditor(&self, caller: &Caller) -> Result<Extent, HubError> {
        let whole = whole(caller);
        let (permit, extent): (Permit, _) = match self.policies.permit(&whole, self.moment()) {
            Decision::Permitted(permit) => (permit, Extent::Whole),
            Decision::Denied { .. } => {
                let permit = self.permit(&ask(caller, Act::ReadAudit, None))?;
                (permit, Extent::Slice(caller.agency.clone()))
            }
            // An error is an alarm and never a yes.
            Decision::Failed { .. } => (self.permit(&whole)?, Extent::Whole),
        };
        self.enter_read(caller, Some(permit), "audit", None, Categories::new()).await?;
        Ok(extent)
    }

    async fn slice(
        &self,
        caller: &Caller,
        agency: AgencyCode,
        filter: TrailFilter,
    ) -> Result<Trail, HubError> {
        let found = self.store.trail_of(agency.clone(), filter.before, filter.limit).await?;
        let (mut lines, mut known) = (Vec::new(), BTreeMap::new());
        for one in found.entries {
            if self.concerns(caller, &agency, &one, &mut known).await? {
                lines.push(AuditLine::from(one.found));
            }
        }
        Ok(Trail { lines, next: found.next })
    }

    /// What belongs to a referral concerns its parties, once they may know of it; the rest whose act it is.
    async fn concerns(
        &self,
        caller: &Caller,
        agency: &AgencyCode,
        one: &SeenEntry,
        known: &mut BTreeMap<ReferralId, bool>,
    ) -> Result<bool, HubError> {
        let Some(referral) = one.referral else { return Ok(is_of(agency, &one.found.entry.event)) };
        if let Some(known) = known.get(&referral) {
            return Ok(*known);
        }
        let may_know = match self.of_party(caller, referral).await {
            Ok(_) => true,
            Err(HubError::Refused(casework::Refusal::NotFound)) => false,
            Err(error) => return Err(error),
        };
        known.insert(referral, may_know);
        Ok(may_know)
    }

    /// The proof that an entry is in the tree of a size; of the newest head where no size is named.
    ///
    /// # Errors
    /// `not-permitted` for anyone but an auditor; `not-found` where there is no such entry or head, or none
    /// in the caller's slice.
    pub async fn prove_entry(
        &self,
        caller: &Caller,
        index: u64,
        size: Option<u64>,
    ) -> Result<ReceiptProof, HubError> {
        let extent = self.auditor(caller).await?;
        let newest = self.store.checkpoint().await?.map(|(size, _)| size);
        let size = size.or(newest).ok_or_else(not_found)?;
        if index >= size || !self.is_within(caller, &extent, index).await? {
            return Err(not_found());
        }
        self.store.proof(index, size).await?.ok_or_else(not_found)
    }

    async fn is_within(&self, caller: &Caller, extent: &Extent, index: u64) -> Result<bool, HubError> {
        let Extent::Slice(agency) = extent else { return Ok(true) };
        let before = TrailFilter { before: index.checked_add(1), limit: 1 };
        let found = self.slice(caller, agency.clone(), before).await?;
        Ok(found.lines.first().is_some_and(|line| line.index == index))
    }
}

/// The question whether somebody may read the whole of it.
pub(crate) fn whole(caller: &Caller) -> Ask {
    Ask { counterpart: Some(AgencyCode::hub()), ..ask(caller, Act::ReadAudit, None) }
}

/// Is an entry that belongs to no referral this agency's?
fn is_of(agency: &AgencyCode, event: &Event) -> bool {
    match event {
        Event::Requested(request) => request.from == *agency,
        Event::Identity(step) => step.from == *agency || step.to == *agency,
        Event::Read(read) => read.agency == *agency,
        Event::Refused(refused) => refused.agency == *agency,
        Event::Session(turn) => turn.agency == *agency,
        Event::Register(row) => row.agency() == agency,
        Event::Noticed(told) => told.whom == *agency,
        Event::Created(_)
        | Event::Drafted(_)
        | Event::Moved(_)
        | Event::Overdue(_)
        | Event::Delivery(_)
        | Event::Counted(_) => false,
    }
}
