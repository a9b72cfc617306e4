//! Keys of cases that the ledger says are erased: where a copy of the key database from before was brought
//! back, they are there again. Found by going through the erasures, some at a time; destroying is the key
//! database's. Nothing is decided here: two people decided, and the ledger says so.

use std::collections::BTreeSet;

use casework::{CaseId, Erasure, ErasureStatus, KeyId, Register};

use crate::engine::{Conn, apart, query, write_tx};
use crate::erasable::only_of;
use crate::erasure_entered::entered;
use crate::load::parse_all;
use crate::place::Database;
use crate::{Place, Store, StoreError};

/// Erasures looked at together; a case has one key, seldom more.
const AT_ONCE: i64 = 256;
/// The book of erasures in the table of registers, before the first and behind the last of its ids.
const BOOK: (&str, &str) = ("erasure/", "erasure0");

/// Keys that must not be there any more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErasedKeys {
    /// Of cases whose row says erased, by case.
    pub keys: Vec<(CaseId, KeyId)>,
    /// Where the next part begins; none once all were looked at.
    pub next: Option<CaseId>,
}

impl Store {
    /// The keys of erased cases, after a case; 256 cases at most.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn erased_keys(&self, after: Option<CaseId>) -> Result<ErasedKeys, StoreError> {
        self.reading(move |conn| erased(conn, after)).await
    }
}

/// Destroys again what the ledger says was erased, while no hub runs; how many keys were back. Where either
/// database is not there yet, there is nothing to compare.
///
/// # Errors
/// Where a database cannot be read, or the key database not be written.
pub fn destroy_erased(place: &Place) -> Result<usize, StoreError> {
    apart(|| {
        for database in [Database::Main, Database::Keys] {
            if !is_there(place, database)? {
                return Ok(0);
            }
        }
        let (mut main, mut keys) = (place.open_auditor()?, place.open_keys()?);
        let (mut destroyed, mut after) = (0_usize, None);
        loop {
            let found = erased(&mut main, after)?;
            let ids = proven(&mut main, &found.keys)?;
            let gone = write_tx(&mut keys, |conn| Ok(query!(conn, keys::destroy(&ids))?))?;
            destroyed = destroyed.saturating_add(gone);
            after = found.next;
            if after.is_none() {
                break;
            }
        }
        if destroyed > 0 {
            query!(keys, sweep_slots())?;
        }
        Ok(destroyed)
    })
}

/// The keys of those cases whose erasure is proven by an entry, and of no other case's besides.
fn proven(main: &mut Conn, keys: &[(CaseId, KeyId)]) -> Result<Vec<String>, StoreError> {
    let mut ids = Vec::new();
    for (case, key) in keys {
        let id = key.to_string();
        if entered(main, *case)? != Some(ErasureStatus::Erased) {
            tracing::error!(%case, "a row says that this case is erased, and no entry does; its keys stay");
        } else if !only_of(main, &case.to_string(), std::slice::from_ref(&id))? {
            tracing::error!(%case, "something of another case lies under a key of this erased one; it stays");
        } else {
            ids.push(id);
        }
    }
    Ok(ids)
}

fn is_there(place: &Place, database: Database) -> Result<bool, StoreError> {
    if matches!(place, Place::Sqlite { .. }) && !place.file(database).exists() {
        return Ok(false);
    }
    let mut conn = place.open_inspector(database)?;
    Ok(!query!(conn, is_bare())?)
}

fn erased(conn: &mut Conn, after: Option<CaseId>) -> Result<ErasedKeys, StoreError> {
    let after = after.map_or_else(|| BOOK.0.to_owned(), |case| format!("{}{case}", BOOK.0));
    let rows = parse_all::<Register>(&query!(conn, registers::between(&after, BOOK.1, AT_ONCE))?)?;
    let erasure = |row: &Register| match row {
        Register::Erasure(held) => Some(held.clone()),
        _ => None,
    };
    let held: Vec<Erasure> = rows.iter().filter_map(erasure).collect();
    let full = i64::try_from(rows.len()).is_ok_and(|count| count >= AT_ONCE);
    let next = held.last().map(|last| last.case).filter(|_| full);
    let done = held.iter().filter(|held| held.status == ErasureStatus::Erased);
    let cases: Vec<String> = done.map(|held| held.case.to_string()).collect();
    let mut keys: BTreeSet<_> = query!(conn, read::keys_of_cases(&cases))?.into_iter().collect();
    keys.extend(query!(conn, sealed::keys_of_bodies(&cases))?);
    let keys = keys.iter().map(|(case, id)| Ok((case.parse()?, id.parse()?)));
    let keys = keys.collect::<Result<_, StoreError>>()?;
    Ok(ErasedKeys { keys, next })
}
