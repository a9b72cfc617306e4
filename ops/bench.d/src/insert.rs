//! Bare inserts of the very rows that the writer wrote, by the same driver and statements, one transaction
//! for each batch and nothing else done. The writer fills one store, its rows are read back, and only their
//! way into a second store is timed. Slice by slice, so that both stores grow alike.

use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;
use store::{Bare, Rows, Span};

use crate::Failure;
use crate::stores::{Ground, Own};
use crate::tally::Tally;
use crate::writer::{Fed, SLICE, batches, bounded, given_up};

/// Referrals in one transaction at most, as the writer's.
const BATCH_MAX: usize = 256;
/// Referrals written ahead in one go at most.
const ROWS_OF_MAX: usize = 100_000;
/// Batches made ahead in one go at most: reading single rows back takes longer than inserting them.
const ROUND_BATCHES: usize = 500;
/// How many the writer may have in flight while it fills the first store.
const IN_FLIGHT: usize = 400;

#[derive(Args)]
pub struct Insert {
    #[command(flatten)]
    ground: Ground,
    /// Referrals that the writer commits ahead, again and again until the seconds are over.
    #[arg(long, default_value_t = SLICE)]
    rows_of: usize,
    /// Referrals in one transaction.
    #[arg(long, default_value_t = 200)]
    batch: usize,
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

impl Insert {
    pub fn run(self) -> Result<String, Failure> {
        let (wanted, started) = (bounded(self.seconds)?, Instant::now());
        if self.rows_of == 0 || self.rows_of > ROWS_OF_MAX {
            return Err(format!("--rows-of is 1 to {ROWS_OF_MAX}").into());
        }
        let fed = Fed::new(self.ground.own()?, IN_FLIGHT)?;
        let mut target = Target::new(self.ground.own()?, self.batch)?;
        let (mut tally, mut aside) = (Tally::default(), Tally::default());
        while tally.took < wanted && !given_up(started, wanted) {
            let spans = fed.commit(self.rows_of.min(self.batch * ROUND_BATCHES), &mut aside)?;
            let left = wanted.saturating_sub(tally.took);
            target.insert(&fed.own, &spans, left, &mut tally)?;
        }
        let mut told = tally.told();
        if let Some(members) = told.as_object_mut() {
            members.insert("batch".to_owned(), json!(self.batch));
        }
        Ok(told.to_string())
    }
}

/// The second store.
pub struct Target {
    bare: Bare,
    _own: Own,
    batch: usize,
}

impl Target {
    pub fn new(own: Own, batch: usize) -> Result<Self, Failure> {
        if batch == 0 || batch > BATCH_MAX {
            return Err(format!("--batch is 1 to {BATCH_MAX}").into());
        }
        Ok(Self { bare: Bare::open(&own.place)?, _own: own, batch })
    }

    /// Inserts what the writer wrote for these orders, as much of it as fits in the time.
    pub fn insert(
        &mut self,
        from: &Own,
        spans: &[Span],
        within: Duration,
        tally: &mut Tally,
    ) -> Result<(), Failure> {
        let batches = batches(spans, self.batch);
        let rows = Rows::read(&from.place, &batches)?;
        let inserted = tally.timed(|| self.insert_all(&rows, within))?;
        for (rows, batch) in rows.iter().zip(&batches).take(inserted) {
            tally.referrals += batch.keys.len();
            tally.rows += rows.count();
            tally.batches += 1;
        }
        Ok(())
    }

    fn insert_all(&mut self, rows: &[Rows], within: Duration) -> Result<usize, Failure> {
        let started = Instant::now();
        for (number, rows) in rows.iter().enumerate() {
            if started.elapsed() >= within {
                return Ok(number);
            }
            self.bare.insert(rows)?;
        }
        Ok(rows.len())
    }
}
