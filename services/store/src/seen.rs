//! Reads for those who ask who saw what: the entries about a case that show something, and the part of the
//! trail that concerns one agency. What somebody may know of them is decided above.

use casework::{AgencyCode, CaseId, Entry, ReferralId};

use crate::commit::{to_i64, to_u64};
use crate::engine::query;
use crate::rows::EntryRow;
use crate::{AuditEntry, Store, StoreError};

/// Entries of one page of what was seen.
pub const SEEN_MAX: usize = 200;
/// Entries looked through for one page of an agency's trail.
const WINDOW: i64 = 5_000;
/// Of these, entries given.
const SLICE_MAX: i64 = 200;

/// An entry, and the referral it belongs to.
#[derive(Debug, Clone)]
pub struct SeenEntry {
    /// The entry.
    pub found: AuditEntry,
    /// The referral, if it belongs to one.
    pub referral: Option<ReferralId>,
}

/// A part of the trail.
#[derive(Debug, Clone)]
pub struct Slice {
    /// Newest first.
    pub entries: Vec<SeenEntry>,
    /// Where the next part begins; none at the ledger's beginning.
    pub next: Option<u64>,
}

impl Store {
    /// Looks, hand-overs and identity checks of a case before an index, newest first: each may have shown
    /// something.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn seen_of_case(
        &self,
        case: CaseId,
        before: Option<u64>,
    ) -> Result<Vec<SeenEntry>, StoreError> {
        let before = before.map_or(Ok(i64::MAX), to_i64)?;
        let rows = self.reading(move |conn| {
            let referrals = query!(conn, trail::referrals_of(&case.to_string()))?;
            Ok(query!(conn, trail::seen_of(&case.to_string(), &referrals, before, to_limit(SEEN_MAX)))?)
        });
        rows.await?.iter().map(seen).collect()
    }

    /// Entries of referrals that this agency sent or received, and those that belong to no referral, before
    /// an index, newest first. A bounded part of the ledger is looked through, so a page may be short.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn trail_of(
        &self,
        agency: AgencyCode,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Slice, StoreError> {
        let newest = self.checkpoint().await?.map_or(0, |(size, _)| size);
        let before = to_i64(before.unwrap_or(u64::MAX).min(newest))?;
        let (first, limit) = ((before - WINDOW).max(0), i64::from(limit).clamp(1, SLICE_MAX));
        let rows = self.reading(move |conn| {
            Ok(query!(conn, trail::entries_of_agency(agency.as_str(), first, before, limit))?)
        });
        let entries: Vec<SeenEntry> = rows.await?.iter().map(seen).collect::<Result<_, _>>()?;
        let full = i64::try_from(entries.len()).is_ok_and(|count| count == limit);
        let last = entries.last().map(|one| one.found.index).filter(|_| full);
        let next = last.map_or_else(|| to_u64(first), Ok)?;
        Ok(Slice { entries, next: (next > 0).then_some(next) })
    }
}

fn seen(row: &EntryRow) -> Result<SeenEntry, StoreError> {
    let found = AuditEntry { index: to_u64(row.idx)?, entry: Entry::from_leaf(&row.leaf)? };
    Ok(SeenEntry { found, referral: row.referral_id.as_ref().map(|id| id.parse()).transpose()? })
}

fn to_limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
