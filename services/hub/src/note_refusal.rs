//! A known caller was refused: that is written down. Past ten a minute and client, the rest of the minute
//! becomes one counted entry, so that a flood cannot fill the ledger. An unknown caller touches no store.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use casework::{Action, AgencyCode, Caller, Command, PolicyAsked, Pseudonym, RefusedEntry, Via};
use store::{Lane, Order};

use crate::hand_over::code;
use crate::{Hub, HubError};

/// Refusals of a client that are entered singly in a minute.
const SINGLE_MAX: u32 = 10;
/// Clients counted at most.
const CLIENTS_MAX: usize = 10_000;
const MINUTE_MICROS: i64 = 60_000_000;

/// Refusals of this minute, by client.
#[derive(Debug, Default)]
pub struct RefusalCounter(Mutex<BTreeMap<Pseudonym, Minute>>);

#[derive(Debug, Clone)]
struct Minute {
    number: i64,
    seen: u32,
    over: u32,
    agency: AgencyCode,
    via: Via,
}

/// What to enter for one more refusal.
#[derive(Debug, PartialEq, Eq)]
enum Enter {
    One,
    Nothing,
}

impl RefusalCounter {
    fn count(&self, caller: &Caller, minute: i64) -> (Enter, Vec<(Pseudonym, Minute)>) {
        let mut minutes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let past: Vec<Pseudonym> =
            minutes.iter().filter(|(_, held)| held.number != minute).map(|(actor, _)| *actor).collect();
        let over = past.iter().filter_map(|actor| minutes.remove(actor).map(|held| (*actor, held)));
        let over = over.filter(|(_, held)| held.over > 0).collect();
        if minutes.len() >= CLIENTS_MAX {
            return (Enter::Nothing, over);
        }
        let fresh =
            || Minute { number: minute, seen: 0, over: 0, agency: caller.agency.clone(), via: caller.via };
        let held = minutes.entry(caller.actor).or_insert_with(fresh);
        held.seen = held.seen.saturating_add(1);
        if held.seen <= SINGLE_MAX {
            return (Enter::One, over);
        }
        held.over = held.over.saturating_add(1);
        (Enter::Nothing, over)
    }

    /// What could not be entered is counted on.
    fn put_back(&self, actor: Pseudonym, minute: Minute) {
        let mut minutes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = minute.over;
        let held = minutes.entry(actor).or_insert(Minute { over: 0, ..minute });
        held.over = held.over.saturating_add(count);
    }

    /// Takes out what was only counted: all, or all but the minute that runs.
    fn drain(&self, but: Option<i64>) -> Vec<(Pseudonym, Minute)> {
        let mut minutes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (kept, past) =
            std::mem::take(&mut *minutes).into_iter().partition(|(_, held)| Some(held.number) == but);
        *minutes = kept;
        past.into_iter().filter(|(_, held): &(Pseudonym, Minute)| held.over > 0).collect()
    }
}

impl Hub {
    /// Writes down that a known caller was refused, and what the policies were asked if it was they who said
    /// no.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn note_refusal(
        &self,
        caller: &Caller,
        slug: &str,
        asked: Option<Box<PolicyAsked>>,
    ) -> Result<(), HubError> {
        let minute = self.store.clock().real().micros() / MINUTE_MICROS;
        let (enter, over) = self.refusals.count(caller, minute);
        self.enter_counted(over).await?;
        if enter == Enter::One {
            let Ok(problem) = slug.parse() else { return Ok(()) };
            let refused = RefusedEntry { problem, agency: caller.agency.clone(), count: 1, asked };
            self.enter(caller.actor, caller.via, refused).await?;
        }
        Ok(())
    }

    /// Enters what was only counted; called when the hub stops.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn flush_refusals(&self) -> Result<(), HubError> {
        self.enter_counted(self.refusals.drain(None)).await
    }

    /// Enters what was only counted in minutes that are over.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn flush_old_refusals(&self) -> Result<(), HubError> {
        let minute = self.store.clock().real().micros() / MINUTE_MICROS;
        self.enter_counted(self.refusals.drain(Some(minute))).await
    }

    async fn enter_counted(&self, over: Vec<(Pseudonym, Minute)>) -> Result<(), HubError> {
        let mut failed = None;
        for (actor, minute) in over {
            let (agency, count) = (minute.agency.clone(), minute.over);
            let refused = RefusedEntry { problem: code("refused-often"), agency, count, asked: None };
            if let Err(error) = self.enter(actor, minute.via, refused).await {
                self.refusals.put_back(actor, minute);
                failed = Some(error);
            }
        }
        failed.map_or(Ok(()), Err)
    }

    async fn enter(&self, actor: Pseudonym, via: Via, refused: RefusedEntry) -> Result<(), HubError> {
        let action = Action::Refused(refused);
        let command = Command { actor, via, permit: None, commitment: None, action };
        self.store.commit(Order::plain(command, Lane::Reads)).await.map(|_| ()).map_err(HubError::from)
    }
}
