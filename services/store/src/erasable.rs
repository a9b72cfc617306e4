//! Which keys an erasure destroys. That a key is a case's stands in rows that no entry covers; so they are
//! held against what is sealed under the keys, and against the bodies that entries of the case name: neither
//! may another case's key be among them, nor the case's own be left out. Destroying is the key database's.

use std::collections::BTreeSet;

use casework::{CaseId, Entry, KeyId};

use crate::engine::{Conn, query};
use crate::verify::object_of;
use crate::{Store, StoreError};

/// Entries of a case that are looked through.
const LOOK_MAX: i64 = 10_000;

/// What an erasure may destroy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Erasable {
    /// These keys are the case's, and nothing of another case lies under them.
    Keys(Vec<KeyId>),
    /// Rows were edited; why that is known. Nothing is to be destroyed.
    InDoubt(&'static str),
}

impl Store {
    /// The keys that an erasure of this case destroys.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn erasable(&self, case: CaseId) -> Result<Erasable, StoreError> {
        self.reading(move |conn| erasable(conn, case)).await
    }

    /// Is nothing of another case sealed under this key?
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn is_only_of(&self, case: CaseId, key: KeyId) -> Result<bool, StoreError> {
        self.reading(move |conn| only_of(conn, &case.to_string(), &[key.to_string()])).await
    }
}

fn erasable(conn: &mut Conn, case: CaseId) -> Result<Erasable, StoreError> {
    let case = case.to_string();
    let mut keys: BTreeSet<String> = query!(conn, read::keys_of_case(&case))?.into_iter().collect();
    keys.extend(
        query!(conn, sealed::keys_of_bodies(std::slice::from_ref(&case)))?.into_iter().map(|(_, key)| key),
    );
    keys.extend(query!(conn, sealed::keys_of_links(&case))?);
    let mut commits = false;
    let mut objects = BTreeSet::new();
    for row in query!(conn, trail::entries_of_case(&case, LOOK_MAX))? {
        let entry = Entry::from_leaf(&row.leaf)?;
        commits |= entry.commitment.is_some();
        objects.extend(object_of(&entry.event).map(|object| object.to_string()));
    }
    let objects: Vec<String> = objects.into_iter().collect();
    for (of, key) in query!(conn, sealed::keys_of_objects(&objects))? {
        if of != case {
            return Ok(Erasable::InDoubt("a body that its entries name lies with another case"));
        }
        keys.insert(key);
    }
    if keys.is_empty() && commits {
        return Ok(Erasable::InDoubt("its entries commit to bodies, and no key of it is written down"));
    }
    let keys: Vec<String> = keys.into_iter().collect();
    if !only_of(conn, &case, &keys)? {
        return Ok(Erasable::InDoubt("something of another case is sealed under a key of it"));
    }
    let keys = keys.iter().map(|key| Ok(key.parse()?)).collect::<Result<_, StoreError>>()?;
    Ok(Erasable::Keys(keys))
}

/// Is whatever is sealed under these keys this case's?
pub(crate) fn only_of(conn: &mut Conn, case: &str, keys: &[String]) -> Result<bool, StoreError> {
    Ok(!query!(conn, sealed::is_shared(case, keys))?)
}
