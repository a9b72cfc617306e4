//! Which cases need not be kept any longer: a roll-up that follows the ledger by index, some entries at a
//! time. What a schedule makes of a case is decided above; here is what it is decided from, and where that
//! is kept. Work, no fact: without it the next look makes it anew.

use std::collections::{BTreeMap, BTreeSet};

use casework::{AgencyCode, Case, CaseId, Code, Entry, Referral, TimeSource, Timestamp};

use crate::commit::{to_i64, to_u64};
use crate::engine::{Conn, query, write_tx};
use crate::load::parse_all;
use crate::rows::RetentionRow;
use crate::{Store, StoreError};

/// Entries looked through together: one write for so many.
const ENTRIES_AT_ONCE: i64 = 4_096;
/// Cases of one page.
const PAGE_MAX: u32 = 200;
/// Cases of one agency that are counted.
pub const RETENTION_COUNTED_MAX: i64 = 10_000;
/// Cases told of together.
const TOLD_AT_ONCE: i64 = 64;

/// A case nothing of which is open.
#[derive(Debug, Clone)]
pub struct ClosedCase {
    /// The case.
    pub case: Case,
    /// All its referrals.
    pub referrals: Vec<Referral>,
    /// When something last happened to it.
    pub activity: Timestamp,
}

/// What moved in a part of the ledger.
#[derive(Debug, Clone)]
pub struct MovedCases {
    /// Cases nothing of which is open.
    pub closed: Vec<ClosedCase>,
    /// All cases that moved: those above, and those that are at work.
    pub all: Vec<CaseId>,
    /// Entries that were looked at, from the first on.
    pub through: u64,
    /// Is there more?
    pub more: bool,
}

/// A case whose time runs, or is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCaseRow {
    /// The case.
    pub case: CaseId,
    /// Who is responsible for it.
    pub agency: AgencyCode,
    /// By which row of the schedule.
    pub record: Code,
    /// What started the time.
    pub since: Timestamp,
    /// When it is over.
    pub due: Timestamp,
    /// Does somebody say that it must be kept?
    pub held: bool,
}

