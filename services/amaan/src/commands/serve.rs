//! `amaan serve`: a hub as configured, or some of its roles, until it is told to stop. How its parts are put
//! together and taken apart is `wiring.rs`'s.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;

use adapters::{Agency, Protocol, Registry};
use amaan_http::{PublicInfo, Role, Roles};
use casework::{AgencyCode, Sensitive};
use hub::{Client, Clients, Webhook, Witness};
use identity::TrustedIssuer;
use identity::login::Provider;
use ledger::CosignerKey;
use seal::WebhookKey;

use super::make_keys::{make_missing, private_folder};
use crate::cli::{RoleArg, ServeArgs};
use crate::config::secrets::{self, Secrets};
use crate::config::{self, Settings, rules};
use crate::failure::Failure;
use crate::signals::Signals;
use crate::telemetry::Telemetry;
use crate::wiring::{self, Parts, QueuePlace};

pub async fn run(args: &ServeArgs) -> Result<ExitCode, Failure> {
    let settings = config::load(&args.config)?;
    let roles = roles(args, &settings)?;
    let traces = settings.observability.traces(&settings.hub.name)?;
    let telemetry = Telemetry::start(&settings.observability.logs(), traces.as_ref())?;
    let ended = serve(args, &settings, roles).await;
    telemetry.finish().await;
    ended
}

async fn serve(args: &ServeArgs, settings: &Settings, roles: Roles) -> Result<ExitCode, Failure> {
    if args.make_keys {
        make_missing(settings)?;
    }
    let secrets = secrets::open(settings)?;
    private_folder(&settings.hub.data).map_err(Failure::at("making the data folder"))?;
    let mut signals = Signals::listen()?;
    let listener = listen(settings)?;
    let address = listener.local_addr().map_err(Failure::at("the API's own address"))?;
    let metrics = listen_for_metrics(settings)?;
    // Beside the API they are only where no other machine comes, by itself or through a proxy.
    let beside = metrics.is_none() && address.ip().is_loopback() && names_this_machine(settings);
    let roles = if beside { roles } else { roles.without_metrics() };
    let running = wiring::start(parts(settings, secrets, roles.clone(), listener, address)?).await?;
    let metrics = metrics.map(|listener| serve_metrics(&running, listener)).transpose()?;
    announce(settings, &roles, &running.hub.adapters, address, metrics.as_ref().map(|(at, _)| *at));
    let signal = signals.first().await;
    eprintln!("{signal}: finishing what runs");
    running.stop().await?;
    if let Some((_, server)) = metrics {
        server.stop(false).await;
    }
    eprintln!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Do the addresses by which browsers and callers know it, if there are any, lead to this machine only?
fn names_this_machine(settings: &Settings) -> bool {
    let desk = settings.people.url.as_ref().map(|url| url.as_str());
    let known = [settings.hub.public_url.as_deref(), desk].into_iter().flatten();
    known.filter_map(|text| text.parse::<egress::Url>().ok()).all(|url| {
        let host = url.host_str().unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|at| at.is_loopback())
    })
}

/// Processes meet only in a database and a broker that both can reach.
fn roles(args: &ServeArgs, settings: &Settings) -> Result<Roles, Failure> {
    let roles = Roles::of(args.roles.iter().map(|role| match role {
        RoleArg::Api => Role::Api,
        RoleArg::Pages => Role::Pages,
        RoleArg::Delivery => Role::Delivery,
        RoleArg::Oversight => Role::Oversight,
    }));
    let lacks = match (settings.store.is_server(), settings.queue.is_server()) {
        (true, true) => return Ok(roles),
        (false, false) => {
            "runs on SQLite and a queue inside the process: set `store.url_file`, \
                           `store.keys_url_file` and `queue.url_file`"
        }
        (false, true) => {
            "runs on SQLite, which one process writes: set `store.url_file` and \
                          `store.keys_url_file`"
        }
        (true, false) => {
            "has its queue inside the process, where no other process finds it: set \
                          `queue.url_file`"
        }
    };
    if roles.is_all() {
        return Ok(roles);
    }
    Err(Failure::Usage(format!(
        "--role {}: roles apart need PostgreSQL and RabbitMQ, but this hub {lacks}, or leave `--role` out \
         so that this process does everything",
        roles.words().join(",")
    )))
}

fn listen(settings: &Settings) -> Result<TcpListener, Failure> {
    let address = settings.hub.listen;
    TcpListener::bind(address).map_err(|error| {
        let fix = "stop what listens there, or set another `hub.listen`";
        Failure::Failed(format!("the API cannot listen on {address}: {error}; {fix}"))
    })
}

