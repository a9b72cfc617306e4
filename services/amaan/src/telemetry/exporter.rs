//! How spans leave: through `egress`, like every call of the hub. The exporter runs on a thread without a
//! runtime, so the call itself is made on the program's. Failures are counted, told once an outage, and
//! otherwise forgotten: a span is no fact.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use tokio::runtime::Handle;

/// The exporter's HTTP client.
pub struct Through {
    http: egress::Client,
    runtime: Handle,
    /// Did the last batch fail?
    failing: Arc<AtomicBool>,
}

impl Through {
    /// Calls by this client, on the runtime that runs now.
    pub fn new(http: egress::Client) -> Self {
        Self { http, runtime: Handle::current(), failing: Arc::default() }
    }
}

impl fmt::Debug for Through {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Through(egress)")
    }
}

type Sending<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'a>>;

impl HttpClient for Through {
    // The trait is written with `async_trait`; this is what that macro makes of `async fn send_bytes`.
    fn send_bytes<'life0, 'async_trait>(&'life0 self, request: Request<Bytes>) -> Sending<'async_trait>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        let (http, failing) = (self.http.clone(), Arc::clone(&self.failing));
        let sending = self.runtime.spawn(async move {
            let sent = send(&http, request).await;
            note(&failing, sent.as_ref().is_ok_and(|answer| answer.status().is_success()));
            sent
        });
        Box::pin(async move { sending.await? })
    }
}

async fn send(http: &egress::Client, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let url: egress::Url = request.uri().to_string().parse()?;
    let mut call = egress::Request::post(url, request.body().to_vec());
    for (name, value) in request.headers() {
        call = call.header(name.as_str(), value.to_str()?);
    }
    let answer = http.send(call).await?;
    Ok(Response::builder().status(answer.status).body(Bytes::from(answer.body))?)
}

fn note(failing: &AtomicBool, sent: bool) {
    hub::measure::trace_export(sent);
    if !failing.swap(!sent, Ordering::Relaxed) && !sent {
        tracing::warn!("spans do not reach the collector; they are dropped until it answers");
    }
}
