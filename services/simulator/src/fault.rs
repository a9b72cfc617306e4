//! Puts a message through the knobs: what the caller sees of each fault, and whether the message is carried
//! out. Every protocol's writing route goes through [`exchange`]; reading routes do not.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::RETRY_AFTER},
};

use crate::{answers::Dialect, connection, knobs::Fault, office::Office};

/// Longer than any caller waits (30 s in all by the hub's limits).
const HOLD_MAX: Duration = Duration::from_secs(60);
const GARBAGE: &str = "<!doctype html><title>Maintenance</title><p>The service is being maintained.</p>";

/// Carries a message out through `act`, as far as the next fault lets it.
pub(crate) async fn exchange(
    office: &Office,
    dialect: Dialect,
    request: &HttpRequest,
    act: impl Fn() -> HttpResponse,
) -> HttpResponse {
    let answer = match office.next_fault() {
        Fault::None => act(),
        Fault::Duplicate => {
            let _ = act();
            act()
        }
        Fault::TimeOut => {
            office.wait(HOLD_MAX).await;
            return connection::hang_up(request);
        }
        Fault::LoseAck => lose(request, act()),
        Fault::Fail => dialect.error(StatusCode::INTERNAL_SERVER_ERROR, "internal-error"),
        Fault::Refuse => dialect.error(StatusCode::UNPROCESSABLE_ENTITY, "refused"),
        Fault::Garbage => HttpResponse::Ok().content_type("text/html; charset=utf-8").body(GARBAGE),
        Fault::RetryAfter(seconds) => busy(dialect, seconds),
    };
    office.dawdle().await;
    answer
}

/// Drops the connection if something was done; an error is still told.
fn lose(request: &HttpRequest, answer: HttpResponse) -> HttpResponse {
    if answer.status().is_success() { connection::hang_up(request) } else { answer }
}

fn busy(dialect: Dialect, seconds: u64) -> HttpResponse {
    let mut answer = dialect.error(StatusCode::TOO_MANY_REQUESTS, "busy");
    answer.headers_mut().insert(RETRY_AFTER, seconds.into());
    answer
}
