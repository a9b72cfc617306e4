//! A listener for `/metrics` alone, in clear: for whoever watches over the process, where callers of the API
//! do not come. It knows no caller and no case, and nothing but that one address.

use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};

use crate::answer;
use crate::api::service::metrics::{PATH, page};
use crate::measure::Recorder;

/// One scrape every few seconds, of a few watchers.
const CONNECTIONS_MAX: usize = 32;
const HEAD_TIME_MAX: Duration = Duration::from_secs(5);

/// Serves the metrics on a listener of their own. The server runs when spawned on a tokio runtime, takes no
/// signals, and ends with its handle.
///
/// # Errors
/// Where the listener cannot be used.
pub fn metrics_server(metrics: Recorder, listener: TcpListener) -> io::Result<Server> {
    let metrics = Data::new(metrics);
    let server = HttpServer::new(move || {
        App::new().app_data(metrics.clone()).service(web::resource(PATH).route(web::get().to(show)))
    });
    let server = server
        .workers(1)
        .max_connections(CONNECTIONS_MAX)
        .client_request_timeout(HEAD_TIME_MAX)
        .shutdown_timeout(1)
        .disable_signals();
    Ok(server.listen(listener)?.run())
}

async fn show(metrics: Data<Recorder>) -> HttpResponse {
    let mut answer = answer::text(page(&metrics));
    for (name, value) in [(CACHE_CONTROL, "no-store"), (X_CONTENT_TYPE_OPTIONS, "nosniff")] {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}
