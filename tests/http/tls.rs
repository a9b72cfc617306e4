//! The edge over TLS: whose certificate is believed, which token is good beside it, and what is in force
//! while certificates are replaced.

use std::net::TcpStream;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use amaan_http::measure;
use amaan_http::tls::{Material, MaterialError, Pems, Tls};
use rustls::client::ResolvesClientCert;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, ClientConnection, RootCertStore, SignatureScheme};

use super::authority::{Authority, Pair};
use super::world::World;

const NOW: i64 = 1_800_000_000;

fn pems<'a>(server: &'a Pair, clients: Option<&'a str>) -> Pems<'a> {
    let (certificate, key) = (server.certificate.as_str(), server.key.as_str());
    Pems { certificate, key, client_authorities: clients, client_revoked: None }
}

fn material(server: &Pair, clients: &str) -> Material {
    Material::read(pems(server, Some(clients)), NOW).unwrap()
}

/// The status of an answer; 0 where there was no connection to answer on.
async fn status(http: &egress::Client, request: egress::Request) -> u16 {
    http.send(request).await.map_or(0, |answer| answer.status)
}

/// A token bound to the first or second certificate or to none, over each of these connections.
#[tokio::test]
async fn a_token_is_good_on_the_connection_it_is_bound_to() {
    let authority = Authority::new("agencies");
    let (server, first, second) =
        (authority.server(), authority.client("cpi"), authority.client("cpi, next"));
    for bound_only in [true, false] {
        let tls = Tls::new(material(&server, &authority.pem), false);
        let world = World::over_tls(tls, bound_only).await;
        let unbound = if bound_only { 401 } else { 200 };
        // Both of an agency's certificates are good while both are believed: each with its own tokens.
        for (bound_to, expect) in [
            (Some(&first), [200, 401, 401]),
            (Some(&second), [401, 200, 401]),
            (None, [unbound, unbound, unbound]),
        ] {
            let token = world.bound_token("cpi-system", bound_to.map(Pair::thumbprint));
            // Twice: a token that was believed once is remembered, and still opens no other connection.
            for _ in 0..2 {
                for (shown, expect) in [Some(&first), Some(&second), None].into_iter().zip(expect) {
                    let http = world.caller(&authority.pem, shown);
                    let found = status(&http, world.request("/v1/referrals", Some(&token))).await;
                    assert_eq!(found, expect, "bound only: {bound_only}");
                }
            }
        }
        let http = world.caller(&authority.pem, None);
        assert_eq!(status(&http, world.request("/healthz", None)).await, 200, "what is for all");
    }
}

fn refused(reason: &str) -> u64 {
    let line = format!("amaan_tls_certificates_refused_total{{reason=\"{reason}\"}} ");
    let shown = measure::recorder().render();
    shown.lines().find_map(|text| text.strip_prefix(&line)?.parse().ok()).unwrap_or(0)
}

#[tokio::test]
async fn strangers_are_refused_before_they_are_heard() {
    let (authority, other) = (Authority::new("agencies"), Authority::new("elsewhere"));
    let (server, revoked) = (authority.server(), authority.client("revoked"));
    let list = authority.revoking(&revoked);
    let pems = Pems { client_revoked: Some(&list), ..pems(&server, Some(&authority.pem)) };
    let world = World::over_tls(Tls::new(Material::read(pems, NOW).unwrap(), true), true).await;
    for (shown, reason, expect) in [
        (Some(authority.client("known")), "", 200),
        (None, "", 0),
        (Some(other.client("unknown")), "authority-unknown", 0),
        (Some(authority.past_client("past")), "expired", 0),
        (Some(revoked), "revoked", 0),
        (Some(authority.server()), "not-for-clients", 0),
    ] {
        let before = refused(reason);
        let http = world.caller(&authority.pem, shown.as_ref());
        assert_eq!(status(&http, world.request("/healthz", None)).await, expect, "{reason}");
        assert!(reason.is_empty() || refused(reason) > before, "{reason} was not counted");
    }
    let stranger = world.caller(&other.pem, Some(&authority.client("known")));
    assert_eq!(status(&stranger, world.request("/healthz", None)).await, 0, "the hub itself is not believed");
}

