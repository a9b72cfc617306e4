//! A small HTTP server on 127.0.0.1: one worker, bounded connections, bodies and times, a graceful stop.
//! Each agency and the issuer has one of its own, so that one of them can be slow or stop without the others.

use std::{io, net::TcpListener, time::Duration};

use actix_web::{App, HttpServer, dev::ServerHandle, web};
use tokio::task::JoinHandle;

use crate::{connection, error::SimError};

/// 1 MiB, as the hub's own bound.
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;
/// The hub calls one agency at most a handful of times at once; the rest is room for tests.
const CONNECTIONS_MAX: usize = 256;
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
const KEEP_ALIVE: Duration = Duration::from_secs(15);
const STOP_TIMEOUT_SECONDS: u64 = 2;

/// A port taken on loopback, before its server runs.
pub(crate) struct Port {
    listener: TcpListener,
    /// `http://127.0.0.1:<port>`, no trailing slash.
    pub url: String,
}

/// A running server.
pub(crate) struct Served {
    handle: ServerHandle,
    task: JoinHandle<io::Result<()>>,
}

impl Port {
    /// Takes this port on loopback; 0 takes any free one.
    ///
    /// # Errors
    /// [`SimError::Listen`].
    pub(crate) fn take(port: u16) -> Result<Self, SimError> {
        let failed = |source| SimError::Listen { port, source };
        let listener = TcpListener::bind(("127.0.0.1", port)).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, url: format!("http://{address}") })
    }

    /// Serves these routes on it.
    ///
    /// # Errors
    /// [`SimError::Listen`].
    pub(crate) fn serve<F>(self, routes: F) -> Result<Served, SimError>
    where
        F: Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
    {
        let port = self.listener.local_addr().map_or(0, |address| address.port());
        let server = HttpServer::new(move || {
            App::new().app_data(web::PayloadConfig::new(BODY_BYTES_MAX)).configure(routes.clone())
        })
        .workers(1)
        .max_connections(CONNECTIONS_MAX)
        .client_request_timeout(REQUEST_TIMEOUT)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(STOP_TIMEOUT_SECONDS)
        .disable_signals()
        .on_connect(connection::keep)
        .listen(self.listener)
        .map_err(|source| SimError::Listen { port, source })?
        .run();
        let handle = server.handle();
        Ok(Served { handle, task: tokio::spawn(server) })
    }
}

impl Served {
    /// Answers what is under way, then stops.
    pub(crate) async fn stop(mut self) {
        self.handle.stop(true).await;
        let _ = (&mut self.task).await;
    }
}

impl Drop for Served {
    /// A server that nobody stopped goes with its owner, so that a failed start leaves no port taken.
    fn drop(&mut self) {
        self.task.abort();
    }
}
