//! Texts of policy sets, for every hub on this database to make the very same set from: work, no fact. Which
//! one is in force stands in the register, and its digest says whether a text is the one.

use casework::{PolicySet, Register, RegisterKey};

use crate::engine::{Conn, query};
use crate::load::parse_some;
use crate::{Store, StoreError};

impl Store {
    /// Keeps a set's text.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub async fn keep_policy_set(&self, digest: String, bundle: String) -> Result<(), StoreError> {
        let now = self.clock.real().micros();
        self.working(move |conn| Ok(query!(conn, policy_sets::put(&digest, &bundle, now))?)).await
    }

    /// The text of a set, if it was ever put before a hub.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn policy_set(&self, digest: String) -> Result<Option<String>, StoreError> {
        self.reading(move |conn| Ok(query!(conn, policy_sets::bundle(&digest))?)).await
    }
}

/// The set that two people put in force, and its text, for a look from outside.
pub fn approved(conn: &mut Conn) -> Result<Option<(PolicySet, Option<String>)>, StoreError> {
    let id = RegisterKey::PolicySet.to_string();
    let Some(Register::PolicySet(held)) = parse_some(query!(conn, registers::state(&id))?)? else {
        return Ok(None);
    };
    let bundle = query!(conn, policy_sets::bundle(&held.set))?;
    Ok(Some((held, bundle)))
}