impl Store {
    /// The cases that entries from an index on moved.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn moved_cases(&self, from: u64) -> Result<MovedCases, StoreError> {
        let from = to_i64(from)?;
        self.reading(move |conn| {
            let size = query!(conn, trail::newest_head())?.map_or(0, |head| head.size);
            let to = from.saturating_add(ENTRIES_AT_ONCE).min(size).max(from);
            let moved = query!(conn, retention::moved(from, to))?;
            let all = moved.iter().map(|id| Ok(id.parse()?)).collect::<Result<Vec<_>, StoreError>>()?;
            Ok(MovedCases { closed: closed(conn, moved)?, all, through: to_u64(to)?, more: to < size })
        })
        .await
    }

    /// One case, if nothing of it is open.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn closed_case(&self, id: CaseId) -> Result<Option<ClosedCase>, StoreError> {
        let found = self.reading(move |conn| closed(conn, vec![id.to_string()])).await?;
        Ok(found.into_iter().next())
    }

    /// These cases.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn cases_by_id(&self, ids: Vec<CaseId>) -> Result<Vec<Case>, StoreError> {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        parse_all(&self.reading(move |conn| Ok(query!(conn, retention::cases(&ids))?)).await?)
    }

    /// Keeps what became of the cases that moved, and how far that is. Whoever was told of a case stays told
    /// while its time ends at the same moment.
    ///
    /// # Errors
    /// Where the database cannot be written; it is done again then.
    pub async fn keep_retention(
        &self,
        moved: Vec<CaseId>,
        rows: Vec<KeptCaseRow>,
        cursor: (String, String),
    ) -> Result<(), StoreError> {
        let ids: Vec<String> = moved.iter().map(ToString::to_string).collect();
        self.working(move |conn| {
            write_tx(conn, |conn| {
                let before = query!(conn, retention::rows(&ids))?;
                let told: BTreeSet<(String, i64)> =
                    before.into_iter().filter(|row| row.told).map(|row| (row.case_id, row.due_at)).collect();
                query!(conn, retention::forget(&ids))?;
                for row in &rows {
                    let row = stored(row, &told);
                    query!(conn, retention::put(&row))?;
                }
                Ok(query!(conn, work::set_cursor(&cursor.0, &cursor.1))?)
            })
        })
        .await
    }

    /// An agency's cases whose time is over by case time, the longest over first, after one; 200 at most.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn retention_due(
        &self,
        agency: AgencyCode,
        after: Option<(Timestamp, CaseId)>,
        limit: u32,
    ) -> Result<Vec<KeptCaseRow>, StoreError> {
        let (now, limit) = (self.clock.now().micros(), i64::from(limit.clamp(1, PAGE_MAX)));
        let after = after.map(|(due, case)| (due.micros(), case.to_string()));
        let rows = self.reading(move |conn| {
            let after = after.as_ref().map(|(due, case)| (*due, case.as_str()));
            Ok(query!(conn, retention::due(agency.as_str(), now, after, limit))?)
        });
        rows.await?.iter().map(read).collect()
    }

    /// How many of an agency's cases are over their time and not held, and how many are held; 10,000 together
    /// at most.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn retention_counts(&self, agency: AgencyCode) -> Result<(usize, usize), StoreError> {
        let now = self.clock.now().micros();
        let rows = self
            .reading(move |conn| {
                Ok(query!(conn, retention::held(agency.as_str(), now, RETENTION_COUNTED_MAX))?)
            })
            .await?;
        let held = rows.iter().filter(|held| **held).count();
        Ok((rows.len().saturating_sub(held), held))
    }

    /// Cases whose time is over and of which nobody was told; 64 at most.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn retention_untold(&self) -> Result<Vec<KeptCaseRow>, StoreError> {
        let now = self.clock.now().micros();
        let rows = self.reading(move |conn| Ok(query!(conn, retention::untold(now, TOLD_AT_ONCE))?));
        rows.await?.iter().map(read).collect()
    }

    /// Its owner's people were told.
    ///
    /// # Errors
    /// Where the database cannot be written; the ledger says that they were, all the same.
    pub async fn retention_told(&self, case: CaseId, due: Timestamp) -> Result<(), StoreError> {
        let told = move |conn: &mut Conn| Ok(query!(conn, retention::tell(&case.to_string(), due.micros()))?);
        self.working(told).await.map(|_| ())
    }
}

/// Of these cases, those nothing of which is open, with all that is known of them.
fn closed(conn: &mut Conn, mut of: Vec<String>) -> Result<Vec<ClosedCase>, StoreError> {
    let open: BTreeSet<String> = query!(conn, retention::open(&of))?.into_iter().collect();
    of.retain(|id| !open.contains(id));
    let mut referrals: BTreeMap<CaseId, Vec<Referral>> = BTreeMap::new();
    for held in parse_all::<Referral>(&query!(conn, retention::referrals(&of))?)? {
        referrals.entry(held.case).or_default().push(held);
    }
    let mut found = Vec::new();
    for case in parse_all::<Case>(&query!(conn, retention::cases(&of))?)? {
        let leaf = query!(conn, retention::activity(&case.id.to_string()))?;
        let activity = leaf.map_or(Ok(case.opened_at), |leaf| Entry::from_leaf(&leaf).map(|held| held.at))?;
        let referrals = referrals.remove(&case.id).unwrap_or_default();
        found.push(ClosedCase { case, referrals, activity });
    }
    Ok(found)
}

fn stored(row: &KeptCaseRow, told: &BTreeSet<(String, i64)>) -> RetentionRow {
    let (case_id, due_at) = (row.case.to_string(), row.due.micros());
    RetentionRow {
        told: told.contains(&(case_id.clone(), due_at)),
        case_id,
        agency: row.agency.to_string(),
        record: row.record.to_string(),
        since: row.since.micros(),
        due_at,
        held: row.held,
    }
}

fn read(row: &RetentionRow) -> Result<KeptCaseRow, StoreError> {
    Ok(KeptCaseRow {
        case: row.case_id.parse()?,
        agency: row.agency.parse()?,
        record: row.record.parse()?,
        since: Timestamp::from_micros(row.since),
        due: Timestamp::from_micros(row.due_at),
        held: row.held,
    })
}