/// Requests one after the other until told to stop; how many were answered, and how many were not.
fn keep_asking(world: &Arc<World>, http: egress::Client, token: String) -> impl Fn() -> (u32, u32) {
    let counts: Arc<(AtomicU32, AtomicU32)> = Arc::default();
    let (world, shared) = (Arc::clone(world), Arc::clone(&counts));
    tokio::spawn(async move {
        loop {
            let answered = status(&http, world.request("/v1/referrals", Some(&token))).await == 200;
            let count = if answered { &shared.0 } else { &shared.1 };
            count.fetch_add(1, SeqCst);
        }
    });
    move || (counts.0.load(SeqCst), counts.1.load(SeqCst))
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_dropped_while_certificates_are_replaced() {
    let (old, new, agencies) = (Authority::new("old"), Authority::new("new"), Authority::new("agencies"));
    let (client, next) = (agencies.client("cpi"), Authority::new("agencies, next"));
    let both = format!("{}{}", agencies.pem, next.pem);
    let tls = Tls::new(material(&old.server(), &agencies.pem), true);
    let world = Arc::new(World::over_tls(tls.clone(), true).await);
    let roots = format!("{}{}", old.pem, new.pem);
    let token = world.bound_token("cpi-system", Some(client.thumbprint()));
    let asking: Vec<_> =
        (0..4).map(|_| keep_asking(&world, world.caller(&roots, Some(&client)), token.clone())).collect();
    let answered = || asking.iter().map(|counts| counts().0).sum::<u32>();
    for round in 1..=20_u32 {
        let server = if round.is_multiple_of(2) { old.server() } else { new.server() };
        tls.replace(material(&server, &both));
        // Each has asked since, over a connection from before and over one from after.
        let before = answered();
        while answered() < before + 16 {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(asking.iter().map(|counts| counts().1).sum::<u32>(), 0, "of {} answered", answered());
    // The last is in force, for the server as for its clients.
    let of_next = next.client("cpi, next");
    let ask = |roots: &str, shown: &Pair| {
        let (http, request) = (world.caller(roots, Some(shown)), world.request("/healthz", None));
        async move { status(&http, request).await }
    };
    assert_eq!((ask(&old.pem, &of_next).await, ask(&new.pem, &of_next).await), (200, 0));
    tls.replace(material(&new.server(), &next.pem));
    assert_eq!((ask(&old.pem, &of_next).await, ask(&new.pem, &of_next).await), (0, 200));
    assert_eq!(ask(&new.pem, &client).await, 0, "whose authority is gone is refused");
}

/// A client that shows nothing and keeps what it was told: whose certificates would be believed.
#[derive(Debug, Default)]
struct Told(Mutex<Vec<Vec<u8>>>);

impl ResolvesClientCert for Told {
    fn resolve(&self, authorities: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        *self.0.lock().unwrap() = authorities.iter().map(|name| name.to_vec()).collect();
        None
    }
    fn has_certs(&self) -> bool {
        true
    }
}

/// A handshake with the hub; how many authorities it named.
fn named(world: &World, roots: &str) -> usize {
    let mut store = RootCertStore::empty();
    store.add(CertificateDer::from_pem_slice(roots.as_bytes()).unwrap()).unwrap();
    let versions = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap();
    let told = Arc::new(Told::default());
    let config = versions.with_root_certificates(store).with_client_cert_resolver(told.clone());
    let mut connection = ClientConnection::new(Arc::new(config), "127.0.0.1".try_into().unwrap()).unwrap();
    let mut stream = TcpStream::connect(world.socket()).unwrap();
    while connection.is_handshaking() {
        connection.complete_io(&mut stream).unwrap();
    }
    told.0.lock().unwrap().len()
}

/// So a browser whose user has other certificates need not ask for one of them.
#[tokio::test(flavor = "multi_thread")]
async fn clients_are_told_whose_certificates_are_believed() {
    let (authority, next) = (Authority::new("agencies"), Authority::new("agencies, next"));
    let server = authority.server();
    let tls = Tls::new(material(&server, &authority.pem), false);
    let world = World::over_tls(tls.clone(), true).await;
    assert_eq!(named(&world, &authority.pem), 1);
    tls.replace(material(&server, &format!("{}{}", authority.pem, next.pem)));
    assert_eq!(named(&world, &authority.pem), 2);
}

#[test]
fn what_does_not_fit_together_is_refused_whole() {
    let authority = Authority::new("agencies");
    let (server, other) = (authority.server(), authority.server());
    let good = pems(&server, Some(&authority.pem));
    let past = authority.server_for(-1);
    let now = identity::TokenTime::unix_seconds(&identity::RealTime::default());
    for (name, pems, expect) in [
        ("all in order", good, None),
        ("no certificate", Pems { certificate: "", ..good }, Some(MaterialError::NoCertificate)),
        (
            "half a certificate",
            Pems { certificate: &server.certificate[..300], ..good },
            Some(MaterialError::NoCertificate),
        ),
        ("no key", Pems { key: "", ..good }, Some(MaterialError::NoKey)),
        ("another's key", Pems { key: &other.key, ..good }, Some(MaterialError::NotItsKey)),
        ("a certificate for a key", Pems { key: &server.certificate, ..good }, Some(MaterialError::NoKey)),
        ("expired", pems(&past, None), Some(MaterialError::Expired)),
        ("no authority", Pems { client_authorities: Some("zqx"), ..good }, Some(MaterialError::NoAuthority)),
        ("no list", Pems { client_revoked: Some("zqx"), ..good }, Some(MaterialError::NoRevocations)),
    ] {
        assert_eq!(Material::read(pems, now).err(), expect, "{name}");
    }
}
