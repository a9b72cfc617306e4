//! Configuration: one TOML file, the environment over it, secrets by file only. One file for each concern
//! declares its settings; everything else here is made from the declarations. Read once, at the start.
//!
//! It opens no socket and, but for `secrets.rs`, no other file.

mod authority;
mod clients;
mod concern;
mod delivery;
mod document;
mod endpoints;
mod environment;
mod form;
mod hub;
mod issuers;
mod key;
mod keys;
mod layers;
mod limits;
mod listing;
mod nearest;
mod observability;
mod outbound;
mod people;
mod policies;
mod problem;
mod providers;
mod queue;
mod reference;
pub mod secrets;
mod servers;
pub mod signing;
mod store;
mod tls;
mod web;
mod webhooks;
mod witnesses;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use authority::Authorities;
pub use clients::Client;
pub use delivery::Delivery;
pub use endpoints::Endpoint;
pub use hub::Hub;
pub use issuers::Issuer;
pub use keys::Keys;
pub use limits::Limits;
pub use listing::{Line, listing};
pub use observability::{Observability, traces};
pub use outbound::Outbound;
pub use people::People;
pub use policies::PolicySets;
pub use problem::{Fault, Problems, Refused, Told};
pub use providers::Provider;
pub use queue::Queue;
pub use reference::reference;
pub use servers::{Broker, Databases, broker as judge_broker, database as judge_database};
pub use signing::Signing;
pub use store::Store;
pub use tls::Tls;
pub use web::rules;
pub use webhooks::Webhook;
pub use witnesses::Witness;

use concern::{Concern, Faults};
use document::Document;
pub use document::read_text;
use key::Section;
use layers::Layers;
use problem::Problem;
pub use secrets::read as read_secret;

/// Every concern, in the order of the reference.
const SECTIONS: &[&Section] = &[
    &hub::SECTION,
    &tls::SECTION,
    &keys::SECTION,
    &store::SECTION,
    &queue::SECTION,
    &issuers::SECTION,
    &clients::SECTION,
    &signing::SECTION,
    &people::SECTION,
    &providers::SECTION,
    &endpoints::SECTION,
    &webhooks::SECTION,
    &witnesses::SECTION,
    &delivery::SECTION,
    &limits::SECTION,
    &outbound::SECTION,
    &policies::SECTION,
    &observability::SECTION,
];

/// What the operator wants, checked. Paths are as seen from the working folder.
pub struct Settings {
    pub file: PathBuf,
    pub hub: Hub,
    pub tls: Tls,
    pub keys: Keys,
    pub issuers: Vec<Issuer>,
    pub clients: Vec<Client>,
    pub signing: BTreeMap<String, Signing>,
    pub people: People,
    pub providers: BTreeMap<String, Provider>,
    pub endpoints: BTreeMap<String, Endpoint>,
    pub webhooks: BTreeMap<String, Webhook>,
    pub witnesses: BTreeMap<String, Witness>,
    pub delivery: Delivery,
    pub limits: Limits,
    pub store: Store,
    pub queue: Queue,
    pub outbound: Outbound,
    pub policies: PolicySets,
    pub observability: Observability,
    layers: Layers,
}

/// Reads and checks a file and the environment over it: everything but what stands in the secret files.
pub fn load(file: &Path) -> Result<Settings, Refused> {
    let text = read_text(file).map_err(|error| {
        Refused::Unreadable(format!("--config {}: {error}; name a file that can be read", file.display()))
    })?;
    let document = Document::parse(text).map_err(|list| Problems::new(file, list))?;
    let layers = Layers::new(document).map_err(|problem| Problems::new(file, vec![problem]))?;
    let mut problems = layers.check();
    match gather(&layers, &mut problems) {
        Some(parts) if problems.is_empty() => Ok(settings(file, parts, layers)),
        _ => Err(Problems::new(file, problems).into()),
    }
}

/// The concerns' values before their paths are made relative to the file.
struct Parts {
    hub: Hub,
    tls: Tls,
    keys: Keys,
    store: Store,
    queue: Queue,
    issuers: Vec<Issuer>,
    clients: Vec<Client>,
    signing: BTreeMap<String, Signing>,
    people: People,
    providers: BTreeMap<String, Provider>,
    endpoints: BTreeMap<String, Endpoint>,
    webhooks: BTreeMap<String, Webhook>,
    witnesses: BTreeMap<String, Witness>,
    delivery: Delivery,
    limits: Limits,
    outbound: Outbound,
    policies: PolicySets,
    observability: Observability,
}

