//! A panic in what one message does ends that attempt and nothing else: it is entered as what came of it, so
//! that it counts. The panic itself stands in the log as an alarm (`amaan::telemetry`).

use std::future::Future;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

/// What it came to; `None` where it panicked.
pub(crate) async fn unharmed<T>(what: impl Future<Output = T>) -> Option<T> {
    AssertUnwindSafe(what).catch_unwind().await.ok()
}
