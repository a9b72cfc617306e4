//! Opening a store, and its one door: `commit`. Reads are in `reads.rs`, work writes in `work.rs`.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use casework::{Rules, TimeSource, Timestamp};
use seal::{NoteKey, RootKey};
use tokio::sync::watch;
use tracing::Instrument;
use tracing::field::Empty;

use crate::clock::parse_offset;
use crate::commit::ATTEMPT_LEASE_SECONDS;
use crate::engine::{Conn, apart, query, write_tx};
use crate::events::tell;
use crate::folder_lock::FolderLock;
use crate::latest::{CHECKPOINT_FILE, Latest, keep_latest, write_latest};
use crate::place::Place;
use crate::reads::Readers;
use crate::ring::Ring;
use crate::rows::OutboxRow;
use crate::work::Desk;
use crate::writer::{Door, Writer};
use crate::{CaseClock, Committed, KeyStore, LedgerKey, Order, StoreError, high_water, measure, migrate};

/// Name of the cursor that keeps the case clock's offset.
pub const OFFSET_CURSOR: &str = "case-clock-offset";

/// What a store is opened with.
pub struct Settings {
    /// Where it lies.
    pub place: Place,
    /// Clocks and calendar.
    pub rules: Rules,
    /// The key above all case keys.
    pub root: RootKey,
    /// The key that signs checkpoints; its name is the ledger's first origin.
    pub note_key: NoteKey,
    /// Keys that may take its place, or that it took the place of.
    pub other_note_keys: Vec<NoteKey>,
    /// Case-clock offset of a new store, in microseconds; zero outside the sandbox.
    pub first_offset_micros: i64,
}

/// An open store. Cheap to clone the `Arc` around it; closing waits for what is in the lanes.
pub struct Store {
    pub(crate) place: Arc<Place>,
    pub(crate) readers: Arc<Readers>,
    pub(crate) desk: Arc<Desk>,
    pub(crate) clock: Arc<CaseClock>,
    keys: Arc<KeyStore>,
    ring: Arc<Ring>,
    door: Arc<Door>,
    thread: Mutex<Option<JoinHandle<()>>>,
    latest: Arc<Mutex<Latest>>,
    /// Is this a sandbox's, whose case clock may be moved?
    clock_moves: bool,
    pub(crate) size: Arc<watch::Sender<u64>>,
    _lock: FolderLock,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.ring.base())
    }
}

impl Store {
    /// Opens or makes a store; migrates it; starts its writer.
    ///
    /// # Errors
    /// [`StoreError::SecondWriter`] where another process writes to it; others where files or the database
    /// are not as they should be.
    pub fn open(settings: Settings) -> Result<Self, StoreError> {
        let lock = FolderLock::take(&settings.place)?;
        apart(|| Self::open_locked(settings, lock))
    }

    fn open_locked(settings: Settings, lock: FolderLock) -> Result<Self, StoreError> {
        let Settings { place, rules, root, note_key, other_note_keys, first_offset_micros } = settings;
        let place = Arc::new(place);
        migrate::bring_up(&place)?;
        let ring = Arc::new(Ring::new(note_key, other_note_keys));
        let mut conn = place.open_writer()?;
        ring.load(&mut conn)?;
        high_water::look(&mut conn, &place.dir().join(CHECKPOINT_FILE), &ring)?;
        let clock = Arc::new(CaseClock::default());
        write_tx(&mut conn, |conn| settle(conn, &place, &clock, first_offset_micros))?;
        let keys = KeyStore::open(Arc::clone(&place), root, Arc::clone(&clock), |ids| {
            Ok(query!(conn, read::keys_in_use(ids))?)
        })?;
        let latest = Arc::new(Mutex::new(Latest::new(place.dir().join(CHECKPOINT_FILE))));
        let size = Arc::new(watch::Sender::new(0));
        let door = Arc::new(Door::default());
        let writer = Writer {
            place: Arc::clone(&place),
            conn: Some(conn),
            rules: Arc::new(rules),
            clock: Arc::clone(&clock),
            ring: Arc::clone(&ring),
            committed: tell(keep_latest(&latest, &clock), &size),
            idle: write_latest(&latest),
            pause: Default::default(),
        };
        let served = Arc::clone(&door);
        let thread = std::thread::Builder::new().name("store-writer".to_owned());
        let thread = thread.spawn(move || writer.run(&served));
        let thread =
            thread.map_err(|source| StoreError::File { what: "starting the writer".to_owned(), source })?;
        Ok(Self {
            readers: Arc::new(Readers::new(Arc::clone(&place))),
            desk: Arc::new(Desk::new(Arc::clone(&place))),
            place,
            clock,
            keys: Arc::new(keys),
            ring,
            door,
            thread: Mutex::new(Some(thread)),
            latest,
            clock_moves: first_offset_micros < 0,
            size,
            _lock: lock,
        })
    }

