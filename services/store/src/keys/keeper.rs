//! The thread behind the key stock: the only one that speaks to the key database. It refills, renews leases,
//! and looks up keys that are not in memory.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use casework::KeyId;
use seal::{CaseKey, EpochKey, RootKey};
use uuid::Uuid;

use super::{Ask, STOCK, Stock};
use crate::engine::{Conn, query};
use crate::pause::Pause;
use crate::place::Place;
use crate::rows::SlotRow;
use crate::{CaseClock, StoreError};

const HOUR_SECONDS: i64 = 3_600;
/// How long a slot is leased; by then its case is long committed, or never will be.
const LEASE_SECONDS: i64 = 24 * HOUR_SECONDS;
/// Unused ones are given out only in the first half of their lease. The other half is the gap between this
/// hub's last use and another hub's first.
const GOOD_SECONDS: i64 = LEASE_SECONDS / 2;
/// Leases are renewed after this time.
const RENEW_SECONDS: i64 = HOUR_SECONDS;
/// After a start: what another process left half wrapped goes on soon.
const FIRST_LOOK: Duration = Duration::from_secs(5);
/// How often to look whether they should be.
pub const LOOK: Duration = Duration::from_secs(60);
/// Slots destroyed in one statement.
const DESTROYED_AT_ONCE: usize = 4096;

/// What the thread owns.
pub struct Keeper {
    pub(super) place: Arc<Place>,
    conn: Option<Conn>,
    pause: Pause,
    pub(super) root: RootKey,
    pub(super) epoch: (i32, EpochKey),
    pub(super) owner: String,
    pub(super) clock: Arc<CaseClock>,
    stock: Arc<Stock>,
}

impl Keeper {
    /// Opens the key database and fills the stock for the first time.
    pub fn open(
        place: Arc<Place>,
        root: RootKey,
        clock: Arc<CaseClock>,
        stock: Arc<Stock>,
        used: impl FnOnce(&[String]) -> Result<Vec<String>, StoreError>,
    ) -> Result<Self, StoreError> {
        let mut conn = place.open_keys()?;
        let epoch = newest_epoch(&mut conn, &root)?;
        let owner = Uuid::new_v4().to_string();
        let pause = Pause::default();
        let mut keeper = Self { place, conn: Some(conn), pause, root, epoch, owner, clock, stock };
        keeper.reclaim_some(used)?;
        keeper.refill()?;
        Ok(keeper)
    }

