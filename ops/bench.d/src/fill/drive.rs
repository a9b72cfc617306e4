//! Drives lives through the door: many orders at once, so that the writer's batches are full, and day by
//! day, so that statistics have months and clocks have days. A life waits behind all others for its next
//! step, as in real life: its entries lie far apart in the ledger.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use casework::{Categories, Category, DeliveryId, Refusal, TimeSource, Timestamp};
use futures_util::future::try_join_all;
use schemas::Directory;
use seal::CaseKey;
use store::{Committed, Order, Store, StoreError};
use tokio::task::LocalSet;

use super::dice::Dice;
use super::families::{Family, families};
use super::lives::{LIVES, Step};
use super::messages::{FAIL, Messages};
use super::orders::{Desk, Life};
use crate::Failure;

/// Orders on their way at once: two of the writer's batches.
const AT_ONCE: u64 = 512;
/// Case time moves at most so often, and only after so many referrals: each time the writer runs empty.
const DAYS_MAX: u64 = 180;
const DAY_REFERRALS_MIN: u64 = 2_500;
/// Lives that wait for their next step: some weeks' worth, or as many as memory is spent on.
const WAITING_SHARE: u64 = 12;
const WAITING_MAX: u64 = 50_000;
/// A database that is away is asked again for two minutes.
const TRIES_MAX: u32 = 120;
const BETWEEN_TRIES: Duration = Duration::from_secs(1);
const AWAY: &str = "the database was away too long; run it again, it goes on where it stopped";
const TELL_EVERY: Duration = Duration::from_secs(5);
const AGENCIES: &[&str] = &["ictp", "cpi", "laja", "nccia", "fia-ccw"];

/// What was done.
#[derive(Clone, Copy, Default)]
pub struct Made {
    pub referrals: u64,
    pub orders: u64,
    pub entries: u64,
}

struct Drive {
    store: Store,
    desk: Desk,
    messages: Messages,
    families: Vec<(u64, Family)>,
    dice: RefCell<Dice>,
    waiting: RefCell<VecDeque<Life>>,
    made: Cell<Made>,
    /// Referrals made or just being made.
    begun: Cell<u64>,
    /// Begin no more than so many, until the next day.
    until: Cell<u64>,
    /// So many lives wait before the first of them goes on.
    apart: Cell<u64>,
    stopped: Cell<bool>,
}

/// Makes what is missing of `rows` referrals, where `there` are some.
pub async fn drive(
    store: Store,
    name: &str,
    directory: &Directory,
    there: u64,
    rows: u64,
    seed: u64,
) -> Result<Made, Failure> {
    let missing = rows.saturating_sub(there);
    let drive = Rc::new(Drive {
        desk: Desk::open(&store, name, AGENCIES).await?,
        messages: Messages::new()?,
        families: families(&store, directory)?,
        store,
        dice: RefCell::new(Dice::new(seed ^ there)),
        waiting: RefCell::default(),
        made: Cell::default(),
        begun: Cell::new(0),
        until: Cell::new(0),
        apart: Cell::new((missing / WAITING_SHARE).min(WAITING_MAX)),
        stopped: Cell::new(false),
    });
    let local = LocalSet::new();
    let stopping = Rc::clone(&drive);
    local.spawn_local(async move {
        _ = tokio::signal::ctrl_c().await;
        eprintln!("fill: no more requests; those under way are brought to their end");
        stopping.stopped.set(true);
    });
    local.spawn_local(tell(Rc::clone(&drive), missing));
    local.run_until(Rc::clone(&drive).days(missing)).await?;
    drive.store.close();
    Ok(drive.made.get())
}

async fn tell(drive: Rc<Drive>, missing: u64) {
    let started = Instant::now();
    let mut beat = tokio::time::interval(TELL_EVERY);
    beat.tick().await;
    loop {
        beat.tick().await;
        let made = drive.made.get();
        let rate = made.referrals as f64 / started.elapsed().as_secs_f64();
        let left = missing.saturating_sub(made.referrals) as f64 / rate.max(1.0);
        eprintln!(
            "fill: {} of {missing} referrals, {rate:.0}/s, {} entries, {:.1} min left",
            made.referrals,
            made.entries,
            left / 60.0
        );
    }
}

impl Drive {
    async fn days(self: Rc<Self>, missing: u64) -> Result<(), Failure> {
        self.end_what_was_left().await?;
        let days = (missing / DAY_REFERRALS_MIN).clamp(1, DAYS_MAX);
        let (first, last) = (self.store.now().micros(), self.store.clock().real().micros());
        for day in 1..=days {
            self.until.set(missing * day / days);
            if day == days {
                self.apart.set(0);
            }
            self.clone().day().await?;
            if self.stopped.get() {
                self.apart.set(0);
                return self.day().await;
            }
            let share = i64::try_from(day)?.saturating_mul((last - first) / i64::try_from(days)?);
            self.store.raise_clock(Timestamp::from_micros(first + share))?;
        }
        // No offset is left: from here on the store lives in the present.
        Ok(self.store.raise_clock(Timestamp::from_micros(i64::MAX))?)
    }

