//! Waiting for something that other parts do by themselves, within a bound, with a word of what was awaited.

use std::future::Future;
use std::time::{Duration, Instant};

use crate::failure::Failure;

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(15);

/// Looks until something is there, or says what was awaited in vain.
#[expect(clippy::disallowed_methods, reason = "the sandbox watches the hub from outside, as a person would")]
pub async fn until<T, F: Future<Output = Result<Option<T>, Failure>>>(
    what: &str,
    longest: Duration,
    look: impl Fn() -> F,
) -> Result<T, Failure> {
    let started = Instant::now();
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        if started.elapsed() > longest {
            return Err(Failure::Failed(format!("waited {} s in vain for: {what}", longest.as_secs())));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
