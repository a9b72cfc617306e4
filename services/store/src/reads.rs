//! Reads of facts, on connections that cannot write, never on the writer's. Each read that shows personal
//! data has its entry committed first by the use case that asks; nothing here does that.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use casework::{
    AgencyCode, Case, CaseId, CaseReference, CheckId, Delivery, DeliveryId, Entry, Event, IdentityCheck,
    KeyId, ObjectId, Referral, ReferralId, TimeSource, Timestamp,
};
use tokio::sync::Semaphore;

use crate::commit::{to_i64, to_u64};
use crate::engine::{Conn, query};
use crate::load::{parse_all, parse_some};
use crate::pause::Pause;
use crate::place::Place;
use crate::rows::EntryRow;
use crate::{Committed, FactRow, Idempotency, SealedBody, Store, StoreError};

/// Connections that read at the same time.
const READERS_MAX: usize = 4;
/// Rows of one page, of a history, of an inbox.
pub const PAGE_MAX: i64 = 200;
/// Entries shown of one referral or case.
const HISTORY_MAX: i64 = 2_000;
/// Rows one indicator may read.
const FACTS_MAX: i64 = 5_000_000;
/// Nobody waits for an identity check longer: three times the longest deadline of 20 s.
pub const CHECK_WAITED_SECONDS: i64 = 60;

/// A pool of read-only connections.
pub struct Readers {
    place: Arc<Place>,
    idle: Mutex<Vec<Conn>>,
    free: Semaphore,
    pause: Mutex<Pause>,
}

impl Readers {
    pub fn new(place: Arc<Place>) -> Self {
        Self {
            place,
            idle: Mutex::new(Vec::new()),
            free: Semaphore::new(READERS_MAX),
            pause: Mutex::default(),
        }
    }

    fn take(&self) -> Result<Conn, StoreError> {
        let pop = || self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        while let Some(conn) = pop() {
            if conn.is_sound() {
                return Ok(conn);
            }
        }
        // One caller after the other: while the database is silent, each is told so at once.
        let mut pause = self.pause.lock().unwrap_or_else(PoisonError::into_inner);
        pause.between(|| self.place.open_reader())
    }

    /// Back to the others, unless an error was the connection's own.
    fn give_back<T>(&self, conn: Conn, found: Result<T, StoreError>) -> Result<T, StoreError> {
        let found = found.map_err(|error| conn.blame(error));
        if found.is_ok() || conn.is_sound() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
        }
        found
    }
}

/// Which of a party's referrals to list.
#[derive(Debug, Clone, Default)]
pub struct ReferralFilter {
    /// Only those in one of these states; all where empty.
    pub statuses: Vec<String>,
    /// Only those with a clock that is overdue and that somebody was told of.
    pub overdue: bool,
    /// Only those whose receiver still has to say that it has ceased.
    pub awaiting_cease: bool,
    /// Only those before this id, newest first.
    pub before: Option<ReferralId>,
    /// At most so many, bounded by 200.
    pub limit: u32,
}

/// An entry and its place.
#[derive(Debug, Clone)]
pub struct AuditEntry {
    /// Index in the ledger.
    pub index: u64,
    /// The entry.
    pub entry: Entry,
}

/// A stored, sealed body.
pub type Stored = SealedBody;

/// A sealed link from a referral to its statistics.
#[derive(Debug, Clone)]
pub struct SealedLink {
    /// The case.
    pub case: CaseId,
    /// The key.
    pub key: KeyId,
    /// The object id in the associated data.
    pub object: ObjectId,
    /// nonce, ciphertext, tag.
    pub sealed: Vec<u8>,
}

