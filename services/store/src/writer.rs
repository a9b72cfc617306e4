//! The writer: one thread that takes everything waiting (at most 256 orders or 4 MiB, no timer), commits it
//! in one transaction, signs the new head, and answers each caller. A refusal or a panic of one order never
//! spoils its neighbours: on an error the batch is halved and tried again.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use casework::{Rules, Timestamp};
use diesel::result::{DatabaseErrorKind as Kind, Error};
use ledger::Checkpoint;
use tokio::sync::oneshot;

use crate::commit::{Context, Verdict, Written, commit};
use crate::sqlite::Conn;
use crate::{Batch, CaseClock, Committed, Done, Lane, LedgerKey, Order, StoreError};

/// Orders in one transaction.
const BATCH_ORDERS_MAX: usize = 256;
/// Bytes in one transaction.
const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Orders that may wait in one lane; past that the caller gets 503 and tries again.
const LANE_ORDERS_MAX: usize = 1024;

/// How long the writer waits before it calls itself idle.
const IDLE: Duration = Duration::from_secs(1);

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
        let line = line_of(&mut lanes, order.lane);
        if line.len() >= LANE_ORDERS_MAX {
            return Err(StoreError::Full);
        }
        line.push_back(Waiting { order, reply });
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
        Some(fill(&mut lanes))
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
    pub conn: Conn,
    pub rules: Arc<Rules>,
    pub clock: Arc<CaseClock>,
    pub key: Arc<LedgerKey>,
    pub committed: Box<dyn Fn(&Batch) + Send>,
    /// Called while nothing waits, for what can wait that long.
    pub idle: Box<dyn Fn() + Send>,
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
        if let Err(error) = crate::sqlite::tidy_up(&mut self.conn) {
            tracing::debug!(%error, "the write-ahead log was not folded in");
        }
    }

    fn commit(&mut self, orders: &[Order], mut replies: Vec<Reply>) {
        match self.try_commit(orders) {
            Ok(written) => self.answer(written, replies),
            Err(error) if orders.len() > 1 && worth_halving(&error) => {
                let half = orders.len() / 2;
                let rest = replies.split_off(half);
                let (first, second) = orders.split_at(half);
                self.commit(first, replies);
                self.commit(second, rest);
            }
            Err(error) => {
                tracing::error!(%error, orders = orders.len(), "a batch was not committed");
                let mut error = Some(error);
                for reply in replies {
                    let answer = error.take().unwrap_or(StoreError::Closed);
                    _ = reply.send(Err(answer));
                }
            }
        }
    }

    fn try_commit(&mut self, orders: &[Order]) -> Result<Written, StoreError> {
        let context = Context { rules: &self.rules, clock: &self.clock, key_id: self.key.id() };
        commit(&mut self.conn, orders, &context)
    }

    /// Signs only what COMMIT returned for, then answers.
    fn answer(&self, written: Written, replies: Vec<Reply>) {
        let Written { verdicts, growth, size, root, at } = written;
        failpoint::here("S6");
        let checkpoint = self.key.sign(&Checkpoint { origin: self.key.origin().to_owned(), size, root });
        let batch =
            Arc::new(Batch { growth, size, root, at: Timestamp::from_micros(at.micros()), checkpoint });
        (self.committed)(&batch);
        failpoint::here("S6-signed");
        for (verdict, reply) in verdicts.into_iter().zip(replies) {
            let committed = match verdict {
                Verdict::Done { index, entries } => {
                    Committed::Done(Done { index, entries, batch: Arc::clone(&batch) })
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

/// What one order may be to blame for. A busy, full or broken database fails each half alike, and an error of
/// COMMIT itself is never tried again.
const fn worth_halving(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Unreadable(_)
            | StoreError::Database(Error::DatabaseError(
                Kind::UniqueViolation
                    | Kind::NotNullViolation
                    | Kind::CheckViolation
                    | Kind::ForeignKeyViolation,
                _
            ))
    )
}
