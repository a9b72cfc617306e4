//! The writer: one thread that takes everything waiting (at most 256 orders or 4 MiB, no timer), commits it
//! in one transaction, signs the new head, and answers each caller. A refusal or a panic of one order never
//! spoils its neighbours: on an error the batch is halved and tried again.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::yield_now;
use std::time::{Duration, Instant};

use casework::{Rules, Timestamp};
use diesel::result::{DatabaseErrorKind as Kind, Error};
use ledger::Checkpoint;
use tokio::sync::oneshot;

use crate::commit::{Context, Verdict, Written, begins_epoch, commit};
use crate::engine::{Conn, query};
use crate::latest::CHECKPOINT_FILE;
use crate::pause::Pause;
use crate::place::Place;
use crate::ring::Ring;
use crate::{Batch, CaseClock, Committed, Done, Lane, Order, StoreError, high_water, measure};

/// Orders in one transaction.
const BATCH_ORDERS_MAX: usize = 256;
/// Bytes in one transaction.
const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Orders that may wait in one lane; past that the caller gets 503 and tries again.
const LANE_ORDERS_MAX: usize = 1024;

/// Times the processor is given away before one commit.
const GATHER_ROUNDS_MAX: usize = 8;

/// How long the writer waits before it calls itself idle.
const IDLE: Duration = Duration::from_secs(1);

/// A statement that fails by itself does so sooner; timeouts begin at four seconds.
const SLOW: Duration = Duration::from_secs(2);

type Reply = oneshot::Sender<Result<Committed, StoreError>>;

struct Waiting {
    order: Order,
    reply: Reply,
}

#[derive(Default)]
struct Lanes {
    lines: [VecDeque<Waiting>; 4],
    closed: bool,
}

impl Lanes {
    fn waiting(&self) -> usize {
        self.lines.iter().map(VecDeque::len).sum()
    }
}

/// The waiting lines in front of the writer.
#[derive(Default)]
pub struct Door {
    lanes: Mutex<Lanes>,
    bell: Condvar,
}

impl Door {
    /// Puts an order in its line; its answer comes through the receiver.
    pub fn enter(
        &self,
        order: Order,
    ) -> Result<oneshot::Receiver<Result<Committed, StoreError>>, StoreError> {
        let (reply, answer) = oneshot::channel();
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if lanes.closed {
            return Err(StoreError::Closed);
        }
        let lane = order.lane;
        let line = line_of(&mut lanes, lane);
        if line.len() >= LANE_ORDERS_MAX {
            measure::lane_refused(lane);
            return Err(StoreError::Full);
        }
        line.push_back(Waiting { order, reply });
        measure::lane(lane, line.len());
        drop(lanes);
        self.bell.notify_one();
        Ok(answer)
    }

    /// No more orders; what waits is still committed.
    pub fn close(&self) {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.bell.notify_all();
    }

    pub fn is_open(&self) -> bool {
        !self.lanes.lock().unwrap_or_else(PoisonError::into_inner).closed
    }

    /// The next batch, or `None` when closed and empty. `idle` is called when nothing came for a while.
    fn next_batch(&self, idle: &dyn Fn()) -> Option<Vec<Waiting>> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        while lanes.lines.iter().all(VecDeque::is_empty) {
            if lanes.closed {
                return None;
            }
            let (held, waited) = self.bell.wait_timeout(lanes, IDLE).unwrap_or_else(PoisonError::into_inner);
            lanes = held;
            if waited.timed_out() {
                drop(lanes);
                idle();
                lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
            }
        }
        let mut lanes = self.gather(lanes);
        let batch = fill(&mut lanes);
        for lane in [Lane::Emergency, Lane::Outcomes, Lane::Intake, Lane::Reads] {
            measure::lane(lane, line_of(&mut lanes, lane).len());
        }
        Some(batch)
    }

    /// Gives the processor away for as long as that brings more orders: those who are about to enter share
    /// the commit. Where nobody else wants to run it costs nothing, so a single caller does not wait.
    fn gather<'l>(&'l self, mut lanes: MutexGuard<'l, Lanes>) -> MutexGuard<'l, Lanes> {
        for _ in 0..GATHER_ROUNDS_MAX {
            let waiting = lanes.waiting();
            if lanes.closed || waiting >= BATCH_ORDERS_MAX {
                break;
            }
            drop(lanes);
            yield_now();
            lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
            if lanes.waiting() == waiting {
                break;
            }
        }
        lanes
    }

    /// No more orders, and nobody left to commit those that wait: their callers are told.
    fn abandon(&self) {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.closed = true;
        lanes.lines.iter_mut().for_each(VecDeque::clear);
    }
}

/// What fits in one transaction, lane by lane. A single order always fits.
fn fill(lanes: &mut Lanes) -> Vec<Waiting> {
    let (mut batch, mut bytes) = (Vec::new(), 0_usize);
    for line in &mut lanes.lines {
        while let Some(waiting) = line.pop_front() {
            let with = bytes.saturating_add(waiting.order.weight());
            if batch.len() == BATCH_ORDERS_MAX || (with > BATCH_BYTES_MAX && !batch.is_empty()) {
                line.push_front(waiting);
                return batch;
            }
            bytes = with;
            batch.push(waiting);
        }
    }
    batch
}

/// Held by the writing thread: however it ends, nobody waits for it in vain.
struct Serving<'a>(&'a Door);

impl Drop for Serving<'_> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

fn line_of(lanes: &mut Lanes, lane: Lane) -> &mut VecDeque<Waiting> {
    let [emergency, outcomes, intake, reads] = &mut lanes.lines;
    match lane {
        Lane::Emergency => emergency,
        Lane::Outcomes => outcomes,
        Lane::Intake => intake,
        Lane::Reads => reads,
    }
}

