//! What a commit costs: so many orders handed to the store at once, until the last caller has its answer,
//! with decision, leaves, rows, fsync and the head's signature. PostgreSQL's run where a server is named by
//! AMAAN_STORE_URL and AMAAN_CA_FILE; databases are made for them and dropped.

use std::sync::Arc;

use ::seal::{NoteKey, RootKey};
use casework::{Action, Command, Commitment, Priority, Recipient, Sensitive, Submit, Via};
use divan::Bencher;
use futures_util::future::join_all;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use schemas::Directory;
use store::{
    CaseKeyUse, Committed, Databases, Idempotency, Lane, NewFact, NewLink, Order, Place, SealedBody,
    Settings, Store,
};

use crate::fixtures::{BODY, HUB, agency, checked, code, id, service};

/// Orders at once: alone, as many callers as a small hub has, a full batch.
const ORDERS: [usize; 3] = [1, 64, 256];

#[divan::bench(args = ORDERS, sample_size = 1)]
fn sqlite(bencher: Bencher<'_, '_>, orders: usize) {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Sqlite { dir: folder.path().to_owned() };
    measure(bencher, &open(place), orders);
}

#[divan::bench(args = served(), sample_size = 1)]
fn postgres(bencher: Bencher<'_, '_>, orders: usize) {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::make());
    let place = Place::Postgres { dir: folder.path().to_owned(), databases: server.databases.clone() };
    measure(bencher, &open(place), orders);
}

fn measure(bencher: Bencher<'_, '_>, store: &Store, count: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    bencher.with_inputs(|| (0..count).map(|_| order()).collect::<Vec<Order>>()).bench_local_values(
        |orders| {
            let answers = runtime.block_on(join_all(orders.into_iter().map(|order| store.commit(order))));
            assert!(answers.iter().all(|answer| matches!(answer, Ok(Committed::Done(_)))), "{answers:?}");
            answers
        },
    );
}

fn open(place: Place) -> Store {
    let settings = Settings {
        place,
        rules: Directory::embedded().unwrap().rules(),
        root: RootKey::generate(),
        note_key: NoteKey::from_pkcs8(HUB, &NoteKey::generate_pkcs8()).unwrap(),
        other_note_keys: Vec::new(),
        first_offset_micros: 0,
    };
    Store::open(settings).unwrap()
}

/// One new case with one referral, its body, key, statistics and idempotency key, as intake brings it.
fn order() -> Order {
    let (case, key, object, referral) = (id("cs"), id("ky"), id("ob"), id("rf"));
    let recipient = Recipient {
        referral,
        delivery: id("dl"),
        to: agency("cpi"),
        addressed: None,
        mandate: None,
        service: service("cpi"),
    };
    let submit = Submit {
        request: id("rq"),
        case,
        open_case: true,
        from: agency("ictp"),
        priority: Priority::Normal,
        purpose: code("protection"),
        basis: code("best-interests"),
        held: false,
        recipients: vec![recipient],
        object,
        replaces: None,
        terms: Default::default(),
    };
    let command = Command {
        actor: id("ps"),
        via: Via::Api,
        permit: None,
        commitment: Some(Commitment { message: "77".repeat(32), signature: None }),
        action: Action::Submit(submit),
    };
    // The store opens nothing: bytes of the right length are as good as sealed ones.
    let sealed = [&[7; 60], BODY.as_slice()].concat();
    let fact = NewFact {
        fact: id("ft"),
        referral,
        service: service("cpi"),
        priority: Priority::Normal,
        to: agency("cpi"),
        dimensions: checked().facts,
        link: NewLink { case, key, object: id("ob"), sealed: vec![7; 44] },
    };
    let once = hex::encode(::seal::random::<16>());
    Order {
        idempotency: Some(Idempotency { key: format!("ictp/ictp-system/{once}"), request_hash: [7; 32] }),
        body: Some(SealedBody { object, case, key, schema: "referral.request/v1".to_owned(), sealed }),
        case_key: Some(CaseKeyUse { case, key }),
        facts: vec![fact],
        ..Order::plain(command, Lane::Intake)
    }
}

/// Nothing is run where no server is named.
fn served() -> Vec<usize> {
    if told("AMAAN_STORE_URL").is_some() { ORDERS.to_vec() } else { Vec::new() }
}

fn told(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Two databases of one's own on the server that the environment names.
struct Server {
    through: Sensitive<String>,
    databases: Databases,
}

impl Server {
    fn make() -> Self {
        let server = told("AMAAN_STORE_URL").unwrap();
        let (address, _) = server.rsplit_once('/').unwrap();
        let name = hex::encode(::seal::random::<6>());
        let url = |part: &str| Sensitive::new(format!("{address}/amaan_parts_{name}_{part}"));
        let databases = Databases { main: url("main"), keys: url("keys"), tls: Some(trust()) };
        let through = Sensitive::new(server.clone());
        store::make_databases(&through, &databases).unwrap();
        Self { through, databases }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = store::drop_databases(&self.through, &self.databases) {
            eprintln!("databases of the bench were left behind: {error}");
        }
    }
}

fn trust() -> Arc<rustls::ClientConfig> {
    let file = told("AMAAN_CA_FILE").expect("AMAAN_CA_FILE goes with AMAAN_STORE_URL");
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).unwrap() {
        roots.add(certificate.unwrap()).unwrap();
    }
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(ring).with_safe_default_protocol_versions();
    Arc::new(config.unwrap().with_root_certificates(roots).with_no_client_auth())
}
