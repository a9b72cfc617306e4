//! The key database: case keys, wrapped, made ahead as slots so that intake needs no write here. A thread of
//! its own keeps a stock of them in memory and refills it before the last is gone; so intake goes on while
//! the key database is slow or down. Erasing a case means destroying its slots.
//!
//! A slot is leased to this opening of the store until a time. Several hubs share the database: each takes
//! free slots, makes new ones where there are none, and gives up what it holds long before the lease is
//! over; only then may a hub that starts free those that no case uses. That a key is never two cases' is
//! held by the main database itself (`case_keys_by_key` is unique).

mod keeper;
mod reclaiming;
mod turning;

use std::collections::{HashMap, VecDeque};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use casework::{AgencyCode, KeyId};
use seal::{CaseKey, NoteKey, RootKey, WordKey};
use tokio::sync::oneshot;

use crate::place::Place;
use crate::{CaseClock, StoreError, measure};
use keeper::Keeper;
pub use turning::{begin_epoch, epochs};

/// Keys kept ready: one write to the key database serves about that many new cases.
const STOCK: usize = 256;
/// From here on down the stock is refilled.
const STOCK_LOW: usize = 96;
/// Unwrapped keys kept in memory.
const CACHE_KEYS_MAX: usize = 4096;
/// How long an unwrapped key is used before the key database is asked again whether it is still there: so
/// long does disclosure go on while the key database is down. Whoever shows a stored body asks the case's
/// state first, so a key that was destroyed elsewhere and is still in memory shows nothing.
pub const CACHE_LIFE: Duration = Duration::from_secs(30);
/// How long destroying is waited for.
const DESTROY_WAIT: Duration = Duration::from_secs(30);
/// How long an empty stock is waited for while the key database answers.
const REFILL_WAIT: Duration = Duration::from_millis(500);
/// How long a key is waited for.
const KEY_WAIT: Duration = Duration::from_secs(2);

/// The open key database.
pub struct KeyStore {
    stock: Arc<Stock>,
    clock: Arc<CaseClock>,
    /// Gives the words that stand for values.
    words: RootKey,
    /// Signs copies that are handed out.
    copies: Arc<NoteKey>,
    asks: Option<SyncSender<Ask>>,
    thread: Option<JoinHandle<()>>,
}

/// What the keeper's thread is asked for.
enum Ask {
    Refill,
    Open(KeyId, oneshot::Sender<Result<Arc<CaseKey>, StoreError>>),
    Turn(oneshot::Sender<Result<bool, StoreError>>),
    Present(Vec<KeyId>, oneshot::Sender<Result<Vec<KeyId>, StoreError>>),
    Destroy(Vec<KeyId>, oneshot::Sender<Result<usize, StoreError>>),
}

/// The keys in memory.
#[derive(Default)]
struct Stock {
    held: Mutex<Held>,
    refilled: Condvar,
}

#[derive(Default)]
struct Held {
    ready: VecDeque<Arc<CaseKey>>,
    cache: HashMap<KeyId, (Arc<CaseKey>, Instant)>,
    /// Real time until which the ready ones may be used.
    good_until: i64,
    /// Since when a refill has been asked for and has not come.
    asked: Option<Instant>,
    /// The last refill failed.
    failed: bool,
}

impl Stock {
    fn hold(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn remember(&mut self, key: &Arc<CaseKey>) {
        if self.cache.len() >= CACHE_KEYS_MAX {
            self.cache.clear();
        }
        self.cache.insert(key.id(), (Arc::clone(key), Instant::now()));
    }

    fn known(&self, id: KeyId) -> Option<Arc<CaseKey>> {
        let (key, since) = self.cache.get(&id)?;
        (since.elapsed() < CACHE_LIFE).then(|| Arc::clone(key))
    }

    fn give(&mut self, now: i64) -> Option<Arc<CaseKey>> {
        if now >= self.good_until {
            return None;
        }
        let key = self.ready.pop_front()?;
        self.remember(&key);
        Some(key)
    }
}

impl std::fmt::Debug for KeyStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyStore(..)")
    }
}

impl KeyStore {
    /// Opens it, makes the first epoch key where there is none, frees leases nobody uses, fills the stock.
    /// `used` says which of some keys a case uses.
    pub(crate) fn open(
        place: Arc<Place>,
        root: RootKey,
        clock: Arc<CaseClock>,
        used: impl FnOnce(&[String]) -> Result<Vec<String>, StoreError>,
    ) -> Result<Self, StoreError> {
        let stock = Arc::new(Stock::default());
        let words = root.clone();
        let copies = root.copy_key().map_err(|error| StoreError::Unreadable(error.to_string()))?;
        let keeper = Keeper::open(place, root, Arc::clone(&clock), Arc::clone(&stock), used)?;
        let (asks, asked) = std::sync::mpsc::sync_channel(1024);
        let thread = std::thread::Builder::new().name("store-keys".to_owned());
        let thread = thread.spawn(move || keeper.run(&asked));
        let thread =
            thread.map_err(|source| StoreError::File { what: "starting the keeper".to_owned(), source })?;
        Ok(Self { stock, clock, words, copies: Arc::new(copies), asks: Some(asks), thread: Some(thread) })
    }

