//! Calls by https on loopback: only under an authority the rules name, and only where the allow-list says so.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::Arc,
};

use egress::{Cause, Client, EgressError, Forbidden, Request, Rules, RulesError, entry_for};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

const CA: &str = include_str!("certificates/ca.pem");
const OTHER: &str = include_str!("certificates/other.pem");
const HERE: &str = include_str!("certificates/here.pem");
const ELSEWHERE: &str = include_str!("certificates/elsewhere.pem");
const PAST: &str = include_str!("certificates/past.pem");
const KEY: &str = include_str!("certificates/server.key");

/// A server with this certificate, which answers every connection's first request. Gives its port.
fn serve(certificate: &str) -> u16 {
    let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            let mut seen = [0; 1024];
            if stream.read(&mut seen).is_ok_and(|count| count > 0) {
                let _ =
                    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}");
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        }
    });
    port
}

fn rules(entry: String, roots: Option<&str>) -> Rules {
    Rules {
        allow: vec![entry],
        loopback_http: true,
        extra_roots_pem: roots.map(str::to_owned),
        ..Rules::default()
    }
}

/// A call to a server with `certificate` by a client with these extra roots.
async fn check(certificate: &str, roots: Option<&str>, expect: Result<u16, EgressError>) {
    let port = serve(certificate);
    for host in ["127.0.0.1", "localhost"] {
        let client = Client::new(rules(format!("https://{host}:{port}"), roots)).unwrap();
        let url = format!("https://{host}:{port}/").parse().unwrap();
        let ended = client.send(Request::get(url)).await.map(|answer| answer.status);
        assert_eq!(ended, expect, "{host}");
    }
}

#[tokio::test]
async fn only_a_named_authority_is_believed() {
    let refused = Err(EgressError::NotConnected { cause: Cause::TlsFailed });
    check(HERE, Some(CA), Ok(200)).await;
    check(HERE, Some(&format!("{OTHER}{CA}")), Ok(200)).await;
    check(HERE, None, refused).await;
    check(HERE, Some(OTHER), refused).await;
    check(ELSEWHERE, Some(CA), refused).await;
    check(PAST, Some(CA), refused).await;
}

#[tokio::test]
async fn an_entry_settles_the_scheme() {
    let port = serve(HERE);
    let call = async |entry: String, scheme: &str| {
        let url = format!("{scheme}://127.0.0.1:{port}/").parse().unwrap();
        Client::new(rules(entry, Some(CA))).unwrap().send(Request::get(url)).await.map(|answer| answer.status)
    };
    assert_eq!(call(format!("https://127.0.0.1:{port}"), "https").await, Ok(200));
    let wrong_scheme = Err(EgressError::NotAllowed(Forbidden::Scheme));
    assert_eq!(call(format!("https://127.0.0.1:{port}"), "http").await, wrong_scheme);
    assert_eq!(call(format!("127.0.0.1:{port}"), "https").await, wrong_scheme);
}

#[tokio::test]
async fn a_name_that_leaves_loopback_is_not_followed() {
    let client = Client::new(rules("https://localhost:9".to_owned(), Some(CA))).unwrap();
    let url = "https://agency.example:9/".parse().unwrap();
    let refused = client.send(Request::get(url)).await.unwrap_err();
    assert_eq!(refused, EgressError::NotAllowed(Forbidden::Origin));
}

#[test]
fn roots_are_certificates() {
    let cut = CA.replace("-----END", "-----end");
    let no_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let many = CA.repeat(33);
    for pem in ["", "no pem", KEY, &cut, no_certificate, &many] {
        let refused = Client::new(rules("agency.example:443".to_owned(), Some(pem))).err();
        assert_eq!(refused, Some(RulesError::BadRoots), "{pem}");
    }
    assert!(Client::new(rules("agency.example:443".to_owned(), Some(CA))).is_ok());
}

#[test]
fn https_is_said_for_loopback_alone_and_needs_leave() {
    for entry in ["https://agency.example:443", "https://10.0.0.1:443", "https://https://127.0.0.1:9"] {
        let refused = Client::new(rules(entry.to_owned(), None)).err();
        assert_eq!(refused, Some(RulesError::BadOrigin(entry.to_owned())));
    }
    let entry = "https://127.0.0.1:9";
    let strict = Rules { loopback_http: false, ..rules(entry.to_owned(), None) };
    assert_eq!(Client::new(strict).err(), Some(RulesError::LoopbackOrigin(entry.to_owned())));
}

#[test]
fn a_urls_entry_lets_it_be_called() {
    for (url, entry) in [
        ("http://127.0.0.1:9301/x", Some("127.0.0.1:9301")),
        ("https://127.0.0.1:9301/x", Some("https://127.0.0.1:9301")),
        ("https://localhost/x", Some("https://localhost:443")),
        ("http://[::1]:80/", Some("[::1]:80")),
        ("https://AGENCY.example/", Some("agency.example:443")),
        ("http://agency.example/", None),
        ("https://10.0.0.1/", None),
        ("ftp://127.0.0.1/", None),
    ] {
        assert_eq!(entry_for(&url.parse().unwrap()).as_deref(), entry, "{url}");
        assert!(entry.is_none_or(|entry| Client::new(rules(entry.to_owned(), None)).is_ok()), "{url}");
    }
}
