//! What happens to an agency's referrals, as events: one page of them, for whoever asks, whether by the list,
//! by the stream or by a webhook. All three ways give the same bytes, since there is one page and one encoder
//! (`told.rs`).
//!
//! Events hold no personal data, so that no look has to be entered (as with lists); the message itself is
//! shown by the referral's own address, and that look is.

mod described;
mod news;
mod told;

use casework::{Caller, Event};
use policies::Act;
use serde::Serialize;
use serde_json::value::RawValue;
use store::PartyEntry;

pub use described::{EVENT_TYPES, EventType, TRIAL};
pub use news::{News, Waited, Watching};
pub(crate) use told::test as test_event;

use crate::permits::ask;
use crate::{Hub, HubError};

/// An event, ready to be sent.
#[derive(Debug, Clone)]
pub struct Told {
    /// The entry it tells of: what a listener goes on after.
    pub index: u64,
    /// Its id, the same whenever and however it is told.
    pub id: String,
    /// Its type, `amaan.referral.moved.v1` for example.
    pub kind: &'static str,
    /// A CloudEvents 1.0 event as JSON.
    pub body: Box<RawValue>,
}

/// Some events, oldest first.
#[derive(Debug, Clone, Default)]
pub struct EventPage {
    /// They.
    pub events: Vec<Told>,
    /// After which entry the next page goes on; none while the ledger is empty.
    pub last: Option<u64>,
    /// Is there more already?
    pub more: bool,
}

/// A page as the list shows it.
#[derive(Debug, Serialize)]
pub struct EventList<'a> {
    data: Vec<&'a RawValue>,
    next_cursor: Option<String>,
    more: bool,
}

impl EventPage {
    /// As the list shows it.
    #[must_use]
    pub fn list(&self) -> EventList<'_> {
        let data = self.events.iter().map(|event| &*event.body).collect();
        EventList { data, next_cursor: self.last.map(|index| index.to_string()), more: self.more }
    }
}

/// What a caller is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hears {
    /// All of its agency's events.
    All,
    /// Notices to its role, and nothing of any referral: a privacy officer reads none.
    Notices,
}

/// Some notices are for the people in a role alone, and for no system.
fn may_know(caller: &Caller, hears: Hears, held: &PartyEntry) -> bool {
    match &held.entry.event {
        Event::Noticed(told) if hears == Hears::Notices || told.what.is_confidential() => {
            caller.has_role(told.role.as_str())
        }
        _ => hears == Hears::All,
    }
}

impl Hub {
    /// The events of the caller's agency after an entry, oldest first. A page may be empty and yet not the
    /// last one. `limit` is 1 to 200. Who may read no referral and reviews looks is told what notices are
    /// for that role.
    ///
    /// # Errors
    /// `not-permitted` where the policies let the caller do neither; where policies are in doubt or the store
    /// fails.
    pub async fn list_events(
        &self,
        caller: &Caller,
        after: Option<u64>,
        limit: u32,
    ) -> Result<EventPage, HubError> {
        let hears = self.hears(caller)?;
        let window = self.store.events_for(caller.agency.clone(), after, limit).await?;
        let told = window.entries.iter().filter(|held| may_know(caller, hears, held));
        let told = told.filter_map(|held| told::told(&self.name, held).transpose());
        Ok(EventPage { events: told.collect::<Result<_, _>>()?, last: window.last, more: window.more })
    }

    fn hears(&self, caller: &Caller) -> Result<Hears, HubError> {
        match self.permit(&ask(caller, Act::ReadReferral, None)) {
            Ok(_) => Ok(Hears::All),
            Err(error @ HubError::Denied(_)) => {
                let reviews = self.permit(&ask(caller, Act::ReviewGlass, None));
                reviews.map(|_| Hears::Notices).map_err(|_| error)
            }
            Err(error) => Err(error),
        }
    }
}
