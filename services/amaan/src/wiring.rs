//! Puts the parts of a hub together and takes them apart again, in the right order. The only place that knows
//! all of them.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

use adapters::{Link, Registry};
use amaan_http::{Api, PublicInfo};
use casework::{AgencyCode, Sensitive};
use delivery::Pace;
use hub::{Clients, Hub, Known, RefusalCounter, Retry};
use identity::{TrustedIssuer, Verifier};
use policies::Policies;
use queue::{Embedded, Queue, QueueState};
use schemas::{Directory, Schemas};
use seal::{NoteKey, RootKey};
use store::{Settings, Store};

use crate::failure::Failure;

/// What a hub is wired from.
pub struct Parts {
    pub name: String,
    pub dir: PathBuf,
    pub root: RootKey,
    pub note_key: NoteKey,
    pub first_offset_micros: i64,
    pub issuers: Vec<TrustedIssuer>,
    pub clients: Clients,
    pub endpoints: BTreeMap<AgencyCode, (egress::Url, String)>,
    pub http: egress::Client,
    pub retry: Retry,
    pub pace: Pace,
    pub listener: TcpListener,
    pub public: PublicInfo,
}

/// A hub that runs.
pub struct RunningHub {
    pub hub: Arc<Hub>,
    delivery: delivery::Running,
    server: amaan_http::ServerHandle,
    served: tokio::task::JoinHandle<std::io::Result<()>>,
}

/// Starts everything that is of the hub itself.
pub async fn start(parts: Parts) -> Result<RunningHub, Failure> {
    let directory = Directory::embedded().map_err(Failure::at("the code lists"))?;
    let store = Store::open(Settings {
        dir: parts.dir,
        rules: directory.rules(),
        root: parts.root,
        note_key: parts.note_key,
        first_offset_micros: parts.first_offset_micros,
    })
    .map_err(Failure::at("opening the store"))?;
    let itself =
        store.pseudonym(format!("hub|{}", parts.name)).await.map_err(Failure::at("the hub's pseudonym"))?;
    let adapters = Registry::embedded().map_err(Failure::at("the adapters"))?;
    let queue: Arc<dyn Queue> =
        Arc::new(Embedded::new(adapters.agencies().map(|agency| agency.code.clone())));
    let links = links(parts.endpoints, &parts.http);
    let hub = Arc::new(Hub {
        name: parts.name,
        store: Arc::new(store),
        schemas: Arc::new(Schemas::embedded().map_err(Failure::at("the schemas"))?),
        directory: Arc::new(directory),
        policies: Arc::new(Policies::embedded().map_err(Failure::at("the policies"))?),
        adapters: Arc::new(adapters),
        links,
        clients: parts.clients,
        retry: parts.retry,
        known: Known::default(),
        itself,
        bell: Arc::default(),
        refusals: RefusalCounter::default(),
    });
    let left = hub.take_stock().await.map_err(Failure::at("looking at what an earlier run left"))?;
    let api = Api {
        hub: Arc::clone(&hub),
        verifier: Arc::new(Verifier::new(parts.issuers, parts.http)),
        metrics: amaan_http::measure::recorder(),
        public: parts.public,
        degraded: degraded(&queue),
    };
    let server = amaan_http::server(api, parts.listener).map_err(Failure::at("starting the API"))?;
    let handle = server.handle();
    let served = tokio::spawn(server);
    // After the API: an agency that does not answer while old attempts are settled must not keep intake
    // closed.
    let delivery = delivery::start(&hub, queue, parts.pace, left);
    Ok(RunningHub { hub, delivery, server: handle, served })
}

impl RunningHub {
    /// Takes no more requests, finishes those under way, stops delivery, closes the store.
    pub async fn stop(self) -> Result<(), Failure> {
        self.server.stop(true).await;
        _ = self.served.await;
        self.delivery.stop().await;
        self.hub.flush_refusals().await.map_err(Failure::at("entering counted refusals"))?;
        self.hub.store.close();
        Ok(())
    }
}

/// What the hub does without while its queue is out of order.
fn degraded(queue: &Arc<dyn Queue>) -> Arc<dyn Fn() -> Vec<&'static str> + Send + Sync> {
    let queue = Arc::clone(queue);
    Arc::new(move || if queue.state() == QueueState::Up { Vec::new() } else { vec!["broker"] })
}

fn links(
    endpoints: BTreeMap<AgencyCode, (egress::Url, String)>,
    http: &egress::Client,
) -> BTreeMap<AgencyCode, Link> {
    let link = |(agency, (endpoint, secret))| {
        (agency, Link { endpoint, secret: Sensitive::new(secret), http: http.clone() })
    };
    endpoints.into_iter().map(link).collect()
}
