//! Puts the parts of a hub together and takes them apart again, in the right order. The only place that knows
//! all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use adapters::{Link, Registry};
use amaan_http::{Api, Desk, DeskProvider, PublicInfo, Role, Roles};
use casework::{AgencyCode, Sensitive};
use delivery::Pace;
use hub::{
    Breakers, Clients, Hub, Known, LimitSettings, Limits, RefusalCounter, Retry, SessionRules, Turns,
    Webhook, Webhooks, Witness, Witnesses,
};
use identity::login::{Login, Provider};
use identity::{REFRESH_EVERY, RealTime, TrustedIssuer, Verifier};
use policies::{InForce, Policies};
use queue::{Embedded, Queue, QueueState, Rabbit, RabbitSettings};
use schemas::{Directory, Schemas};
use seal::{NoteKey, RootKey};
use store::{Settings, Store};
use tokio::time::MissedTickBehavior;

use crate::config::{Broker, Databases};
use crate::failure::Failure;
use crate::listener_tls::Listener;
use crate::telemetry::{keep_gauges, recorder};

/// What a hub is wired from.
pub struct Parts {
    pub name: String,
    pub place: store::Place,
    pub queue: QueuePlace,
    pub roles: Roles,
    pub root: RootKey,
    pub note_key: NoteKey,
    /// Keys that may take its place, or that it took the place of.
    pub other_note_keys: Vec<NoteKey>,
    pub first_offset_micros: i64,
    pub issuers: Vec<TrustedIssuer>,
    pub clients: Clients,
    pub desk: DeskParts,
    pub endpoints: BTreeMap<AgencyCode, (egress::Url, String)>,
    pub webhooks: Vec<Webhook>,
    pub witnesses: Vec<Witness>,
    pub http: egress::Client,
    pub retry: Retry,
    pub limits: LimitSettings,
    /// Marks of honey records.
    pub honey: BTreeSet<[u8; 32]>,
    /// How many days a backup of the key database is kept.
    pub key_backup_days: u64,
    pub pace: Pace,
    pub listener: TcpListener,
    /// None: spoken with in clear, on loopback.
    pub tls: Option<Listener>,
    pub public: PublicInfo,
    /// A folder whose sets are taken up, to be proposed.
    pub policies: Option<PathBuf>,
}

/// Where people sign in, and for how long.
pub struct DeskParts {
    /// Where browsers reach it, without a slash at the end.
    pub url: String,
    pub rules: SessionRules,
    /// Each with the agencies whose people sign in there.
    pub providers: Vec<(Provider, Vec<AgencyCode>)>,
}

/// What carries messages.
pub enum QueuePlace {
    /// A queue inside the process.
    Embedded,
    /// A broker that other processes use too.
    Rabbit(Broker),
}

/// Where a store lies: on these databases, else on SQLite in this folder.
pub fn place(dir: PathBuf, databases: Option<Databases>) -> store::Place {
    let Some(Databases { main, keys, tls }) = databases else { return store::Place::Sqlite { dir } };
    let (main, keys) = (Sensitive::new(main.to_string()), Sensitive::new(keys.to_string()));
    store::Place::Postgres { dir, databases: store::Databases { main, keys, tls } }
}

/// A hub that runs.
pub struct RunningHub {
    pub hub: Arc<Hub>,
    /// What `/metrics` shows, for a listener beside the API.
    pub metrics: amaan_http::measure::Recorder,
    queue: Arc<dyn Queue>,
    rabbit: Option<Arc<Rabbit>>,
    /// None where other processes deliver.
    delivery: Option<delivery::Running>,
    server: amaan_http::ServerHandle,
    served: tokio::task::JoinHandle<std::io::Result<()>>,
    /// What runs beside until the end: gauges, issuers' keys, certificate files.
    beside: Vec<tokio::task::JoinHandle<()>>,
}

