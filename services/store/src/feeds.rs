//! What each agency sends and how long it usually is silent, followed along the ledger by index. Work: all of
//! it can be made again from the entries. Two hubs that follow at the same time come to the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use casework::{
    AgencyCode, CheckStatus, ClockKind, Entry, Event, MessageKind, Moved, Priority, TimeSource, Timestamp,
    Via,
};
use serde::{Deserialize, Serialize};

use crate::commit::{to_i64, to_u64};
use crate::engine::{Conn, query};
use crate::rows::ReferralRow;
use crate::{FactRow, Store, StoreError};

/// Where it is kept.
const CURSOR: &str = "feeds";
/// Entries read at a time.
const PAGE: i64 = 1_024;
/// Gaps of so many days count.
const DAYS: i64 = 28;
const DAY_MICROS: i64 = 86_400_000_000;
const MINUTE_MICROS: i64 = 60_000_000;
/// With fewer messages an agency's own gaps say nothing, and its configuration counts.
pub const MESSAGES_MIN: u64 = 20;
/// Of a hundred of its gaps so many are not longer than the bound.
const PERCENT: u64 = 99;
/// A bucket of gaps is longer than the one before by a fifth.
const GROWTH_PERCENT: u64 = 120;

/// What all agencies send.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feeds {
    /// The first entry that was not looked at.
    next: i64,
    /// By agency.
    pub agencies: BTreeMap<AgencyCode, Feed>,
    /// Rungs climbed by overdue clocks, by month, agency, clock and rung.
    #[serde(default)]
    breaches: BTreeMap<String, Breach>,
}

/// Rungs climbed: of one clock, in one month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Breach {
    month: String,
    agency: AgencyCode,
    clock: ClockKind,
    rung: u8,
    count: u64,
}

/// What one agency sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// When it last sent something.
    pub last: Timestamp,
    /// By day, how many gaps of each length.
    days: BTreeMap<i64, BTreeMap<u64, u64>>,
    /// Silent for longer than this, by its configuration.
    #[serde(default)]
    pub configured_minutes: u64,
}

impl Feeds {
    fn breach(&mut self, entry: &Entry) {
        let Event::Overdue(step) = &entry.event else { return };
        let month = entry.at.in_pakistan().format("%Y-%m").to_string();
        let key = format!("{month} {} {} {}", step.whom, step.clock.as_str(), step.rung);
        let (agency, clock, rung) = (step.whom.clone(), step.clock, step.rung);
        let made = self.breaches.entry(key).or_insert(Breach { month, agency, clock, rung, count: 0 });
        made.count = made.count.saturating_add(1);
    }
}

impl Breach {
    /// As indicators read facts, one row for each.
    fn rows(&self) -> Result<Vec<FactRow>, StoreError> {
        let names = [("clock", self.clock.as_str().to_owned()), ("rung", self.rung.to_string())];
        let row = FactRow {
            month: self.month.clone(),
            service: "none".parse()?,
            priority: Priority::Normal,
            to: self.agency.clone(),
            dimensions: names.into_iter().map(|(name, code)| (name.to_owned(), code)).collect(),
            accepted_minutes: None,
            first_action_minutes: None,
            closed_minutes: None,
            outcome: None,
        };
        Ok(vec![row; usize::try_from(self.count).unwrap_or(usize::MAX)])
    }
}

impl Feed {
    const fn begun(at: Timestamp) -> Self {
        Self { last: at, days: BTreeMap::new(), configured_minutes: 0 }
    }

    fn sent(&mut self, at: Timestamp) {
        let gap = minutes(at.micros().saturating_sub(self.last.micros()));
        let day = at.micros().div_euclid(DAY_MICROS);
        let count = self.days.entry(day).or_default().entry(bucket(gap)).or_insert(0);
        *count = count.saturating_add(1);
        self.last = at;
        self.days.retain(|of, _| *of > day.saturating_sub(DAYS));
    }

    /// Messages that count at this time, each with the gap before it.
    #[must_use]
    pub fn messages(&self, now: Timestamp) -> u64 {
        self.gaps(now).values().sum()
    }

    fn gaps(&self, now: Timestamp) -> BTreeMap<u64, u64> {
        let first = now.micros().div_euclid(DAY_MICROS).saturating_sub(DAYS);
        let mut all = BTreeMap::new();
        for (length, count) in self.days.range(first.saturating_add(1)..).flat_map(|(_, gaps)| gaps) {
            let sum: &mut u64 = all.entry(*length).or_insert(0);
            *sum = sum.saturating_add(*count);
        }
        all
    }

    /// How long it may be silent, in minutes: the 99th percentile of its own gaps, or what is configured.
    #[must_use]
    pub fn bound_minutes(&self, now: Timestamp) -> u64 {
        let gaps = self.gaps(now);
        let all: u64 = gaps.values().sum();
        if all < MESSAGES_MIN {
            return self.configured_minutes;
        }
        let wanted = all.saturating_mul(PERCENT).div_ceil(100);
        let mut seen = 0_u64;
        for (length, count) in gaps {
            seen = seen.saturating_add(count);
            if seen >= wanted {
                return length;
            }
        }
        self.configured_minutes
    }

    /// For how long it has been silent.
    #[must_use]
    pub fn silent_minutes(&self, now: Timestamp) -> u64 {
        minutes(now.micros().saturating_sub(self.last.micros()))
    }