/// What the writing thread owns.
pub struct Writer {
    pub place: Arc<Place>,
    /// `None` while the database is down.
    pub conn: Option<Conn>,
    pub rules: Arc<Rules>,
    pub clock: Arc<CaseClock>,
    pub ring: Arc<Ring>,
    pub committed: Box<dyn Fn(&Batch) + Send>,
    /// Called while nothing waits, for what can wait that long.
    pub idle: Box<dyn Fn() + Send>,
    /// Between two attempts to reach a database that is down.
    pub pause: Pause,
}

impl Writer {
    /// Serves the door until it closes.
    pub fn run(mut self, door: &Door) {
        let _serving = Serving(door);
        while let Some(batch) = door.next_batch(&self.idle) {
            let (orders, replies): (Vec<Order>, Vec<Reply>) =
                batch.into_iter().map(|waiting| (waiting.order, waiting.reply)).unzip();
            self.commit(&orders, replies);
        }
        if let Some(conn) = &mut self.conn
            && let Err(error) = query!(conn, tidy_up())
        {
            tracing::debug!(%error, "the write-ahead log was not folded in");
        }
    }

    fn commit(&mut self, orders: &[Order], mut replies: Vec<Reply>) {
        let begun = Instant::now();
        match self.try_commit(orders) {
            Ok(written) => self.answer(written, replies),
            Err(error) if orders.len() > 1 && self.worth_halving(&error, begun.elapsed()) => {
                let half = orders.len() / 2;
                let rest = replies.split_off(half);
                let (first, second) = orders.split_at(half);
                self.commit(first, replies);
                self.commit(second, rest);
            }
            Err(error) => {
                tracing::error!(%error, orders = orders.len(), "a batch was not committed");
                let others = replies.split_off(replies.len().min(1));
                for reply in others {
                    _ = reply.send(Err(error.again()));
                }
                if let Some(first) = replies.pop() {
                    _ = first.send(Err(error));
                }
            }
        }
    }

    fn try_commit(&mut self, orders: &[Order]) -> Result<Written, StoreError> {
        self.connect()?;
        let Some(conn) = &mut self.conn else { return Err(StoreError::Closed) };
        let context = Context { rules: &self.rules, clock: &self.clock, ring: &self.ring };
        if let Some(lost) = self.ring.lost()
            && !orders.iter().all(begins_epoch)
        {
            return Err(StoreError::LedgerSuspect(lost.why));
        }
        let started = Instant::now();
        let written = commit(conn, orders, &context);
        measure::committed(orders.len(), started.elapsed(), written.is_ok());
        written
    }

    /// A connection that can be trusted. One that broke, or whose transaction could not be ended, is
    /// replaced; while the database is down, orders are told so at once, without trying each time.
    fn connect(&mut self) -> Result<(), StoreError> {
        if self.conn.as_ref().is_some_and(Conn::is_sound) {
            return Ok(());
        }
        self.conn = None;
        let mut pause = std::mem::take(&mut self.pause);
        let reopened = pause.between(|| self.reopen());
        self.pause = pause;
        self.conn = Some(reopened?);
        Ok(())
    }

    /// Another server may answer now: nothing is signed before it is known to have all that was signed.
    fn reopen(&self) -> Result<Conn, StoreError> {
        (self.idle)();
        let mut conn = self.place.open_writer()?;
        high_water::look(&mut conn, &self.place.dir().join(CHECKPOINT_FILE), &self.ring)?;
        Ok(conn)
    }

    /// Signs only what COMMIT returned for, then answers.
    fn answer(&self, written: Written, replies: Vec<Reply>) {
        let Written { verdicts, growth, size, root, at, standing } = written;
        let key = standing.key(at);
        self.ring.stands(standing);
        failpoint::here("S6");
        let head = Checkpoint { origin: key.origin().to_owned(), size, root };
        let checkpoint = key.sign(&head);
        self.ring.has_signed(head);
        let batch = Arc::new(Batch {
            orders: verdicts.len(),
            growth,
            size,
            root,
            at: Timestamp::from_micros(at.micros()),
            checkpoint,
        });
        (self.committed)(&batch);
        failpoint::here("S6-signed");
        for (verdict, reply) in verdicts.into_iter().zip(replies) {
            let committed = match verdict {
                Verdict::Done { index, entries, leaf } => {
                    Committed::Done(Done { index, entries, leaf, batch: Arc::clone(&batch) })
                }
                Verdict::Replayed { index, size: seen } => {
                    Committed::Replayed { index, size: seen.min(size) }
                }
                Verdict::KeyReused => Committed::KeyReused,
                Verdict::Refused(refusal) => Committed::Refused(refusal),
            };
            _ = reply.send(Ok(committed));
        }
    }
}

impl Writer {
    /// What one order may be to blame for. A busy, full or broken database fails each half alike, and an
    /// error of COMMIT itself is never tried again. PostgreSQL has no kind for a text it cannot store; an
    /// error that came slowly is a timeout, and no order's fault.
    fn worth_halving(&self, error: &StoreError, took: Duration) -> bool {
        match error {
            // While nothing is signed, only what begins an epoch is written, whoever waits beside it.
            StoreError::Unreadable(_) | StoreError::LedgerSuspect(_) => true,
            StoreError::Database(Error::DatabaseError(kind, _)) => match kind {
                Kind::UniqueViolation
                | Kind::NotNullViolation
                | Kind::CheckViolation
                | Kind::ForeignKeyViolation => true,
                Kind::Unknown => self.place.is_shared() && took < SLOW,
                _ => false,
            },
            _ => false,
        }
    }
}