impl Store {
    pub(crate) async fn reading<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Conn) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let readers = Arc::clone(&self.readers);
        let _free = readers.free.acquire().await.map_err(|_| StoreError::Closed)?;
        let pool = Arc::clone(&self.readers);
        let done = tokio::task::spawn_blocking(move || {
            let mut conn = pool.take()?;
            let found = look(&mut conn);
            pool.give_back(conn, found)
        });
        done.await.map_err(|_| StoreError::Closed)?
    }

    /// What an idempotency key was used for before; `None` where it is new. The writer decides all the same.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn seen(&self, asked: &Idempotency) -> Result<Option<Committed>, StoreError> {
        let (key, hash) = (asked.key.clone(), asked.request_hash);
        self.reading(move |conn| {
            let Some(row) = query!(conn, commit::keys_used(&[key]))?.into_iter().next() else {
                return Ok(None);
            };
            if row.request_hash.as_slice() != hash.as_slice() {
                return Ok(Some(Committed::KeyReused));
            }
            let (index, size) = (to_u64(row.entry_index)?, to_u64(row.tree_size)?);
            Ok(Some(Committed::Replayed { index, size }))
        })
        .await
    }

    /// A case.
    ///
    /// # Errors
    /// Where the database cannot be read; so in all reads below.
    pub async fn case(&self, id: CaseId) -> Result<Option<Case>, StoreError> {
        self.reading(move |conn| parse_some(query!(conn, read::case_state(&id.to_string()))?)).await
    }

    /// A case by its spoken reference.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn case_by_reference(&self, reference: CaseReference) -> Result<Option<Case>, StoreError> {
        self.reading(move |conn| parse_some(query!(conn, read::case_by_reference(reference.as_str()))?)).await
    }

    /// A referral.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn referral(&self, id: ReferralId) -> Result<Option<Referral>, StoreError> {
        self.reading(move |conn| parse_some(query!(conn, read::referral_state(&id.to_string()))?)).await
    }

    /// The referrals of a case.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn referrals_of_case(&self, case: CaseId) -> Result<Vec<Referral>, StoreError> {
        self.reading(move |conn| parse_all(&query!(conn, read::referrals_of_case(&case.to_string()))?)).await
    }

    /// Referrals an agency sent or received, newest first.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn referrals_of_party(
        &self,
        agency: AgencyCode,
        filter: ReferralFilter,
    ) -> Result<Vec<Referral>, StoreError> {
        self.reading(move |conn| {
            let before = filter.before.map(|id| id.to_string());
            let limit = i64::from(filter.limit).clamp(1, PAGE_MAX);
            let agency = agency.as_str();
            let rows = query!(conn, read::referrals_of_party(agency, before.as_deref(), &filter, limit))?;
            rows.iter().map(|row| crate::load::parse(&row.state)).collect()
        })
        .await
    }

    /// Referrals an agency has not closed.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn open_referrals_to(
        &self,
        agency: AgencyCode,
        limit: i64,
    ) -> Result<Vec<Referral>, StoreError> {
        self.reading(move |conn| parse_all(&query!(conn, read::open_referrals_to(agency.as_str(), limit))?))
            .await
    }

    /// A delivery.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        self.reading(move |conn| parse_some(query!(conn, read::delivery_state(&id.to_string()))?)).await
    }

    /// The deliveries of a referral.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn deliveries_of(&self, referral: ReferralId) -> Result<Vec<Delivery>, StoreError> {
        self.reading(move |conn| {
            parse_all(&query!(conn, read::deliveries_of_referral(&referral.to_string()))?)
        })
        .await
    }

    /// An agency's dead letters, or everybody's: oldest first, after a delivery, at most so many (200).
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn dead_letters(
        &self,
        of: Option<AgencyCode>,
        after: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let (after, limit) = (after.map(|id| id.to_string()), i64::from(limit).clamp(1, PAGE_MAX));
        self.reading(move |conn| {
            let of = of.as_ref().map(AgencyCode::as_str);
            parse_all(&query!(conn, read::dead_letters(of, after.as_deref(), limit))?)
        })
        .await
    }

    /// An identity check.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn check(&self, id: CheckId) -> Result<Option<IdentityCheck>, StoreError> {
        self.reading(move |conn| parse_some(query!(conn, read::check_state(&id.to_string()))?)).await
    }

    /// Identity checks without an answer that nobody waits for any more. On an embedded store that just
    /// opened these are all; where other hubs may live, those asked some time ago.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn open_checks(&self) -> Result<Vec<IdentityCheck>, StoreError> {
        let long_ago = self.clock.now().plus_seconds(-CHECK_WAITED_SECONDS);
        let since = if self.place.is_shared() { long_ago } else { Timestamp::from_micros(i64::MAX) };
        self.reading(move |conn| {
            let checks: Vec<IdentityCheck> = parse_all(&query!(conn, read::open_checks())?)?;
            let cases: Vec<String> = checks.iter().map(|check| check.case.to_string()).collect();
            let mut waited_for = BTreeSet::new();
            for leaf in query!(conn, trail::checks_asked(&cases))? {
                let entry = Entry::from_leaf(&leaf)?;
                if let (Event::Identity(step), true) = (&entry.event, entry.at > since) {
                    waited_for.insert(step.check);
                }
            }
            Ok(checks.into_iter().filter(|check| !waited_for.contains(&check.id)).collect())
        })
        .await
    }

    /// A sealed body.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn body(&self, object: ObjectId) -> Result<Option<Stored>, StoreError> {
        self.reading(move |conn| {
            query!(conn, read::body(&object.to_string()))?.map(SealedBody::read).transpose()
        })
        .await
    }

    /// The keys a case uses.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn keys_of(&self, case: CaseId) -> Result<Vec<KeyId>, StoreError> {
        let ids = self.reading(move |conn| Ok(query!(conn, read::keys_of_case(&case.to_string()))?)).await?;
        ids.iter().map(|id| Ok(id.parse()?)).collect()
    }

    /// The sealed link from a referral to its statistics.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn fact_link(&self, referral: ReferralId) -> Result<Option<SealedLink>, StoreError> {
        self.reading(move |conn| {
            let Some(row) = query!(conn, read::fact_link(&referral.to_string()))? else { return Ok(None) };
            let (case, key, object) = (row.case_id.parse()?, row.key_id.parse()?, row.object_id.parse()?);
            Ok(Some(SealedLink { case, key, object, sealed: row.sealed }))
        })
        .await
    }

    /// Statistics of the months from `2026-08` to `2026-11`, both included.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn facts(&self, from: String, to: String) -> Result<Vec<FactRow>, StoreError> {
        let rows =
            self.reading(move |conn| Ok(query!(conn, read::facts_between(&from, &to, FACTS_MAX))?)).await?;
        rows.into_iter().map(FactRow::try_from).collect()
    }

    /// The entries of a referral, oldest first.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn history(&self, referral: ReferralId) -> Result<Vec<AuditEntry>, StoreError> {
        let rows = self.reading(move |conn| {
            Ok(query!(conn, trail::entries_of_referral(&referral.to_string(), HISTORY_MAX))?)
        });
        rows.await?.iter().map(audit_entry).collect()
    }

    /// The entries of a case, oldest first.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn case_history(&self, case: CaseId) -> Result<Vec<AuditEntry>, StoreError> {
        let rows = self
            .reading(move |conn| Ok(query!(conn, trail::entries_of_case(&case.to_string(), HISTORY_MAX))?));
        rows.await?.iter().map(audit_entry).collect()
    }

    /// Entries from an index on, oldest first.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn entries_from(&self, from: u64, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let limit = i64::from(limit).clamp(1, PAGE_MAX);
        let rows = self.reading(move |conn| Ok(query!(conn, trail::entries_from(to_i64(from)?, limit))?));
        rows.await?.iter().map(audit_entry).collect()
    }

    /// Entries before an index, newest first.
    ///
    /// # Errors
    /// See [`Store::case`].
    pub async fn entries_before(
        &self,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let limit = i64::from(limit).clamp(1, PAGE_MAX);
        let before = before.map_or(Ok(i64::MAX), to_i64)?;
        let rows = self.reading(move |conn| Ok(query!(conn, trail::entries_before(before, limit))?));
        rows.await?.iter().map(audit_entry).collect()
    }
}

fn audit_entry(row: &EntryRow) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry { index: to_u64(row.idx)?, entry: Entry::from_leaf(&row.leaf)? })
}