    /// The one door for facts.
    ///
    /// # Errors
    /// [`StoreError::Full`] when its line is full; [`StoreError::Unreachable`] while the database is down;
    /// [`StoreError::OutcomeUnknown`] when COMMIT gave no answer or the writer died over it.
    pub async fn commit(&self, order: Order) -> Result<Committed, StoreError> {
        let span = tracing::info_span!("commit", lane = measure::word(order.lane), orders = Empty);
        let answer = self.door.enter(order)?;
        let committed = answer.instrument(span.clone()).await.map_err(|_| StoreError::OutcomeUnknown)??;
        if let Committed::Done(done) = &committed {
            span.record("orders", done.batch.orders);
        }
        Ok(committed)
    }

    /// Does the writer still take orders? False once the store closes or its writer has died.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.door.is_open()
    }

    /// The key database.
    #[must_use]
    pub fn keys(&self) -> &Arc<KeyStore> {
        &self.keys
    }

    /// The case clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<CaseClock> {
        &self.clock
    }

    /// What signs heads now.
    #[must_use]
    pub fn key(&self) -> Arc<LedgerKey> {
        self.ring.standing().key(self.clock.now())
    }

    pub(crate) fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.ring)
    }

    /// Raises the case clock to this time, and keeps the offset. The sandbox only; never lowers it.
    ///
    /// # Errors
    /// Where the offset cannot be kept.
    pub fn raise_clock(&self, to: Timestamp) -> Result<(), StoreError> {
        let offset = to.micros().saturating_sub(self.clock.real().micros()).min(0);
        let keep = |conn: &mut Conn| {
            if let Some(kept) = query!(conn, work::cursor(OFFSET_CURSOR))? {
                self.clock.raise(parse_offset(&kept)?);
            }
            self.clock.raise(offset);
            Ok(query!(conn, work::set_cursor(OFFSET_CURSOR, &self.clock.offset().to_string()))?)
        };
        apart(|| self.desk.with(|conn| write_tx(conn, keep)))
    }

    /// Moves the case clock forward, and keeps the offset: in a store whose clock began in the past, which
    /// only the sandbox's does. Leases, retries and everything else that goes by real time stay where they
    /// are.
    ///
    /// # Errors
    /// Where the clock is not to be moved, or the offset cannot be kept.
    pub fn advance_clock(&self, micros: i64) -> Result<(), StoreError> {
        if !self.clock_moves {
            return Err(StoreError::Open("only a sandbox's case clock can be moved".to_owned()));
        }
        let keep = |conn: &mut Conn| {
            if let Some(kept) = query!(conn, work::cursor(OFFSET_CURSOR))? {
                self.clock.raise(parse_offset(&kept)?);
            }
            self.clock.raise(self.clock.offset().saturating_add(micros.max(0)));
            Ok(query!(conn, work::set_cursor(OFFSET_CURSOR, &self.clock.offset().to_string()))?)
        };
        apart(|| self.desk.with(|conn| write_tx(conn, keep)))
    }

    /// Commits what waits, stops the writer, writes the newest checkpoint.
    pub fn close(&self) {
        self.door.close();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            _ = thread.join();
        }
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).write();
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.close();
    }
}

/// What an earlier run left, put in order under the head's lock: other hubs may be at work.
fn settle(conn: &mut Conn, place: &Place, clock: &CaseClock, first_offset: i64) -> Result<(), StoreError> {
    if let Some(moment) = query!(conn, moment(OFFSET_CURSOR))? {
        clock.follow(&moment);
    }
    let new = query!(conn, trail::newest_head())?.is_none();
    clock.start(first_offset_of(conn, new, first_offset)?);
    query!(conn, forget_relayed())?;
    restore_outbox(conn, place, clock.real())
}

/// The outbox is work, not fact: what it lost of deliveries in flight is due at once, and a claimed attempt's
/// lease is over, unless its worker may live in another hub.
fn restore_outbox(conn: &mut Conn, place: &Place, now: Timestamp) -> Result<(), StoreError> {
    let lease = if place.is_shared() { now.plus_seconds(ATTEMPT_LEASE_SECONDS) } else { now };
    let row = |(delivery_id, to_agency, status): (String, String, String)| OutboxRow {
        delivery_id,
        to_agency,
        emergency: false,
        ready_at: now.micros(),
        relayed_at: None,
        lease_until: (status == "sent").then_some(lease.micros()),
        trace: None,
        confirmed: false,
    };
    let lost: Vec<OutboxRow> = query!(conn, work::lost())?.into_iter().map(row).collect();
    Ok(query!(conn, bulk::put_outbox(&lost))?)
}

/// What was kept counts, so that the offset is never lowered; zero where an older store kept none.
fn first_offset_of(conn: &mut Conn, new: bool, first: i64) -> Result<i64, StoreError> {
    match query!(conn, work::cursor(OFFSET_CURSOR))? {
        Some(kept) => parse_offset(&kept),
        None if new => {
            query!(conn, work::set_cursor(OFFSET_CURSOR, &first.to_string()))?;
            Ok(first)
        }
        None => Ok(0),
    }
}

impl TimeSource for Store {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
