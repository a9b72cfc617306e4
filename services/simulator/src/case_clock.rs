//! The sandbox's case clock, moved by hand: `POST /_sim/clock {"by_seconds": 259200}`. Loopback only and
//! without a secret, like the officers' hands beside it. What moves is the caller's business.

use std::{future::Future, pin::Pin, sync::Arc};

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{self, Bytes, Data, ServiceConfig},
};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    answers::{Refusal, plain},
    control::read,
    error::SimError,
    serve::{Port, Served},
};

/// Moves the clock by so many seconds, and tells what came of it as JSON, or why not in words.
pub type MoveClock =
    Arc<dyn Fn(i64) -> Pin<Box<dyn Future<Output = Result<Value, String>> + Send>> + Send + Sync>;

/// Ten years: a slip of the hand goes no further.
const SECONDS_MAX: i64 = 10 * 366 * 86_400;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    by_seconds: i64,
}

/// The clock's server, running.
pub struct RunningCaseClock(Served);

/// Serves it on this port.
///
/// # Errors
/// [`SimError::Listen`].
pub fn start_case_clock(port: u16, clock: MoveClock) -> Result<RunningCaseClock, SimError> {
    let clock = Data::new(clock);
    let served = Port::take(port)?.serve(move |config: &mut ServiceConfig| {
        config.app_data(clock.clone()).route("/_sim/clock", web::post().to(moved));
    })?;
    Ok(RunningCaseClock(served))
}

impl RunningCaseClock {
    /// Stops it.
    pub async fn stop(self) {
        self.0.stop().await;
    }
}

async fn moved(clock: Data<MoveClock>, bytes: Bytes) -> Result<HttpResponse, Refusal> {
    let Asked { by_seconds } = read(&bytes)?;
    if !(1..=SECONDS_MAX).contains(&by_seconds) {
        return Err(plain(StatusCode::UNPROCESSABLE_ENTITY, "only forward, by ten years at most"));
    }
    match clock(by_seconds).await {
        Ok(told) => Ok(HttpResponse::Ok().json(told)),
        Err(why) => {
            tracing::error!(why, "the case clock did not move");
            Err(plain(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the clock did not move; the sandbox's log says why",
            ))
        }
    }
}
