//! The registers, read: who an agency's people are, which approvals wait, what is wrong, what is switched
//! off. Writing a row is a command like any other.

use casework::{AgencyCode, Delivery, Erasure, Register, RegisterKey, TimeSource};

use crate::engine::query;
use crate::load::{parse_all, parse_some};
use crate::{Store, StoreError};

/// Rows that count now, read together; where there are more, nothing is said rather than a part.
const OPEN_MAX: i64 = 10_000;
/// Books that every hub has in mind: small by what they are, whatever people do.
const BOOKS: [&str; 4] = ["switch", "incident", "policy-set", "ledger-suspect"];
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

    /// Every switch that is off, every incident that is not closed, the policies in force, every suspicion of
    /// the ledger.
    ///
    /// # Errors
    /// Where the database cannot be read, or more counts than is ever read together.
    pub async fn open_registers(&self) -> Result<Vec<Register>, StoreError> {
        let books = BOOKS.map(str::to_owned);
        let states = self.reading(move |conn| Ok(query!(conn, registers::open(&books, OPEN_MAX + 1))?));
        whole(&states.await?)
    }

    /// Has an agency said of anybody who it is?
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn has_people(&self, agency: &AgencyCode) -> Result<bool, StoreError> {
        let agency = agency.to_string();
        let found = self.reading(move |conn| Ok(query!(conn, registers::of("person", Some(&agency), 1))?));
        Ok(!found.await?.is_empty())
    }

    /// Broken glasses of an agency's people, and those into cases it answers for: all that nobody has
    /// reviewed, then those of the newest cases that somebody has, 500 at most.
    ///
    /// # Errors
    /// Where the database cannot be read, or more waits than is ever read together.
    pub async fn glass_known_to(&self, agency: AgencyCode) -> Result<Vec<Register>, StoreError> {
        let read = self.reading(move |conn| {
            let waiting = query!(conn, registers::glass(agency.as_str(), false, OPEN_MAX + 1))?;
            Ok((waiting, query!(conn, registers::glass(agency.as_str(), true, LIST_MAX))?))
        });
        let (waiting, reviewed) = read.await?;
        let mut rows = whole(&waiting)?;
        rows.extend(parse_all::<Register>(&reviewed)?);
        Ok(rows)
    }

    /// Rows of one agency's that count now.
    ///
    /// # Errors
    /// Where the database cannot be read, or more counts than is ever read together.
    pub async fn open_registers_of(
        &self,
        book: &'static str,
        agency: AgencyCode,
    ) -> Result<Vec<Register>, StoreError> {
        let read = self
            .reading(move |conn| Ok(query!(conn, registers::open_of(book, agency.as_str(), OPEN_MAX + 1))?));
        whole(&read.await?)
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

/// Rows of which none is missing.
fn whole(states: &[String]) -> Result<Vec<Register>, StoreError> {
    if i64::try_from(states.len()).is_ok_and(|count| count <= OPEN_MAX) {
        return parse_all(states);
    }
    let why = format!(
        "more than {OPEN_MAX} rows of the registers count at a time, and a part of them says nothing; \
         settle what is open (incidents, looks that wait for a review), or ask the hub's makers"
    );
    Err(StoreError::Unreadable(why))
}