    /// Serves until nobody can ask any more.
    pub fn run(mut self, asked: &Receiver<Ask>) {
        let mut next = Instant::now().checked_add(FIRST_LOOK).unwrap_or_else(Instant::now);
        loop {
            match asked.recv_timeout(next.saturating_duration_since(Instant::now())) {
                Ok(Ask::Open(id, reply)) => _ = reply.send(self.look_up(id)),
                Ok(Ask::Present(ids, reply)) => _ = reply.send(self.present(&ids)),
                Ok(Ask::Destroy(ids, reply)) => _ = reply.send(self.destroy(&ids)),
                Ok(Ask::Turn(reply)) => _ = reply.send(self.turn_some()),
                Ok(Ask::Refill) => self.restock(),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if Instant::now() >= next {
                self.restock();
                next = Instant::now().checked_add(self.turn().min(self.reclaim())).unwrap_or(next);
            }
        }
    }

    fn restock(&mut self) {
        let done = self.refill();
        if let Err(error) = &done {
            tracing::error!(%error, "the key database gave no slots");
        }
        let mut held = self.stock.hold();
        (held.asked, held.failed) = (None, done.is_err());
        drop(held);
        self.stock.refilled.notify_all();
    }

    /// Renews what is held where it is time, then takes free slots, then makes new ones.
    fn refill(&mut self) -> Result<(), StoreError> {
        let now = self.clock.real();
        let until = now.plus_seconds(LEASE_SECONDS).micros();
        self.renew(until)?;
        let wanted = STOCK.saturating_sub(self.stock.hold().ready.len());
        if wanted == 0 {
            return Ok(());
        }
        let limit = i64::try_from(wanted).unwrap_or(i64::MAX);
        let owner = self.owner.clone();
        let leased = self.with(|conn| Ok(query!(conn, slots::lease(&owner, until, limit))?))?;
        let (slots, mut found) = (leased.len(), Vec::new());
        for slot in leased {
            // One that does not open is never given out; it does not keep the others back.
            found.extend(self.unwrap(slot.epoch, slot.key_id.parse()?, &slot.wrapped).ok());
        }
        if found.len() < slots {
            tracing::error!(slots = slots.saturating_sub(found.len()), "free key slots do not open");
        }
        if found.len() < wanted {
            self.follow_epoch()?;
        }
        let made: Vec<CaseKey> =
            (found.len()..wanted).map(|_| CaseKey::generate(KeyId::new(Uuid::now_v7()))).collect();
        let rows: Vec<SlotRow> = made.iter().map(|key| self.row(key, until)).collect();
        self.with(|conn| Ok(query!(conn, keys::insert(&rows))?))?;
        let mut held = self.stock.hold();
        if held.ready.is_empty() {
            held.good_until = now.plus_seconds(GOOD_SECONDS).micros();
        }
        held.ready.extend(found.into_iter().chain(made).map(Arc::new));
        Ok(())
    }

    /// What could not be renewed, because another hub may have it, is given up.
    fn renew(&mut self, until: i64) -> Result<(), StoreError> {
        let now = self.clock.real();
        let held = self.stock.hold();
        let fresh = held.good_until > now.plus_seconds(GOOD_SECONDS - RENEW_SECONDS).micros();
        if fresh || held.ready.is_empty() {
            return Ok(());
        }
        let ids: Vec<String> = held.ready.iter().map(|key| key.id().to_string()).collect();
        drop(held);
        let owner = self.owner.clone();
        let renewed = self.with(|conn| Ok(query!(conn, keys::renew(&owner, &ids, until))?))?;
        let mut held = self.stock.hold();
        if renewed < ids.len() {
            held.ready.clear();
        } else {
            held.good_until = now.plus_seconds(GOOD_SECONDS).micros();
        }
        Ok(())
    }

    fn row(&self, key: &CaseKey, until: i64) -> SlotRow {
        SlotRow {
            key_id: key.id().to_string(),
            epoch: self.epoch.0,
            wrapped: self.epoch.1.wrap(key),
            owner: Some(self.owner.clone()),
            lease_until: Some(until),
            used: false,
        }
    }

    fn look_up(&mut self, id: KeyId) -> Result<Arc<CaseKey>, StoreError> {
        let (number, wrapped) = self.slot(id)?;
        let opened = match self.unwrap(number, id, &wrapped) {
            // Another hub may have wrapped it anew since it was read, and destroyed the earlier epoch key.
            Err(StoreError::KeyLost) => {
                let (number, wrapped) = self.slot(id)?;
                self.unwrap(number, id, &wrapped)
            }
            opened => opened,
        };
        let key = Arc::new(opened?);
        self.stock.hold().remember(&key);
        Ok(key)
    }

    fn slot(&mut self, id: KeyId) -> Result<(i32, Vec<u8>), StoreError> {
        let found = self.with(|conn| Ok(query!(conn, keys::slot(&id.to_string()))?))?;
        found.ok_or(StoreError::KeyLost)
    }

    fn present(&mut self, ids: &[KeyId]) -> Result<Vec<KeyId>, StoreError> {
        let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let mut found = Vec::new();
        for some in texts.chunks(DESTROYED_AT_ONCE) {
            for id in self.with(|conn| Ok(query!(conn, keys::present(some))?))? {
                found.push(id.parse()?);
            }
        }
        Ok(found)
    }

    /// The rows are gone; a server that is too busy to clear their places away does so by itself later.
    pub(super) fn sweep(&mut self) {
        if let Err(error) = self.with(|conn| Ok(query!(conn, sweep_slots())?)) {
            tracing::warn!(%error, "the places of destroyed keys were not cleared away yet");
        }
    }

    /// After it neither the database's files nor this process's memory have these keys. Repeating it is
    /// harmless.
    fn destroy(&mut self, ids: &[KeyId]) -> Result<usize, StoreError> {
        let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let mut gone = 0_usize;
        for some in texts.chunks(DESTROYED_AT_ONCE) {
            gone = gone.saturating_add(self.with(|conn| Ok(query!(conn, keys::destroy(some))?))?);
        }
        failpoint::here("S14-unswept");
        self.sweep();
        let mut held = self.stock.hold();
        held.ready.retain(|key| !ids.contains(&key.id()));
        held.cache.retain(|id, _| !ids.contains(id));
        Ok(gone)
    }

    fn unwrap(&mut self, number: i32, id: KeyId, wrapped: &[u8]) -> Result<CaseKey, StoreError> {
        if number == self.epoch.0 {
            return self.epoch.1.unwrap(id, wrapped).map_err(|_| StoreError::KeyLost);
        }
        let sealed = self.with(|conn| Ok(query!(conn, keys::epoch(number))?))?.ok_or(StoreError::KeyLost)?;
        let older = unwrap_epoch(&self.root, number, &sealed)?;
        older.unwrap(id, wrapped).map_err(|_| StoreError::KeyLost)
    }

    /// On a connection that can be trusted; opened again where it broke, but not at every question.
    pub(super) fn with<T>(
        &mut self,
        act: impl FnOnce(&mut Conn) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut conn = match self.conn.take() {
            Some(conn) if conn.is_sound() => conn,
            _ => self.pause.between(|| self.place.open_keys())?,
        };
        let done = act(&mut conn).map_err(|error| conn.blame(error));
        self.conn = Some(conn);
        done
    }
}

pub fn unwrap_epoch(root: &RootKey, number: i32, wrapped: &[u8]) -> Result<EpochKey, StoreError> {
    let number = u32::try_from(number).map_err(|_| StoreError::KeyLost)?;
    root.unwrap_epoch(number, wrapped).map_err(|_| StoreError::KeyLost)
}

/// Where there is none yet, the first; of two hubs that start together, one's key stays.
fn newest_epoch(conn: &mut Conn, root: &RootKey) -> Result<(i32, EpochKey), StoreError> {
    if query!(conn, keys::newest_epoch())?.is_none() {
        query!(conn, keys::insert_epoch(1, &root.wrap_epoch(&EpochKey::generate(), 1)))?;
    }
    let (number, wrapped) = query!(conn, keys::newest_epoch())?.ok_or(StoreError::KeyLost)?;
    Ok((number, unwrap_epoch(root, number, &wrapped)?))
}