fn listen_for_metrics(settings: &Settings) -> Result<Option<TcpListener>, Failure> {
    let Some(address) = settings.hub.metrics_listen else { return Ok(None) };
    TcpListener::bind(address).map(Some).map_err(|error| {
        let fix = "stop what listens there, or set another `hub.metrics_listen`";
        Failure::Failed(format!("metrics cannot be served on {address}: {error}; {fix}"))
    })
}

/// Where metrics are served, and what ends that.
fn serve_metrics(
    running: &wiring::RunningHub,
    listener: TcpListener,
) -> Result<(SocketAddr, amaan_http::ServerHandle), Failure> {
    let address = listener.local_addr().map_err(Failure::at("the address of metrics"))?;
    let server = amaan_http::metrics_server(running.metrics.clone(), listener);
    let server = server.map_err(Failure::at("starting the listener of metrics"))?;
    let handle = server.handle();
    tokio::spawn(async move {
        if let Err(error) = server.await {
            tracing::error!(%error, "metrics are served no more; start the hub anew");
        }
    });
    Ok((address, handle))
}

fn parts(
    settings: &Settings,
    secrets: Secrets,
    roles: Roles,
    listener: TcpListener,
    address: SocketAddr,
) -> Result<Parts, Failure> {
    let adapters = Registry::shared().map_err(Failure::at("the adapters"))?;
    let trusted = settings.issuers.iter().map(|issuer| TrustedIssuer {
        issuer: issuer.issuer.as_str().to_owned(),
        audience: issuer.audience.clone(),
    });
    let called = settings.endpoints.values().map(|endpoint| endpoint.url.origin());
    let called = called.chain(settings.issuers.iter().map(|issuer| issuer.issuer.origin()));
    let called = called.chain(settings.providers.values().map(|provider| provider.issuer.origin()));
    let called = called.chain(settings.webhooks.values().map(|webhook| webhook.url.origin()));
    let called = called.chain(settings.witnesses.values().map(|witness| witness.url.origin()));
    let endpoints = endpoints(settings, &secrets, &adapters);
    let base_url = base_url(settings, address);
    let url = settings.people.url.as_ref().map_or_else(|| base_url.clone(), |url| url.as_str().to_owned());
    let desk =
        wiring::DeskParts { url, rules: settings.people.rules(), providers: providers(settings, &secrets) };
    Ok(Parts {
        desk,
        name: settings.hub.name.clone(),
        place: wiring::place(settings.hub.data.clone(), secrets.databases),
        endpoints,
        webhooks: webhooks(settings, secrets.webhooks),
        witnesses: witnesses(settings)?,
        queue: secrets.broker.map_or(QueuePlace::Embedded, QueuePlace::Rabbit),
        roles,
        root: secrets.root,
        note_key: secrets.note_key,
        other_note_keys: secrets.other_note_keys,
        first_offset_micros: 0,
        issuers: trusted.collect(),
        clients: clients(settings).and_signing(secrets.signing),
        http: egress::Client::new(rules(called.collect(), secrets.roots_pem))
            .map_err(Failure::at("the outbound client"))?,
        retry: settings.delivery.retry(),
        limits: settings.limits.settings(),
        honey: secrets.honey,
        key_backup_days: settings.keys.backup_days,
        pace: settings.delivery.pace(),
        listener,
        tls: secrets.listener,
        public: PublicInfo { base_url, sandbox: false, notes: Vec::new() },
        policies: settings.policies.dir.clone(),
    })
}

/// Where callers reach the API, as far as is known here.
fn base_url(settings: &Settings, address: SocketAddr) -> String {
    let scheme = if settings.tls.certificate_file.is_some() { "https" } else { "http" };
    settings.hub.public_url.clone().unwrap_or_else(|| format!("{scheme}://{address}"))
}

fn clients(settings: &Settings) -> Clients {
    let row = |client: &config::Client| {
        let (agency, roles) = (client.agency.clone(), client.roles.clone());
        let known = Client { agency, roles, scopes: client.scopes.clone() };
        ((client.issuer.clone(), client.client.clone()), known)
    };
    let people_of = settings.providers.values().map(|provider| provider.issuer.as_str().to_owned());
    Clients::new(settings.clients.iter().map(row)).and_people_of(people_of)
}

