//! The store's writer fed directly: orders made ahead are handed to `Store::commit`, so many at a time, and
//! nobody delivers what they ask for. Only the committing is timed.

use std::time::{Duration, Instant};

use clap::Args;
use futures_util::{StreamExt, stream};
use store::{Committed, Span, Store};
use tokio::runtime::Runtime;

use crate::Failure;
use crate::orders::{Made, Maker};
use crate::stores::{Ground, Own};
use crate::tally::Tally;

/// Orders in flight at most: more do not fit in the lane.
const IN_FLIGHT_MAX: usize = 1_000;
/// Seconds at most that are measured.
pub const SECONDS_MAX: u64 = 300;
/// Orders made and committed in one go where nothing else is said.
pub const SLICE: usize = 4_000;
/// Rows of an order with one recipient: two entries; case, referral, delivery, body, case key, statistics and
/// the link to them, idempotency key, outbox. Heads come with batches; nodes are few and not counted.
const ROWS_PER_ORDER: usize = 2 + 9;
/// Its entries.
const ENTRIES_PER_ORDER: u64 = 2;

#[derive(Args)]
pub struct Writer {
    #[command(flatten)]
    ground: Ground,
    #[arg(long, default_value_t = 200)]
    in_flight: usize,
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

impl Writer {
    pub fn run(self) -> Result<String, Failure> {
        let wanted = bounded(self.seconds)?;
        let fed = Fed::new(self.ground.own()?, self.in_flight)?;
        let mut tally = Tally::default();
        while tally.took < wanted {
            fed.commit(SLICE, &mut tally)?;
        }
        Ok(tally.told().to_string())
    }
}

pub fn bounded(seconds: u64) -> Result<Duration, Failure> {
    if (1..=SECONDS_MAX).contains(&seconds) {
        return Ok(Duration::from_secs(seconds));
    }
    Err(format!("--seconds is 1 to {SECONDS_MAX}").into())
}

/// A store and who feeds it.
pub struct Fed {
    store: Store,
    pub own: Own,
    maker: Maker,
    runtime: Runtime,
    in_flight: usize,
}

/// Where an order came to stand.
struct Placed {
    index: u64,
    head: u64,
    key: String,
    fact: String,
}

impl Fed {
    pub fn new(own: Own, in_flight: usize) -> Result<Self, Failure> {
        if in_flight == 0 || in_flight > IN_FLIGHT_MAX {
            return Err(format!("--in-flight is 1 to {IN_FLIGHT_MAX}").into());
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { store: own.open()?, own, maker: Maker::new()?, runtime, in_flight })
    }

    /// Makes so many orders, then commits them all; gives them in the ledger's order.
    pub fn commit(&self, orders: usize, tally: &mut Tally) -> Result<Vec<Span>, Failure> {
        let made: Vec<Made> = (0..orders).map(|_| self.maker.make()).collect();
        let answers = tally.timed(|| Ok(self.runtime.block_on(self.feed(made))))?;
        let mut placed = answers.into_iter().collect::<Result<Vec<Placed>, Failure>>()?;
        placed.sort_by_key(|placed| placed.index);
        let mut heads: Vec<u64> = placed.iter().map(|placed| placed.head).collect();
        heads.dedup();
        tally.referrals += orders;
        tally.batches += heads.len();
        tally.rows += orders * ROWS_PER_ORDER + heads.len();
        Ok(placed.into_iter().map(Placed::span).collect())
    }

    async fn feed(&self, made: Vec<Made>) -> Vec<Result<Placed, Failure>> {
        let one = |made: Made| async move {
            let Committed::Done(done) = self.store.commit(made.order).await? else {
                return Err("an order was refused, though each is new".into());
            };
            Ok(Placed { index: done.index, head: done.batch.size, key: made.key, fact: made.fact })
        };
        stream::iter(made).map(one).buffer_unordered(self.in_flight).collect().await
    }
}

impl Placed {
    fn span(self) -> Span {
        let entries = self.index..self.index + ENTRIES_PER_ORDER;
        Span { entries, keys: vec![self.key], facts: vec![self.fact] }
    }
}

/// Spans that follow one another, joined into batches.
pub fn batches(spans: &[Span], batch: usize) -> Vec<Span> {
    let join = |some: &[Span]| {
        let start = some.first().map_or(0, |span| span.entries.start);
        let end = some.last().map_or(0, |span| span.entries.end);
        Span {
            entries: start..end,
            keys: some.iter().flat_map(|span| span.keys.clone()).collect(),
            facts: some.iter().flat_map(|span| span.facts.clone()).collect(),
        }
    };
    spans.chunks(batch).map(join).collect()
}

/// When a measurement gives up: other work on the machine may make it as slow as it likes.
pub fn given_up(started: Instant, wanted: Duration) -> bool {
    started.elapsed() > wanted * 8 + Duration::from_secs(30)
}
