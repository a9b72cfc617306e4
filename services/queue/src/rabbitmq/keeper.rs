//! Keeps a connection: opens it, lets it be served until it is over, waits a little, and again, for as long
//! as the hub runs. The library's own recovery is not used.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use uuid::Uuid;

use super::end::End;
use super::shared::{Shared, Side};
use super::{inward, measure, outward};

pub(super) async fn keep_outward(shared: Arc<Shared>) {
    let mut waits = Waits::default();
    while !shared.is_ending() {
        waits.began = Some(Instant::now());
        let end = match shared.open("out").await {
            Ok(link) => outward::serve(&shared, link).await,
            Err(end) => end,
        };
        waits.over(&shared, "out", &shared.out, &end).await;
    }
}

pub(super) async fn keep_inward(shared: Arc<Shared>) {
    let mut waits = Waits::default();
    while !shared.is_ending() {
        waits.began = Some(Instant::now());
        let end = match shared.open("in").await {
            Ok(link) => inward::serve(&shared, link).await,
            Err(end) => end,
        };
        waits.over(&shared, "in", &shared.inward, &end).await;
    }
}

/// Failures in a row.
#[derive(Default)]
struct Waits {
    failed: u32,
    began: Option<Instant>,
}

impl Waits {
    /// Says that a connection is over, and waits before the next.
    async fn over(&mut self, shared: &Shared, what: &'static str, side: &watch::Sender<Side>, end: &End) {
        let was_up = !matches!(*side.borrow(), Side::Down(_));
        shared.set(side, Side::Down(Instant::now()));
        if matches!(end, End::Stopped) {
            return;
        }
        measure::lost(what);
        // One that is lost as soon as it is made is as good as none.
        if self.began.is_some_and(|began| began.elapsed() > shared.tuning.retry_longest) {
            self.failed = 0;
        }
        if was_up {
            tracing::error!(alarm = "broker-lost", side = what, %end, "the broker is lost; connecting again");
        } else if self.failed == 0 {
            tracing::error!(alarm = "broker-down", side = what, %end, "no broker; trying again and again");
        } else {
            tracing::debug!(side = what, %end, "still no broker");
        }
        let tuning = &shared.tuning;
        let bound = tuning.retry_first.saturating_mul(1 << self.failed.min(10)).min(tuning.retry_longest);
        self.failed = self.failed.saturating_add(1);
        shared.pause(drawn_below(bound)).await;
    }
}

/// Full jitter: hubs that lost the same broker do not come back in step.
fn drawn_below(bound: Duration) -> Duration {
    let (drawn, _) = Uuid::new_v4().as_u64_pair();
    let micros = u64::try_from(bound.as_micros()).unwrap_or(u64::MAX);
    Duration::from_micros(drawn.checked_rem(micros.saturating_add(1)).unwrap_or(0))
}