/// Starts everything that is of the hub itself.
pub async fn start(parts: Parts) -> Result<RunningHub, Failure> {
    // First: what store and queue measure while they open is measured once, and would be lost.
    let metrics = recorder();
    // Beside the store's opening, which waits for disks and servers: the policies run their decision tables.
    let policies = std::thread::spawn(Policies::embedded);
    let directory = Directory::embedded().map_err(Failure::at("the code lists"))?;
    // Where others may be running, what stands claimed or asked may be theirs: the sweeper ends it in time.
    let alone = matches!(parts.place, store::Place::Sqlite { .. });
    let marks = parts.root.mark_key();
    let (rules, first_offset_micros) = (directory.rules(), parts.first_offset_micros);
    let (place, root, note_key) = (parts.place, parts.root, parts.note_key);
    let other_note_keys = parts.other_note_keys;
    let settings = Settings { place, rules, root, note_key, other_note_keys, first_offset_micros };
    let store = Store::open(settings).map_err(Failure::at("opening the store"))?;
    let itself =
        store.pseudonym(format!("hub|{}", parts.name)).await.map_err(Failure::at("the hub's pseudonym"))?;
    let store = Arc::new(store);
    let adapters = Registry::shared().map_err(Failure::at("the adapters"))?;
    let (queue, rabbit) = open_queue(parts.queue, &parts.name, &adapters)?;
    let links = links(parts.endpoints, &parts.http);
    let policies = loaded(policies)?;
    let hub = Arc::new(Hub {
        name: parts.name,
        breakers: Breakers::new(parts.retry, &store),
        store,
        schemas: Arc::new(Schemas::embedded().map_err(Failure::at("the schemas"))?),
        directory: Arc::new(directory),
        policies: Arc::new(InForce::new(policies)),
        policy_sets: Default::default(),
        turns: Turns::of(&adapters),
        adapters,
        links,
        clients: parts.clients,
        retry: parts.retry,
        known: Known::default(),
        itself,
        fresh: Default::default(),
        bell: Arc::default(),
        refusals: RefusalCounter::default(),
        news: Default::default(),
        webhooks: Webhooks::new(parts.webhooks, parts.http.clone()),
        witnesses: Witnesses::new(parts.witnesses, parts.http.clone()),
        registers: Default::default(),
        in_line: hub::InLine::default(),
        at_hand: hub::AtHand::default(),
        limits: Limits::new(parts.limits, marks, parts.honey),
        key_backup_days: parts.key_backup_days,
    });
    let left = left_behind(&hub, alone).await?;
    let desk = desk(parts.desk, parts.http.clone());
    let verifier = Arc::new(verifier(parts.issuers, parts.http, &parts.listener, &hub.store)?);
    let api = Api {
        hub: Arc::clone(&hub),
        desk,
        verifier: Arc::clone(&verifier),
        metrics: metrics.clone(),
        public: parts.public,
        roles: parts.roles.clone(),
        degraded: degraded(&queue, parts.pace.paused),
    };
    let tls = parts.tls.as_ref().map(|listener| listener.tls.clone());
    let server = amaan_http::server(api, parts.listener, tls).map_err(Failure::at("starting the API"))?;
    let (handle, served) = (server.handle(), tokio::spawn(server));
    // After the API: an agency that is silent while old attempts are settled must not keep intake closed.
    let delivers = parts.roles.has(Role::Delivery);
    let delivery = delivers.then(|| delivery::start(&hub, Arc::clone(&queue), parts.pace, left));
    let beside =
        beside(&hub, &queue, verifier, parts.policies).chain(parts.tls.map(Listener::watch)).collect();
    Ok(RunningHub { hub, metrics, queue, rabbit, delivery, server: handle, served, beside })
}

/// What an earlier run left under way, where it can only have been this process's; looked at once the ledger
/// was compared with what witnesses saw, before anything is signed, and once the policies are those that two
/// people approved, not those the program was built with.
async fn left_behind(hub: &Hub, alone: bool) -> Result<Vec<casework::Delivery>, Failure> {
    hub.compare_with_witnesses().await.map_err(Failure::at("comparing the ledger with its witnesses"))?;
    hub.follow_policies().await;
    let left = if alone { hub.take_stock().await } else { Ok(Vec::new()) };
    left.map_err(Failure::at("looking at what an earlier run left"))
}

/// The policies, once their thread is done.
fn loaded(
    thread: std::thread::JoinHandle<Result<Policies, policies::LoadError>>,
) -> Result<Policies, Failure> {
    let died = |_| Failure::Failed("loading the policies made a thread panic".to_owned());
    thread.join().map_err(died)?.map_err(Failure::at("the policies"))
}

/// What runs beside until the end.
fn beside(
    hub: &Arc<Hub>,
    queue: &Arc<dyn Queue>,
    verifier: Arc<Verifier>,
    policies: Option<PathBuf>,
) -> impl Iterator<Item = tokio::task::JoinHandle<()>> + use<> {
    let gauges = keep_gauges(Arc::clone(hub), how_it_stands(queue));
    [gauges, keep_policies(Arc::clone(hub), policies), keep_keys(verifier)].into_iter()
}

impl RunningHub {
    /// Stops, and deletes exchange and queues at the broker.
    pub async fn stop_and_remove(self) -> Result<(), Failure> {
        let rabbit = self.rabbit.clone();
        self.stop().await?;
        match rabbit {
            Some(rabbit) => rabbit.remove().await.map_err(Failure::at("removing the queues at the broker")),
            None => Ok(()),
        }
    }

