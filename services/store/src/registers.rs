//! The registers, read: who an agency's people are, which approvals wait, what is wrong, what is switched
//! off. Writing a row is a command like any other.

use casework::{AgencyCode, Delivery, Erasure, Register, RegisterKey, TimeSource};

use crate::engine::query;
use crate::load::{parse_all, parse_some};
use crate::{Store, StoreError};

/// Rows that count now, read together; the books are small, and what is beyond is not looked at.
const OPEN_MAX: i64 = 10_000;
/// Books that every hub has in mind.
const BOOKS: [&str; 7] =
    ["person", "switch", "incident", "break-glass", "suspension", "policy-set", "ledger-suspect"];
/// Rows of one list.
const LIST_MAX: i64 = 500;
/// Rows that end by themselves, looked at together.
const AT_ONCE: i64 = 256;

impl Store {
    /// One row.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn register(&self, key: &RegisterKey) -> Result<Option<Register>, StoreError> {
        let id = key.to_string();
        parse_some(self.reading(move |conn| Ok(query!(conn, registers::state(&id))?)).await?)
    }

    /// Everybody, every switch that is off, every incident that is not closed, every broken glass that waits
    /// for its review, every right that is suspended,
    /// every suspicion of the ledger.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn open_registers(&self) -> Result<Vec<Register>, StoreError> {
        let books = BOOKS.map(str::to_owned);
        let states = self.reading(move |conn| Ok(query!(conn, registers::open(&books, OPEN_MAX))?));
        parse_all(&states.await?)
    }

    /// A book's rows of an agency, or of all agencies, the newest first where ids are drawn by time.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn registers(
        &self,
        book: &'static str,
        agency: Option<AgencyCode>,
    ) -> Result<Vec<Register>, StoreError> {
        let of = agency.map(|agency| agency.to_string());
        let states =
            self.reading(move |conn| Ok(query!(conn, registers::of(book, of.as_deref(), LIST_MAX))?));
        parse_all(&states.await?)
    }

    /// Erasures that two people ordered and whose keys may still be there.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn ordered_erasures(&self) -> Result<Vec<Erasure>, StoreError> {
        let books = ["erasure".to_owned()];
        let states = self.reading(move |conn| Ok(query!(conn, registers::open(&books, AT_ONCE))?)).await?;
        let erasure = |row| match row {
            Register::Erasure(held) => Some(held),
            _ => None,
        };
        Ok(parse_all(&states)?.into_iter().filter_map(erasure).collect())
    }

    /// Rows whose time is over, by case time.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn lapsed_registers(&self) -> Result<Vec<RegisterKey>, StoreError> {
        let now = self.clock.now().micros();
        let states = self.reading(move |conn| Ok(query!(conn, registers::due(now, AT_ONCE))?)).await?;
        Ok(parse_all::<Register>(&states)?.iter().map(Register::key).collect())
    }

    /// What waits for a person of what goes to an agency, the newest first; 500 at most.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn resting_to(&self, agency: AgencyCode) -> Result<Vec<Delivery>, StoreError> {
        let looked = self.reading(move |conn| Ok(query!(conn, read::resting_to(agency.as_str(), LIST_MAX))?));
        parse_all(&looked.await?)
    }
}