    /// Has it been silent for longer than it ever is?
    #[must_use]
    pub fn is_silent(&self, now: Timestamp) -> bool {
        self.silent_minutes(now) > self.bound_minutes(now)
    }
}

fn minutes(micros: i64) -> u64 {
    u64::try_from(micros / MINUTE_MICROS).unwrap_or(0)
}

/// The upper bound of the bucket a gap falls into, in minutes.
fn bucket(gap_minutes: u64) -> u64 {
    let mut bound = 1_u64;
    while bound < gap_minutes {
        bound = (bound.saturating_mul(GROWTH_PERCENT) / 100).max(bound.saturating_add(1));
    }
    bound
}

impl Store {
    /// What was followed so far.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn feeds(&self) -> Result<Feeds, StoreError> {
        self.reading(kept).await
    }

    /// Follows the ledger to its end; `configured` is how long each agency may be silent, in minutes, where
    /// its own gaps say nothing yet.
    ///
    /// # Errors
    /// Where the database cannot be read or written.
    pub async fn follow_feeds(&self, configured: BTreeMap<AgencyCode, u64>) -> Result<Feeds, StoreError> {
        let place = Arc::clone(&self.place);
        let following = tokio::task::spawn_blocking(move || {
            let mut conn = place.open_auditor()?;
            let mut feeds = kept(&mut conn)?;
            while follow(&mut conn, &mut feeds)? {}
            Ok::<_, StoreError>(feeds)
        });
        let mut feeds = following.await.map_err(|_| StoreError::Closed)??;
        for (agency, feed) in &mut feeds.agencies {
            feed.configured_minutes = configured.get(agency).copied().unwrap_or(u64::MAX);
        }
        self.set_cursor(CURSOR.to_owned(), serde_json::to_string(&feeds)?).await?;
        Ok(feeds)
    }

    /// Breaches of clocks in the months from `2026-08` to `2026-11`, both included, as far as they were
    /// followed.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn breaches(&self, from: String, to: String) -> Result<Vec<FactRow>, StoreError> {
        let feeds = self.feeds().await?;
        let of = feeds.breaches.values().filter(|breach| breach.month >= from && breach.month <= to);
        Ok(of.map(Breach::rows).collect::<Result<Vec<_>, _>>()?.concat())
    }

    /// The longest that a child has waited for an answer of each agency, in microseconds of case time.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn oldest_unanswered(&self) -> Result<BTreeMap<AgencyCode, i64>, StoreError> {
        let now = self.clock.now().micros();
        let rows = self.reading(|conn| Ok(query!(conn, backlog::oldest_unanswered())?)).await?;
        let mut oldest = BTreeMap::new();
        for state in rows {
            let held: casework::Referral = crate::load::parse(&state)?;
            oldest.insert(held.to, now.saturating_sub(held.requested.micros()));
        }
        Ok(oldest)
    }
}

/// As it was kept; where another version kept it, it is made again.
pub fn kept(conn: &mut Conn) -> Result<Feeds, StoreError> {
    let kept = query!(conn, work::cursor(CURSOR))?;
    Ok(kept.and_then(|kept| serde_json::from_str(&kept).ok()).unwrap_or_default())
}

/// One page; are there more?
fn follow(conn: &mut Conn, feeds: &mut Feeds) -> Result<bool, StoreError> {
    let rows = query!(conn, trail::entries_from(feeds.next, PAGE))?;
    let Some(last) = rows.last().map(|row| row.idx) else { return Ok(false) };
    let entries = rows.iter().map(|row| Entry::from_leaf(&row.leaf)).collect::<Result<Vec<_>, _>>()?;
    let parties = parties(conn, &entries)?;
    for entry in &entries {
        feeds.breach(entry);
        let Some(agency) = sender(entry, &parties) else { continue };
        match feeds.agencies.get_mut(&agency) {
            Some(feed) => feed.sent(entry.at),
            None => _ = feeds.agencies.insert(agency, Feed::begun(entry.at)),
        }
    }
    feeds.next = to_i64(to_u64(last)?.saturating_add(1))?;
    Ok(true)
}

/// Sender and receiver of the referrals that moved.
type Parties = BTreeMap<String, (String, String)>;

fn parties(conn: &mut Conn, entries: &[Entry]) -> Result<Parties, StoreError> {
    let moved = entries.iter().filter_map(|entry| match &entry.event {
        Event::Moved(step) => Some(step.referral.to_string()),
        _ => None,
    });
    let ids: Vec<String> = moved.collect::<BTreeSet<_>>().into_iter().collect();
    let rows: Vec<ReferralRow> = query!(conn, commit::referrals_by_id(&ids))?;
    Ok(rows.into_iter().map(|row| (row.id, (row.from_agency, row.to_agency))).collect())
}

/// Whose message an entry is; nobody's where the hub acted by itself.
fn sender(entry: &Entry, parties: &Parties) -> Option<AgencyCode> {
    match &entry.event {
        Event::Requested(asked) => Some(asked.from.clone()),
        Event::Moved(step) if entry.via != Via::Hub => {
            let (from, to) = parties.get(&step.referral.to_string())?;
            if is_of_sender(step) { from } else { to }.parse().ok()
        }
        Event::Identity(step) if step.status == CheckStatus::Answered => Some(step.to.clone()),
        _ => None,
    }
}

const fn is_of_sender(step: &Moved) -> bool {
    use MessageKind as M;
    matches!(step.step, M::Close | M::Feedback | M::Information | M::CancelRequest)
}