/// The concerns' values. Each is looked at even where another has problems, so that all are told at once.
fn gather(layers: &Layers, problems: &mut Vec<Problem>) -> Option<Parts> {
    let hub: Option<Hub> = take(layers, problems);
    let tls: Option<Tls> = take(layers, problems);
    let keys = take(layers, problems);
    let store = take(layers, problems);
    let queue = take(layers, problems);
    let issuers: Option<Vec<Issuer>> = take(layers, problems);
    let clients: Option<Vec<Client>> = take(layers, problems);
    let signing = take(layers, problems);
    let people = take(layers, problems);
    let providers = take(layers, problems);
    let endpoints = take(layers, problems);
    let webhooks = take(layers, problems);
    let witnesses = take(layers, problems);
    let delivery = take(layers, problems);
    let limits = take(layers, problems);
    let outbound = take(layers, problems);
    let policies = take(layers, problems);
    let observability = take(layers, problems);
    if let (Some(clients), Some(issuers)) = (&clients, &issuers) {
        place(layers, clients::of_no_issuer(clients, issuers), problems);
    }
    if let (Some(hub), Some(tls)) = (&hub, &tls) {
        place(layers, tls::off_loopback(hub, tls), problems);
    }
    Some(Parts {
        hub: hub?,
        tls: tls?,
        keys: keys?,
        store: store?,
        queue: queue?,
        issuers: issuers?,
        clients: clients?,
        signing: signing?,
        people: people?,
        providers: providers?,
        endpoints: endpoints?,
        webhooks: webhooks?,
        witnesses: witnesses?,
        delivery: delivery?,
        limits: limits?,
        outbound: outbound?,
        policies: policies?,
        observability: observability?,
    })
}

fn take<T: Concern>(layers: &Layers, problems: &mut Vec<Problem>) -> Option<T> {
    let name = T::SECTION.name;
    let within = |key: &str| {
        key.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    if problems.iter().any(|problem| within(&problem.key)) {
        return None;
    }
    let Some(values) = layers.values::<T>(T::SECTION) else {
        let fault =
            Fault::new("cannot be used", "its values do not fit together", "compare it with the reference");
        problems.push(fault.at(layers.place(name), name));
        return None;
    };
    place(layers, values.faults(), problems);
    Some(values)
}

fn place(layers: &Layers, faults: Faults, problems: &mut Vec<Problem>) {
    problems.extend(faults.into_iter().map(|(key, fault)| fault.at(layers.place(&key), key)));
}

fn settings(file: &Path, parts: Parts, layers: Layers) -> Settings {
    let Parts {
        mut hub,
        mut tls,
        mut keys,
        mut store,
        mut queue,
        issuers,
        clients,
        mut signing,
        people,
        mut providers,
        mut endpoints,
        mut webhooks,
        witnesses,
        delivery,
        mut limits,
        mut outbound,
        mut policies,
        observability,
    } = parts;
    // Relative to the file, so that it means the same wherever the program is started.
    let folder = file.parent().unwrap_or(Path::new(""));
    let from_file = |path: &mut PathBuf| *path = folder.join(&*path);
    from_file(&mut hub.data);
    from_file(&mut keys.root_key_file);
    from_file(&mut keys.ledger_key_file);
    let (store_files, queue_files) = (
        [&mut store.url_file, &mut store.keys_url_file, &mut store.ca_file],
        [&mut queue.url_file, &mut queue.ca_file],
    );
    let named = store_files.into_iter().chain(queue_files).chain([&mut outbound.ca_file, &mut policies.dir]);
    named.flatten().chain(tls.files_mut()).for_each(from_file);
    endpoints.values_mut().for_each(|endpoint| from_file(&mut endpoint.credential_file));
    signing.values_mut().for_each(|held| from_file(&mut held.jwks_file));
    providers.values_mut().for_each(|provider| from_file(&mut provider.secret_file));
    webhooks.values_mut().filter_map(|webhook| webhook.secret_file.as_mut()).for_each(from_file);
    limits.honey_file.iter_mut().for_each(from_file);
    Settings {
        file: file.to_path_buf(),
        hub,
        tls,
        keys,
        store,
        queue,
        issuers,
        clients,
        signing,
        people,
        providers,
        endpoints,
        webhooks,
        witnesses,
        delivery,
        limits,
        outbound,
        policies,
        observability,
        layers,
    }
}
