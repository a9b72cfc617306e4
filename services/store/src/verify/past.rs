//! What came to its end and moves again, read again from its own entries: on a connection of its own, opened
//! where it is needed, since the other one is busy with the pages. Entries before the present one do not
//! change.

use casework::{CaseId, Entry, ReferralId, State, advance};
use diesel::QueryResult;

use crate::StoreError;
use crate::engine::{Conn, query};
use crate::place::Place;
use crate::rows::EntryRow;

/// Entries of one case that are read again; there is something odd about one that has more.
const HISTORY_MAX: i64 = 10_000;

/// The way to earlier entries.
pub struct Past {
    place: Place,
    conn: Option<Conn>,
}

impl Past {
    pub fn new(place: &Place) -> Self {
        Self { place: place.clone(), conn: None }
    }

    /// What the entries of a referral before this one made; `None` where they cannot be read.
    pub fn of_referral(&mut self, id: ReferralId, before: i64) -> Result<Option<State>, StoreError> {
        self.replay(before, |conn| query!(conn, trail::entries_of_referral(&id.to_string(), HISTORY_MAX)))
    }

    /// The same of a whole case.
    pub fn of_case(&mut self, id: CaseId, before: i64) -> Result<Option<State>, StoreError> {
        self.replay(before, |conn| query!(conn, trail::entries_of_case(&id.to_string(), HISTORY_MAX)))
    }

    fn replay(
        &mut self,
        before: i64,
        read: impl FnOnce(&mut Conn) -> QueryResult<Vec<EntryRow>>,
    ) -> Result<Option<State>, StoreError> {
        let conn = match &mut self.conn {
            Some(conn) => conn,
            none => none.insert(self.place.open_auditor()?),
        };
        let rows = read(conn)?;
        if i64::try_from(rows.len()).is_ok_and(|read| read >= HISTORY_MAX) {
            return Ok(None);
        }
        let mut state = State::default();
        for row in rows.iter().filter(|row| row.idx < before) {
            let Ok(entry) = Entry::from_leaf(&row.leaf) else { return Ok(None) };
            advance(&mut state, &entry);
        }
        Ok(Some(state))
    }
}
