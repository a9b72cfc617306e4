//! A witness over HTTP: logs submit, and anybody may ask what was seen last. There are no tokens: a
//! checkpoint is believed for its signature.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::web::{self, Bytes, Data, Path, PayloadConfig};
use actix_web::{App, HttpResponse, HttpServer};
use identity::{RealTime, TokenTime};

use super::{Said, Witness};
use crate::tls::Tls;

/// A note of the largest size, and a proof.
const BODY_BYTES_MAX: usize = ledger::NOTE_BYTES_MAX + 4096;
const WORKERS: usize = 1;
const CONNECTIONS_MAX: usize = 100;
const HEAD_TIME_MAX: Duration = Duration::from_secs(5);
const SHUTDOWN_SECONDS: u64 = 5;

/// Serves it on a listener, over TLS or in clear, until its handle stops it.
///
/// # Errors
/// Where the listener cannot be used.
pub fn witness_server(witness: Arc<Witness>, listener: TcpListener, tls: Option<Tls>) -> io::Result<Server> {
    let witness = Data::from(witness);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(witness.clone())
            .app_data(PayloadConfig::new(BODY_BYTES_MAX))
            .route("/add-checkpoint", web::post().to(add))
            .route("/newest/{log}", web::get().to(newest))
            .route("/healthz", web::get().to(health))
    });
    let server = server
        .workers(WORKERS)
        .max_connections(CONNECTIONS_MAX)
        .client_request_timeout(HEAD_TIME_MAX)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .disable_signals();
    let Some(tls) = tls else { return Ok(server.listen(listener)?.run()) };
    let config = tls.config()?;
    Ok(server.listen_rustls_0_23(listener, config)?.run())
}

async fn add(witness: Data<Witness>, body: Bytes) -> HttpResponse {
    answer(web::block(move || witness.add(&body, now())).await.ok())
}

async fn newest(witness: Data<Witness>, log: Path<String>) -> HttpResponse {
    answer(web::block(move || witness.newest(&log, now())).await.ok())
}

async fn health() -> &'static str {
    "ok\n"
}

fn answer(said: Option<Said>) -> HttpResponse {
    let said = said.unwrap_or_else(|| Said::plain(500, "this witness broke off inside\n"));
    let status = actix_web::http::StatusCode::from_u16(said.status);
    let status = status.unwrap_or(actix_web::http::StatusCode::INTERNAL_SERVER_ERROR);
    HttpResponse::build(status).content_type(said.media).body(said.body)
}

fn now() -> u64 {
    u64::try_from(RealTime::default().unix_seconds()).unwrap_or(0)
}
