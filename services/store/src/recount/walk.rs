//! One pass over the ledger's entries through the very function that the hub's state comes from. What came
//! to its end is counted and dropped, so that only what is open is held.

use casework::{
    Delivery, DeliveryId, DeliveryMoved, DeliveryStatus, Entry, Event, Overdue, Referral, ReferralId,
    RequestId, State, advance, moves,
};

use super::{Principle, Recount};
use crate::StoreError;
use crate::commit::to_u64;
use crate::conservation::add;
use crate::engine::{Conn, query};
use crate::verify::pages::each_page;

/// Entries of one referral that are read again, where one moves that was closed.
const HISTORY_MAX: i64 = 2_000;

/// Counts all entries; what is still open then.
pub fn all(conn: &mut Conn, found: &mut Recount) -> Result<State, StoreError> {
    let mut walk = Walk { state: State::default(), promised: None, found };
    each_page(conn, |conn, rows| {
        for row in rows {
            let entry = Entry::from_leaf(&row.leaf)?;
            walk.recall(conn, &entry.event, row.idx)?;
            walk.take(&entry);
            walk.found.size = to_u64(row.idx)?.saturating_add(1);
        }
        Ok(true)
    })?;
    walk.broken_promise();
    Ok(walk.end())
}

struct Walk<'a> {
    state: State,
    /// A request, and how many of its referrals have to follow.
    promised: Option<(RequestId, u64)>,
    found: &'a mut Recount,
}

impl Walk<'_> {
    /// A closed referral that moves again is read again; its deliveries have been counted.
    fn recall(&mut self, conn: &mut Conn, event: &Event, index: i64) -> Result<(), StoreError> {
        let Some(id) = subject(event).filter(|id| !self.state.referrals.contains_key(id)) else {
            return Ok(());
        };
        let mut past = State::default();
        for row in query!(conn, trail::entries_of_referral(&id.to_string(), HISTORY_MAX))? {
            if row.idx < index {
                advance(&mut past, &Entry::from_leaf(&row.leaf)?);
            }
        }
        self.state.referrals.extend(past.referrals);
        Ok(())
    }

    fn take(&mut self, entry: &Entry) {
        self.promise(&entry.event);
        if let Event::Delivery(step) = &entry.event {
            self.stray(step);
        }
        let made = made(&entry.event);
        if let Some((id, _)) = made.filter(|(id, _)| self.state.deliveries.contains_key(id)) {
            self.found.add(Principle::NothingLost, id, "was made twice");
        }
        advance(&mut self.state, entry);
        // Of no concern here, and they would be held for ever.
        self.state.cases.clear();
        self.state.checks.clear();
        if let Some((id, to)) = made {
            let counts = &mut self.found.agency(to).ledger;
            counts.created = counts.created.saturating_add(1);
            if !self.state.deliveries.contains_key(&id) {
                self.found.add(Principle::NothingLost, id, "was made for a referral that does not exist");
            }
        }
        self.let_go(&entry.event);
    }

    /// A request says how many referrals follow it: one that is missing was accepted and lost.
    fn promise(&mut self, event: &Event) {
        match (event, &mut self.promised) {
            (Event::Created(made) | Event::Drafted(made), Some((request, left)))
                if made.request == *request =>
            {
                *left = left.saturating_sub(1);
            }
            _ => self.broken_promise(),
        }
        match event {
            Event::Requested(asked) => self.promised = Some((asked.request, asked.recipients)),
            _ if self.promised.is_some_and(|(_, left)| left == 0) => self.promised = None,
            _ => {}
        }
    }

    fn broken_promise(&mut self) {
        if let Some((request, left)) = self.promised.take().filter(|(_, left)| *left > 0) {
            let what = format!("{left} of its referrals were accepted and are not in the ledger");
            self.found.add(Principle::NothingLost, request, what);
        }
    }

    fn stray(&mut self, step: &DeliveryMoved) {
        if !self.state.deliveries.contains_key(&step.delivery) {
            let what = "moved before it was made, or after its end";
            self.found.add(Principle::NothingLost, step.delivery, what);
        }
    }

    fn let_go(&mut self, event: &Event) {
        let held = self.state.referrals.len().saturating_add(self.state.deliveries.len());
        self.found.held_max = self.found.held_max.max(u64::try_from(held).unwrap_or(u64::MAX));
        let moved = moves(event);
        for id in &moved.deliveries {
            let Some(over) = self.state.deliveries.get(id).filter(|held| is_over(held)) else { continue };
            add(&mut self.found.agency(&over.to).ledger, over.status, 1);
            self.state.deliveries.remove(id);
        }
        for id in &moved.referrals {
            if self.state.referrals.get(id).is_some_and(Referral::closed) {
                self.state.referrals.remove(id);
            }
        }
    }

    fn end(mut self) -> State {
        for held in self.state.deliveries.values() {
            add(&mut self.found.agency(&held.to).ledger, held.status, 1);
        }
        self.found.open = u64::try_from(self.state.referrals.len()).unwrap_or(u64::MAX);
        std::mem::take(&mut self.state)
    }
}

/// Nothing follows that end.
pub fn is_over(held: &Delivery) -> bool {
    is_end(held.status)
}

/// The same of a status.
pub const fn is_end(status: DeliveryStatus) -> bool {
    !status.in_flight() && !status.is_dead()
}

/// Which referral an entry moves.
const fn subject(event: &Event) -> Option<ReferralId> {
    match event {
        Event::Moved(step) => Some(step.referral),
        Event::Overdue(Overdue { referral, .. }) => Some(*referral),
        _ => None,
    }
}

/// The delivery that an entry makes, and for whom.
pub const fn made(event: &Event) -> Option<(DeliveryId, &casework::AgencyCode)> {
    match event {
        Event::Created(created) => Some((created.delivery, &created.to)),
        Event::Moved(step) => match &step.delivery {
            Some(made) => Some((made.delivery, &made.to)),
            None => None,
        },
        Event::Overdue(step) => match &step.delivery {
            Some(made) => Some((made.delivery, &made.to)),
            None => None,
        },
        _ => None,
    }
}
