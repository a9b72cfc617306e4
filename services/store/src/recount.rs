//! Both principles, recomputed from the ledger and compared with the tables: nothing accepted is lost, and
//! no child without an owner and a clock. What differs is named by its id. Looks only, in one view.
//!
//! Memory is bounded by what is open: whatever came to its end is counted and let go (`recount/walk.rs`).
//! Unlike `audit verify` it asks not whether the ledger was altered, but whether the hub kept its promises.

mod closer;
mod compare;
mod walk;

use std::collections::BTreeMap;

use casework::{AgencyCode, Counted, Digest, Timestamp};
use serde::{Deserialize, Serialize};

use crate::commit::to_u64;
use crate::engine::{Conn, query, read_tx};
use crate::{Conservation, Store, StoreError};

/// Findings named; more are only counted.
const NAMED_MAX: usize = 20;
/// Digits of a digest that an entry holds.
const DIGEST_DIGITS: usize = 32;

/// Which promise is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Principle {
    /// Nothing accepted is lost.
    NothingLost,
    /// No child without an owner and a running clock.
    NobodyUnowned,
}

impl Principle {
    /// The word in a metric.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NothingLost => "nothing-lost",
            Self::NobodyUnowned => "nobody-unowned",
        }
    }
}

/// Something that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// Which principle.
    pub principle: Principle,
    /// The delivery, referral or request.
    pub id: String,
    /// What is wrong with it.
    pub what: String,
}

/// One agency's deliveries, counted twice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedTwice {
    /// From the entries of the ledger.
    pub ledger: Conservation,
    /// From the tables.
    pub tables: Conservation,
}

/// What a count came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recount {
    /// How many entries were counted.
    pub size: u64,
    /// Deliveries by recipient.
    pub agencies: BTreeMap<AgencyCode, CountedTwice>,
    /// Referrals that are not closed.
    pub open: u64,
    /// Referrals and deliveries held in memory at once, at most.
    pub held_max: u64,
    /// What breaks principle 1.
    pub lost: u64,
    /// What breaks principle 2.
    pub unowned: u64,
    /// The first of both, in the order in which they were found.
    pub violations: Vec<Violation>,
}

impl Recount {
    /// Do both principles hold?
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.lost == 0 && self.unowned == 0
    }

    fn add(&mut self, principle: Principle, id: impl ToString, what: impl Into<String>) {
        let count = match principle {
            Principle::NothingLost => &mut self.lost,
            Principle::NobodyUnowned => &mut self.unowned,
        };
        *count = count.saturating_add(1);
        if self.violations.len() < NAMED_MAX {
            self.violations.push(Violation { principle, id: id.to_string(), what: what.into() });
        }
    }

    fn agency(&mut self, agency: &AgencyCode) -> &mut CountedTwice {
        if !self.agencies.contains_key(agency) {
            self.agencies.insert(agency.clone(), CountedTwice::default());
        }
        self.agencies.entry(agency.clone()).or_default()
    }

    /// All agencies together, from the ledger.
    #[must_use]
    pub fn total(&self) -> Conservation {
        let mut sum = Conservation::default();
        self.agencies.values().for_each(|both| sum.add_all(&both.ledger));
        sum
    }

    /// As an entry says it.
    ///
    /// # Errors
    /// Where the table cannot be written as JSON.
    pub fn counted(&self) -> Result<Counted, StoreError> {
        let sum = self.total();
        let table = seal::sha256(&serde_json::to_vec(&self.agencies)?);
        let mut agencies: Digest = table.iter().map(|byte| format!("{byte:02x}")).collect();
        agencies.truncate(DIGEST_DIGITS);
        Ok(Counted {
            size: self.size,
            created: sum.created,
            delivered: sum.delivered,
            refused: sum.refused,
            undeliverable: sum.undeliverable,
            expired: sum.expired,
            withdrawn: sum.withdrawn,
            in_flight: sum.in_flight,
            open: self.open,
            lost: self.lost,
            unowned: self.unowned,
            first: self.violations.first().map(|first| first.id.clone()),
            agencies,
        })
    }
}

/// A count that a hub entered: work, kept beside the ledger so that anybody sees it by one look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastCount {
    /// Its entry.
    pub entry: u64,
    /// When, in case time.
    pub at: Timestamp,
    /// When, in real time.
    pub real: Timestamp,
    /// What it came to.
    pub found: Recount,
}

/// Where the newest count is kept.
const CURSOR: &str = "conservation";

/// The newest count that a hub entered.
pub fn last_count(conn: &mut Conn) -> Result<Option<LastCount>, StoreError> {
    let kept = query!(conn, work::cursor(CURSOR))?;
    // Of another version: as if there were none.
    Ok(kept.and_then(|kept| serde_json::from_str(&kept).ok()))
}

impl Store {
    /// The newest count that a hub entered.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn last_count(&self) -> Result<Option<LastCount>, StoreError> {
        self.reading(last_count).await
    }

    /// Keeps a count that was entered.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn keep_count(&self, count: &LastCount) -> Result<(), StoreError> {
        self.set_cursor(CURSOR.to_owned(), serde_json::to_string(count)?).await
    }

    /// Counts everything there is, from the ledger, and compares.
    ///
    /// # Errors
    /// Where the database cannot be read; what does not hold is in the answer.
    pub async fn recount(&self) -> Result<Recount, StoreError> {
        let place = std::sync::Arc::clone(&self.place);
        // A connection of its own: it takes as long as the ledger is, and no caller may wait for it.
        let counting = tokio::task::spawn_blocking(move || recount(&mut place.open_auditor()?));
        counting.await.map_err(|_| StoreError::Closed)?
    }
}

/// The same on a connection that may take long.
pub fn recount(conn: &mut Conn) -> Result<Recount, StoreError> {
    read_tx(conn, |conn| {
        let mut found = Recount::default();
        let left = walk::all(conn, &mut found)?;
        compare::with_tables(conn, left, &mut found)?;
        let tables = Conservation::by_agency(query!(conn, read::count_by_agency())?)?;
        for (agency, counts) in tables {
            found.agency(&agency).tables = counts;
        }
        let differs = found.agencies.values().any(|both| both.ledger != both.tables);
        // The sum was off and nothing that is open explains it: what has ended is looked at one by one.
        if differs && found.lost == 0 {
            closer::look(conn, &mut found)?;
        }
        let rows = to_u64(query!(conn, read::deliveries_count())?)?;
        if found.lost == 0 && rows != found.total().created {
            found.add(Principle::NothingLost, "deliveries", "the tables have another number of them");
        }
        Ok(found)
    })
}
