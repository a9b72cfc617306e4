//! Who acts: persons as this process knows them, looked up one by one. Whoever asked in the last second is
//! asked about again a second later, and sooner after a commit of this process that moved a register. While
//! the database does not answer, what was read last of a person counts; of somebody who was never looked up
//! nothing does. Only the last readings of so many are kept, so memory does not follow how many people there
//! are.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use casework::{AgencyCode, Person, Pseudonym, Register, RegisterKey};

use crate::{Hub, HubError};

/// A reading counts for so long.
const COUNTS: Duration = Duration::from_secs(1);
/// Readings kept.
const KEPT_MAX: usize = 10_000;

/// What was read last.
#[derive(Debug, Default)]
pub(crate) struct WhoActs {
    people: Readings<Pseudonym, Option<Person>>,
    /// Has an agency said of anybody who it is?
    agencies: Readings<AgencyCode, bool>,
}

impl WhoActs {
    /// Something was written: the next look reads.
    pub fn forget(&self) {
        self.people.forget();
        self.agencies.forget();
    }
}

/// Readings and when each was made; no time where something was written since.
#[derive(Debug)]
struct Readings<K, V>(RwLock<BTreeMap<K, (Option<Instant>, V)>>);

impl<K, V> Default for Readings<K, V> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K: Ord + Clone, V: Clone> Readings<K, V> {
    fn fresh(&self, of: &K) -> Option<V> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (read, found) = held.get(of)?;
        read.is_some_and(|read| read.elapsed() < COUNTS).then(|| found.clone())
    }

    fn last(&self, of: &K) -> Option<V> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        held.get(of).map(|(_, found)| found.clone())
    }

    fn put(&self, of: &K, found: &V) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= KEPT_MAX && !held.contains_key(of) {
            held.clear();
        }
        held.insert(of.clone(), (Some(Instant::now()), found.clone()));
    }

    fn forget(&self) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        held.values_mut().for_each(|(read, _)| *read = None);
    }

    /// What was read now, or last where nothing can be read.
    fn keep(&self, of: &K, read: Result<V, HubError>) -> Result<V, HubError> {
        let found = match (read, self.last(of)) {
            (Ok(found), _) => found,
            (Err(error), Some(last)) => {
                tracing::warn!(%error, "who acts could not be read; what was read last counts");
                last
            }
            (Err(error), None) => return Err(error),
        };
        self.put(of, &found);
        Ok(found)
    }
}

impl Hub {
    /// A person, whether it may act or not; none where no agency has said who that is.
    pub(crate) async fn who_acts(&self, id: Pseudonym) -> Result<Option<Person>, HubError> {
        let known = &self.registers.who_acts.people;
        if let Some(found) = known.fresh(&id) {
            return Ok(found);
        }
        let read = self.store.register(&RegisterKey::Person(id)).await;
        known.keep(&id, read.map(|row| row.and_then(person)).map_err(HubError::from))
    }

    /// Several of them, for those who read what was done.
    pub(crate) async fn people(
        &self,
        ids: impl IntoIterator<Item = Pseudonym>,
    ) -> Result<BTreeMap<Pseudonym, Person>, HubError> {
        let mut found = BTreeMap::new();
        for id in ids {
            if let (false, Some(person)) = (found.contains_key(&id), self.who_acts(id).await?) {
                found.insert(id, person);
            }
        }
        Ok(found)
    }

    /// Has the agency said of anybody who it is?
    pub(crate) async fn has_people(&self, agency: &AgencyCode) -> Result<bool, HubError> {
        let known = &self.registers.who_acts.agencies;
        if let Some(found) = known.fresh(agency) {
            return Ok(found);
        }
        known.keep(agency, self.store.has_people(agency).await.map_err(HubError::from))
    }
}

pub(crate) fn person(row: Register) -> Option<Person> {
    match row {
        Register::Person(held) => Some(held),
        _ => None,
    }
}