    /// The word that stands for a value of a kind towards this agency. It comes from the root key alone, so
    /// it is the same at every hub and after every start, and asks no database.
    #[must_use]
    pub fn word(&self, agency: &AgencyCode, kind: &str, value: &str) -> String {
        let key: WordKey = self.words.word_key(agency.as_str());
        key.word(kind, value)
    }

    /// The key that signs copies which are handed out; from the root key alone, as the words are.
    #[must_use]
    pub fn copy_key(&self) -> Arc<NoteKey> {
        Arc::clone(&self.copies)
    }

    /// An unused case key from memory. Waits a moment where the stock is just being refilled.
    ///
    /// # Errors
    /// [`StoreError::NoKey`] when none is ready and the key database gives none.
    pub fn take(&self) -> Result<Arc<CaseKey>, StoreError> {
        let mut held = self.stock.hold();
        let now = self.clock.real().micros();
        let low = held.ready.len() <= STOCK_LOW || held.good_until <= now;
        if low && held.asked.is_none() {
            held.asked = self.ask(Ask::Refill).is_ok().then(Instant::now);
        }
        if let Some(key) = held.give(now) {
            measure::key_slots(held.ready.len());
            return Ok(key);
        }
        // A key database that hangs is waited for once, not by every caller again.
        let since = held.asked.map_or(REFILL_WAIT, |since| since.elapsed());
        let wait = |held: &mut Held| {
            held.asked.is_some() && !held.failed && (held.ready.is_empty() || held.good_until <= now)
        };
        let waited = self.stock.refilled.wait_timeout_while(held, REFILL_WAIT.saturating_sub(since), wait);
        let (mut held, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let given = held.give(now);
        measure::key_slots(held.ready.len());
        given.ok_or_else(|| {
            measure::key_slots_missing();
            StoreError::NoKey
        })
    }

    /// Gives back a key that is certainly in no case: what it was taken for was a repeat, or was
    /// refused.
    pub fn give_back(&self, key: Arc<CaseKey>) {
        let mut held = self.stock.hold();
        // Only beside others: alone it may be of a lease that is over.
        if !held.ready.is_empty() {
            held.ready.push_front(key);
        }
    }

    /// A case key that is in memory; for half a minute at most.
    #[must_use]
    pub fn held(&self, id: KeyId) -> Option<Arc<CaseKey>> {
        self.stock.hold().known(id)
    }

    /// A case key by id.
    ///
    /// # Errors
    /// [`StoreError::KeyLost`] where it is gone or does not unwrap; [`StoreError::Unreachable`] where the key
    /// database does not answer.
    pub async fn get(&self, id: KeyId) -> Result<Arc<CaseKey>, StoreError> {
        if let Some(key) = self.held(id) {
            return Ok(key);
        }
        let silent = || StoreError::Unreachable("the key database is silent".to_owned());
        let (reply, answer) = oneshot::channel();
        self.ask(Ask::Open(id, reply))?;
        let answer = tokio::time::timeout(KEY_WAIT, answer).await.map_err(|_| silent())?;
        answer.map_err(|_| silent())?
    }

    /// Destroys keys for good; how many slots there still were. This hub forgets them at once, another hub
    /// within [`CACHE_LIFE`].
    ///
    /// # Errors
    /// [`StoreError::Unreachable`] where the key database does not answer; what is left is destroyed when it
    /// is asked again.
    pub async fn destroy(&self, ids: Vec<KeyId>) -> Result<usize, StoreError> {
        let silent = || StoreError::Unreachable("the key database is silent".to_owned());
        let (reply, answer) = oneshot::channel();
        self.ask(Ask::Destroy(ids, reply))?;
        let answer = tokio::time::timeout(DESTROY_WAIT, answer).await.map_err(|_| silent())?;
        answer.map_err(|_| silent())?
    }

    /// Which of these the key database has.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`] where the key database does not answer.
    pub async fn present(&self, ids: Vec<KeyId>) -> Result<Vec<KeyId>, StoreError> {
        if ids.is_empty() {
            return Ok(ids);
        }
        let silent = || StoreError::Unreachable("the key database is silent".to_owned());
        let (reply, answer) = oneshot::channel();
        self.ask(Ask::Present(ids, reply))?;
        let answer = tokio::time::timeout(DESTROY_WAIT, answer).await.map_err(|_| silent())?;
        answer.map_err(|_| silent())?
    }

    /// Wraps some keys under the newest epoch key, where there are others; is there more? Done by itself in
    /// the background, too.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`] where the key database does not answer.
    pub async fn turn(&self) -> Result<bool, StoreError> {
        let silent = || StoreError::Unreachable("the key database is silent".to_owned());
        let (reply, answer) = oneshot::channel();
        self.ask(Ask::Turn(reply))?;
        let answer = tokio::time::timeout(DESTROY_WAIT, answer).await.map_err(|_| silent())?;
        answer.map_err(|_| silent())?
    }

    fn ask(&self, ask: Ask) -> Result<(), StoreError> {
        let sent = self.asks.as_ref().map(|asks| asks.try_send(ask));
        let busy = || StoreError::Unreachable("too much is asked of the key database".to_owned());
        if matches!(sent, Some(Ok(()))) { Ok(()) } else { Err(busy()) }
    }
}

impl Drop for KeyStore {
    fn drop(&mut self) {
        drop(self.asks.take());
        if let Some(thread) = self.thread.take() {
            _ = thread.join();
        }
    }
}
