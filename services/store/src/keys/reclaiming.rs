//! Slots whose lease is over: free again where no case uses them, marked where one does. The newest some at
//! the start, which are a hub's that stopped or died; the rest in the background, since after months there
//! is a slot for every case since the last start. Until then they lie idle. It destroys nothing.

use std::collections::HashSet;
use std::time::Duration;

use super::keeper::{Keeper, LOOK};
use crate::StoreError;
use crate::engine::query;

/// Looked up in one statement: SQLite takes 32,766 parameters at most.
const AT_ONCE: usize = 4096;
/// Between two lots, so that keys are given out meanwhile.
const BREATH: Duration = Duration::from_millis(200);

impl Keeper {
    /// Reclaims some; when to look again.
    pub fn reclaim(&mut self) -> Duration {
        let place = std::sync::Arc::clone(&self.place);
        let used = |ids: &[String]| {
            let mut conn = place.open_reader()?;
            Ok(query!(conn, read::keys_in_use(ids))?)
        };
        match self.reclaim_some(used) {
            Ok(found) if found < AT_ONCE => LOOK,
            Ok(_) => BREATH,
            Err(error) => {
                tracing::warn!(%error, "slots whose lease is over could not be looked up");
                LOOK
            }
        }
    }

    /// One lot, and how many it had. `used` says which of some keys a case uses.
    pub fn reclaim_some(
        &mut self,
        used: impl FnOnce(&[String]) -> Result<Vec<String>, StoreError>,
    ) -> Result<usize, StoreError> {
        // Nobody else is alive on an embedded store.
        let before = if self.place.is_shared() { self.clock.real().micros() } else { i64::MAX };
        let owner = self.owner.clone();
        let limit = i64::try_from(AT_ONCE).unwrap_or(i64::MAX);
        let some = self.with(|conn| Ok(query!(conn, keys::ended(&owner, before, limit))?))?;
        if some.is_empty() {
            return Ok(0);
        }
        let used: HashSet<String> = used(&some)?.into_iter().collect();
        let (marked, free): (Vec<String>, Vec<String>) = some.into_iter().partition(|id| used.contains(id));
        self.with(|conn| Ok(query!(conn, keys::mark_used(&marked))?))?;
        self.with(|conn| Ok(query!(conn, keys::free(&free, before))?))?;
        Ok(marked.len().saturating_add(free.len()))
    }
}
