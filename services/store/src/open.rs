//! Opening a store, and its one door: `commit`. Reads are in `reads.rs`, work writes in `work.rs`.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use casework::{Rules, TimeSource, Timestamp};
use ledger::{Checkpoint, Signature, VerifierKey, note};
use seal::{NoteKey, RootKey};
use tracing::Instrument;
use tracing::field::Empty;

use crate::reads::Readers;
use crate::rows::OutboxRow;
use crate::sqlite::{self, Conn, read, work};
use crate::writer::{Door, Writer};
use crate::{Batch, CaseClock, Committed, KeyStore, Order, StoreError, high_water, measure};

/// The main database.
pub const MAIN_FILE: &str = "amaan.db";
const KEYS_FILE: &str = "keys.db";
/// The newest signed checkpoint, kept beside the database for `audit verify`.
pub const CHECKPOINT_FILE: &str = "checkpoint.latest";
const LOCK_FILE: &str = "writer.lock";
/// Name of the cursor that keeps the case clock's offset.
const OFFSET_CURSOR: &str = "case-clock-offset";
/// At most one checkpoint file a second: a newer one is always only a later word on the same tree.
const CHECKPOINT_EVERY_MICROS: i64 = 1_000_000;

/// What a store is opened with.
pub struct Settings {
    /// The folder that holds its files.
    pub dir: PathBuf,
    /// Clocks and calendar.
    pub rules: Rules,
    /// The key above all case keys.
    pub root: RootKey,
    /// The key that signs checkpoints; its name is the ledger's origin.
    pub note_key: NoteKey,
    /// Case-clock offset of a new store, in microseconds; zero outside the sandbox.
    pub first_offset_micros: i64,
}

/// The key that signs heads.
pub struct LedgerKey {
    key: NoteKey,
    id: String,
    id_bytes: [u8; 4],
}

impl LedgerKey {
    fn new(key: NoteKey) -> Self {
        let id_bytes = VerifierKey { name: key.name().to_owned(), public: key.public() }.id();
        let id = id_bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { key, id, id_bytes }
    }
    /// The key id, in hexadecimal.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
    /// The ledger's origin.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.key.name()
    }
    /// The signed note of a checkpoint. Deterministic: the same head gives the same bytes.
    #[must_use]
    pub fn sign(&self, checkpoint: &Checkpoint) -> String {
        let body = checkpoint.to_text();
        let bytes = self.key.sign(&body);
        note(&body, &[Signature { name: self.origin().to_owned(), key_id: self.id_bytes, bytes }])
    }
    /// The public key as witnesses and verifiers take it.
    #[must_use]
    pub fn vkey(&self) -> String {
        VerifierKey { name: self.origin().to_owned(), public: self.key.public() }.to_text()
    }
}

impl std::fmt::Debug for LedgerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LedgerKey({})", self.id)
    }
}

/// An open store. Cheap to clone the `Arc` around it; closing waits for what is in the lanes.
pub struct Store {
    pub(crate) readers: Arc<Readers>,
    pub(crate) work: Arc<Mutex<Conn>>,
    pub(crate) clock: Arc<CaseClock>,
    keys: Arc<KeyStore>,
    key: Arc<LedgerKey>,
    door: Arc<Door>,
    thread: Mutex<Option<JoinHandle<()>>>,
    latest: Arc<Mutex<Latest>>,
    _lock: File,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.key.origin())
    }
}

impl Store {
    /// Opens or makes a store; migrates it; starts its writer.
    ///
    /// # Errors
    /// [`StoreError::SecondWriter`] where another process writes to it; others where files or the database
    /// are not as they should be.
    pub fn open(settings: Settings) -> Result<Self, StoreError> {
        let Settings { dir, rules, root, note_key, first_offset_micros } = settings;
        let lock = lock(&dir)?;
        let main = dir.join(MAIN_FILE);
        let mut conn = sqlite::open_writer(&main)?;
        let key = Arc::new(LedgerKey::new(note_key));
        high_water::check(&mut conn, &dir.join(CHECKPOINT_FILE), &key)?;
        let new = sqlite::commit::head(&mut conn)?.is_none();
        work::forget_relayed(&mut conn)?;
        let clock = Arc::new(CaseClock::with_offset(first_offset(&mut conn, new, first_offset_micros)?));
        restore_outbox(&mut conn, clock.real())?;
        let mut second = sqlite::open_writer(&main)?;
        let keys =
            KeyStore::open(&dir.join(KEYS_FILE), root, |ids| Ok(read::keys_in_use(&mut second, ids)?))?;
        let latest = Arc::new(Mutex::new(Latest::new(dir.join(CHECKPOINT_FILE))));
        let door = Arc::new(Door::default());
        let writer = Writer {
            conn,
            rules: Arc::new(rules),
            clock: Arc::clone(&clock),
            key: Arc::clone(&key),
            committed: keep_latest(&latest, &clock),
            idle: write_latest(&latest),
        };
        let served = Arc::clone(&door);
        let thread = std::thread::Builder::new().name("store-writer".to_owned());
        let thread = thread.spawn(move || writer.run(&served));
        let thread =
            thread.map_err(|source| StoreError::File { what: "starting the writer".to_owned(), source })?;
        Ok(Self {
            readers: Arc::new(Readers::new(main)),
            work: Arc::new(Mutex::new(second)),
            clock,
            keys: Arc::new(keys),
            key,
            door,
            thread: Mutex::new(Some(thread)),
            latest,
            _lock: lock,
        })
    }