/// Where people sign in, each with its secret and its agencies.
fn providers(settings: &Settings, secrets: &Secrets) -> Vec<(Provider, Vec<AgencyCode>)> {
    let made = |(name, held): (&String, &config::Provider)| {
        let provider = Provider {
            name: name.clone(),
            issuer: held.issuer.as_str().to_owned(),
            client: held.client.clone(),
            secret: Sensitive::new(secrets.providers.get(name)?.to_string()),
            acr: held.acr.clone(),
        };
        Some((provider, held.agencies.clone()))
    };
    settings.providers.iter().filter_map(made).collect()
}

/// Agencies that have an endpoint, with its secret.
fn endpoints(
    settings: &Settings,
    secrets: &Secrets,
    adapters: &Registry,
) -> BTreeMap<AgencyCode, (egress::Url, String)> {
    let linked = |agency: &Agency| {
        let endpoint = settings.endpoints.get(&agency.endpoint)?;
        let secret = secrets.credentials.get(&agency.endpoint)?;
        Some((agency.code.clone(), (endpoint.url.url().clone(), secret.to_string())))
    };
    adapters.agencies().filter_map(linked).collect()
}

/// Witnesses. Their keys were looked at with the configuration.
fn witnesses(settings: &Settings) -> Result<Vec<Witness>, Failure> {
    let made = |witness: &config::Witness| {
        let key = CosignerKey::parse(witness.vkey.trim()).map_err(Failure::at("a witness's key"))?;
        let url = format!("{}/", witness.url.as_str().trim_end_matches('/'));
        Ok(Witness { key, url: url.parse().map_err(Failure::at("a witness's address"))? })
    };
    settings.witnesses.values().map(made).collect()
}

/// Webhooks, each with its key.
fn webhooks(settings: &Settings, mut keys: BTreeMap<String, WebhookKey>) -> Vec<Webhook> {
    let made = |(name, webhook): (&String, &config::Webhook)| {
        let (agency, url, types) = (webhook.agency.clone(), webhook.url.url().clone(), webhook.types.clone());
        Some(Webhook { key: keys.remove(name)?, name: name.clone(), agency, url, types })
    };
    settings.webhooks.iter().filter_map(made).collect()
}

/// What runs where, on stderr: talk, not results.
fn announce(
    settings: &Settings,
    roles: &Roles,
    adapters: &Registry,
    address: SocketAddr,
    metrics: Option<SocketAddr>,
) {
    eprintln!("amaan {} serves {}", env!("CARGO_PKG_VERSION"), settings.hub.name);
    let (base_url, tls) = (base_url(settings, address), &settings.tls);
    let how = match (&tls.certificate_file, address.ip().is_loopback()) {
        (None, _) => "loopback only".to_owned(),
        (_, true) => "TLS, loopback only".to_owned(),
        (_, false) => format!("TLS on {address}; systems by tokens bound to their certificates"),
    };
    eprintln!("  API       {base_url} ({how})");
    match (metrics, roles.shows_metrics()) {
        (Some(at), _) => eprintln!("  metrics   http://{at}/metrics"),
        (None, true) => {}
        (None, false) => eprintln!(
            "  metrics   not served where other machines come: set `hub.metrics_listen`, for example to \
             `127.0.0.1:9464`"
        ),
    }
    if !roles.is_all() {
        eprintln!("  roles     {roles}; the others run elsewhere");
    }
    let store = if settings.store.is_server() { "PostgreSQL" } else { "SQLite" };
    let queue = if settings.queue.is_server() { "RabbitMQ" } else { "in-process queue" };
    eprintln!("  data      {} ({store}, {queue})", settings.hub.data.display());
    for issuer in &settings.issuers {
        eprintln!("  issuer    {}", issuer.issuer.as_str());
    }
    if settings.issuers.is_empty() || settings.clients.is_empty() {
        eprintln!("  clients   none that could call: `issuers` or `clients` is empty");
    } else {
        eprintln!("  clients   {}", settings.clients.len());
    }
    for (name, provider) in &settings.providers {
        eprintln!("  people    sign in at {} ({name})", provider.issuer.as_str());
    }
    for agency in adapters.agencies() {
        eprintln!("  {:<9} {} ({})", agency.code.as_str(), reached(settings, agency), agency.contract_line());
    }
    eprintln!("SIGINT or SIGTERM ends it");
}

fn reached<'a>(settings: &'a Settings, agency: &Agency) -> &'a str {
    match settings.endpoints.get(&agency.endpoint) {
        Some(endpoint) => endpoint.url.as_str(),
        None if agency.protocol == Protocol::Pull => "fetches from the hub",
        None => "no endpoint: what is for it becomes a dead letter",
    }
}