    /// Takes no more requests, finishes those under way, stops delivery, closes the store.
    pub async fn stop(self) -> Result<(), Failure> {
        self.beside.iter().for_each(tokio::task::JoinHandle::abort);
        // First: an open stream would hold the server up.
        self.hub.news.close();
        self.server.stop(true).await;
        _ = self.served.await;
        if let Some(delivery) = self.delivery {
            delivery.stop().await;
        } else {
            self.queue.close();
            self.queue.closed().await;
        }
        self.hub.flush_refusals().await.map_err(Failure::at("entering counted refusals"))?;
        self.hub.store.close();
        Ok(())
    }
}

/// Where other machines reach the hub, a token that was overheard must be of no use.
fn verifier(
    issuers: Vec<TrustedIssuer>,
    http: egress::Client,
    listener: &TcpListener,
    store: &Store,
) -> Result<Verifier, Failure> {
    let address = listener.local_addr().map_err(Failure::at("the API's own address"))?;
    let clock = Arc::clone(store.clock());
    let verifier = Verifier::new(issuers, http).beside(Arc::new(move || clock.ahead_seconds()));
    Ok(if address.ip().is_loopback() { verifier } else { verifier.bound_only() })
}

/// Fetches issuers' keys anew whenever they are due, until it is aborted.
fn keep_keys(verifier: Arc<Verifier>) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(REFRESH_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            verifier.refresh().await;
        }
    })
}

/// How soon another hub's change of the policies counts here.
const POLICIES_EVERY: Duration = Duration::from_secs(1);

/// Follows what two people approved, and looks into the folder. Runs until it is aborted.
fn keep_policies(hub: Arc<Hub>, dir: Option<PathBuf>) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(POLICIES_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Some(dir) = &dir {
                hub.look_at_policies(dir).await;
            }
            hub.follow_policies().await;
        }
    })
}

/// For gauges: is it up, is it blocked?
fn how_it_stands(queue: &Arc<dyn Queue>) -> impl Fn() -> (bool, bool) + Send + 'static + use<> {
    let queue = Arc::clone(queue);
    move || (queue.state() == QueueState::Up, queue.state() == QueueState::Blocked)
}

/// A queue, and the broker behind it if there is one.
type Carrier = (Arc<dyn Queue>, Option<Arc<Rabbit>>);

/// The queue inside the process, or the broker's.
fn open_queue(place: QueuePlace, name: &str, adapters: &Registry) -> Result<Carrier, Failure> {
    let agencies = adapters.agencies().map(|agency| agency.code.clone());
    let Broker { url, ca_pem, prefix, canary_every_seconds, length_max } = match place {
        QueuePlace::Embedded => return Ok((Arc::new(Embedded::new(agencies)), None)),
        QueuePlace::Rabbit(broker) => broker,
    };
    let mut settings = RabbitSettings::new(Sensitive::new(url.to_string()), &prefix);
    settings.ca_pem = ca_pem;
    settings.agencies = agencies.collect();
    settings.prefetch = adapters.agencies().map(workers_of).collect();
    settings.source = format!("urn:amaan:{name}");
    settings.tuning.canary_every = Duration::from_secs(canary_every_seconds);
    settings.tuning.queue_length_max = i32::try_from(length_max).unwrap_or(i32::MAX);
    let rabbit = Arc::new(Rabbit::open(settings).map_err(Failure::at("the broker's settings"))?);
    let carrier: Arc<dyn Queue> = Arc::<Rabbit>::clone(&rabbit);
    Ok((carrier, Some(rabbit)))
}

fn workers_of(agency: &adapters::Agency) -> (AgencyCode, u16) {
    (agency.code.clone(), u16::try_from(hub::places(agency)).unwrap_or(u16::MAX))
}

fn desk(parts: DeskParts, http: egress::Client) -> Desk {
    let DeskParts { url, rules, providers } = parts;
    let callbacks = format!("{url}{}", Desk::CALLBACKS);
    let shown = |(provider, agencies): &(Provider, Vec<AgencyCode>)| DeskProvider {
        name: provider.name.clone(),
        agencies: agencies.clone(),
    };
    let listed = providers.iter().map(shown).collect();
    let asked = providers.into_iter().map(|(provider, _)| provider).collect();
    Desk {
        login: Login::new(asked, &callbacks, http, Arc::new(RealTime::default())),
        providers: listed,
        rules,
        url,
    }
}

/// What the hub does without: a queue that is out of order, deliveries that are paused.
fn degraded(queue: &Arc<dyn Queue>, paused: bool) -> Arc<dyn Fn() -> Vec<&'static str> + Send + Sync> {
    let queue = Arc::clone(queue);
    Arc::new(move || {
        let broker = (queue.state() != QueueState::Up).then_some("broker");
        broker.into_iter().chain(paused.then_some("deliveries")).collect()
    })
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