    /// The one door for facts.
    ///
    /// # Errors
    /// [`StoreError::Full`] when its line is full; [`StoreError::OutcomeUnknown`] when the writer died
    /// over it.
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

    /// The key that signs heads.
    #[must_use]
    pub fn key(&self) -> &Arc<LedgerKey> {
        &self.key
    }

    /// Raises the case clock to this time, and keeps the offset. The sandbox only; never lowers it.
    ///
    /// # Errors
    /// Where the offset cannot be kept.
    pub fn raise_clock(&self, to: Timestamp) -> Result<(), StoreError> {
        let offset = to.micros().saturating_sub(self.clock.real().micros()).min(0);
        self.clock.raise(offset);
        let mut conn = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(work::set_cursor(&mut conn, OFFSET_CURSOR, &self.clock.offset().to_string())?)
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

fn lock(dir: &Path) -> Result<File, StoreError> {
    let file = |what: &str, source| StoreError::File { what: what.to_owned(), source };
    std::fs::create_dir_all(dir).map_err(|source| file("making the data folder", source))?;
    let lock = File::create(dir.join(LOCK_FILE)).map_err(|source| file("the lock file", source))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::SecondWriter),
        Err(std::fs::TryLockError::Error(source)) => Err(file("locking the lock file", source)),
    }
}

/// What was kept counts, so that the offset is never lowered; zero where an older store kept none.
/// The outbox is work, not fact: what it lost of deliveries in flight is due at once, and a claimed attempt's
/// lease is over.
fn restore_outbox(conn: &mut Conn, now: Timestamp) -> Result<(), StoreError> {
    let row = |(delivery_id, to_agency, status): (String, String, String)| OutboxRow {
        delivery_id,
        to_agency,
        emergency: false,
        ready_at: now.micros(),
        relayed_at: None,
        lease_until: (status == "sent").then_some(now.micros()),
    };
    let lost: Vec<OutboxRow> = work::lost(conn)?.into_iter().map(row).collect();
    Ok(sqlite::commit::put_outbox(conn, &lost)?)
}

fn first_offset(conn: &mut Conn, new: bool, first: i64) -> Result<i64, StoreError> {
    let unreadable = |_| StoreError::Unreadable("the kept offset of the case clock".to_owned());
    match work::cursor(conn, OFFSET_CURSOR)? {
        Some(kept) => kept.parse().map_err(unreadable),
        None if new => {
            work::set_cursor(conn, OFFSET_CURSOR, &first.to_string()).map(|()| first).map_err(Into::into)
        }
        None => Ok(0),
    }
}

/// The newest checkpoint and its file.
struct Latest {
    path: PathBuf,
    /// Not written yet.
    note: Option<String>,
    written_at: i64,
}

impl Latest {
    fn new(path: PathBuf) -> Self {
        Self { path, note: None, written_at: 0 }
    }

    /// Synced under a second name and renamed, so that a crash leaves the old or the new one, whole.
    fn write(&mut self) {
        let Some(note) = self.note.take() else { return };
        let beside = self.path.with_extension("new");
        let written = (File::create(&beside))
            .and_then(|mut file| file.write_all(note.as_bytes()).and_then(|()| file.sync_all()))
            .and_then(|()| std::fs::rename(&beside, &self.path));
        if let Err(error) = written {
            tracing::error!(%error, "the checkpoint file was not written");
        }
    }
}

/// Writes the last checkpoint of a burst that came too soon after the one before it.
fn write_latest(latest: &Arc<Mutex<Latest>>) -> Box<dyn Fn() + Send> {
    let latest = Arc::clone(latest);
    Box::new(move || latest.lock().unwrap_or_else(PoisonError::into_inner).write())
}

fn keep_latest(latest: &Arc<Mutex<Latest>>, clock: &Arc<CaseClock>) -> Box<dyn Fn(&Batch) + Send> {
    let (latest, clock) = (Arc::clone(latest), Arc::clone(clock));
    Box::new(move |batch| {
        let mut latest = latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.note = Some(batch.checkpoint.clone());
        let now = clock.real().micros();
        if now.saturating_sub(latest.written_at) >= CHECKPOINT_EVERY_MICROS {
            latest.written_at = now;
            latest.write();
        }
    })
}

impl TimeSource for Store {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