    /// Until a day's requests are begun, and all whose time has come went on.
    async fn day(self: Rc<Self>) -> Result<(), Failure> {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| tokio::task::spawn_local(self.clone().work())).collect();
        for worker in workers {
            worker.await??;
        }
        Ok(())
    }

    async fn work(self: Rc<Self>) -> Result<(), Failure> {
        loop {
            let waiting = u64::try_from(self.waiting.borrow().len())?;
            if waiting > self.apart.get() {
                let life = self.waiting.borrow_mut().pop_front();
                if let Some(life) = life {
                    self.go_on(life).await?;
                }
            } else if self.begun.get() < self.until.get() && !self.stopped.get() {
                self.begin().await?;
            } else {
                return Ok(());
            }
        }
    }

    /// A case key. On a busy disk their stock is empty for a while now and then.
    async fn key(&self) -> Result<Arc<CaseKey>, Failure> {
        for _ in 0..TRIES_MAX {
            match self.store.keys().take() {
                Err(StoreError::NoKey) => pause().await,
                taken => return Ok(taken?),
            }
        }
        Err(AWAY.into())
    }

    async fn begin(&self) -> Result<(), Failure> {
        let key = self.key().await?;
        let (order, mut lives) = {
            let mut dice = self.dice.borrow_mut();
            let family = dice.weighted(&self.families).ok_or("no family")?;
            let request = self.messages.request(&mut dice, family)?;
            self.desk.submit(self.store.now(), key, family, &request)
        };
        let count = u64::try_from(lives.len())?;
        self.begun.set(self.begun.get() + count);
        match self.commit(order).await? {
            Ok(()) => {}
            // The spoken reference of another case: the hub draws again, and so does the next turn.
            Err(Refusal::IdTaken) => {
                self.begun.set(self.begun.get() - count);
                return Ok(());
            }
            Err(refusal) => return Err(format!("a request was not committed: {refusal:?}").into()),
        }
        let mut made = self.made.get();
        made.referrals += count;
        self.made.set(made);
        for life in &mut lives {
            life.left = self.dice.borrow_mut().weighted(LIVES).copied().unwrap_or_default();
        }
        self.waiting.borrow_mut().extend(lives);
        Ok(())
    }

    async fn go_on(&self, mut life: Life) -> Result<(), Failure> {
        let Some((step, left)) = life.left.split_first() else { return Ok(()) };
        match step {
            Step::Deliver => self.deliver(&life, false).await?,
            Step::Lose => self.deliver(&life, true).await?,
            Step::Take(kind) => {
                let order = {
                    let said = self.messages.answer(&mut self.dice.borrow_mut(), kind.action())?;
                    self.desk.answer(&mut life, *kind, said, false)
                };
                self.done(order).await?;
                life.shown = [Category::Routing].into();
            }
            Step::Fail => {
                let order = {
                    let said = self.messages.answer(&mut self.dice.borrow_mut(), FAIL)?;
                    self.desk.answer(&mut life, casework::MessageKind::Outcome, said, true)
                };
                self.done(order).await?;
            }
        }
        life.left = left;
        if !left.is_empty() {
            self.waiting.borrow_mut().push_back(life);
        }
        Ok(())
    }

    async fn deliver(&self, life: &Life, is_lost: bool) -> Result<(), Failure> {
        let permit = Some(life.permit.clone());
        self.done(self.desk.claim(life.delivery.0, 1, life.shown.clone(), permit)).await?;
        self.done(self.desk.outcome(life.delivery.0, 1, is_lost)?).await
    }

    async fn done(&self, order: Order) -> Result<(), Failure> {
        self.commit(order).await?.map_err(|refusal| format!("a step was not committed: {refusal:?}").into())
    }

    /// A database that is away for a while ends nothing. What COMMIT gave no answer to is asked again: the
    /// second time it is committed, or refused because it was the first time.
    async fn commit(&self, order: Order) -> Result<Result<(), Refusal>, Failure> {
        let mut was_unknown = false;
        for _ in 0..TRIES_MAX {
            match self.store.commit(order.clone()).await {
                Ok(Committed::Done(done)) => return self.counted(done.entries.len()),
                Ok(Committed::Replayed { .. }) => return self.counted(0),
                Ok(Committed::Refused(Refusal::DeliveryMoved)) if was_unknown => {
                    return self.counted(0);
                }
                Ok(Committed::Refused(refusal)) => return Ok(Err(refusal)),
                Ok(Committed::KeyReused) => return Err("an idempotency key was drawn twice".into()),
                Err(StoreError::OutcomeUnknown) => was_unknown = true,
                Err(StoreError::Unreachable(_) | StoreError::Full) => {}
                Err(error) => return Err(error.into()),
            }
            pause().await;
        }
        Err(AWAY.into())
    }

    fn counted(&self, entries: usize) -> Result<Result<(), Refusal>, Failure> {
        let mut made = self.made.get();
        made.orders += 1;
        made.entries += u64::try_from(entries)?;
        self.made.set(made);
        Ok(Ok(()))
    }

    /// Messages that an earlier run left on their way are delivered, so that no hub has to.
    async fn end_what_was_left(&self) -> Result<(), Failure> {
        for held in self.store.claimed_before_start().await? {
            self.done(self.desk.outcome(held.id, held.attempts, false)?).await?;
        }
        let agencies: Vec<String> = AGENCIES.iter().map(ToString::to_string).collect();
        loop {
            let due = self.store.due(agencies.clone()).await?;
            if due.is_empty() {
                return Ok(());
            }
            try_join_all(due.into_iter().map(|one| self.end(one.delivery))).await?;
        }
    }

    async fn end(&self, id: DeliveryId) -> Result<(), Failure> {
        let Some(held) = self.store.delivery(id).await? else { return Ok(()) };
        let attempt = held.attempts + 1;
        self.done(self.desk.claim(id, attempt, Categories::new(), None)).await?;
        self.done(self.desk.outcome(id, attempt, false)?).await
    }
}

async fn pause() {
    tokio::time::sleep_until(tokio::time::Instant::now() + BETWEEN_TRIES).await;
}
