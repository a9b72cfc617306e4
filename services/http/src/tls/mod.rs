//! TLS of the listener: which certificate is shown, whose clients are believed, and what a request may know
//! of its connection. What is in force can be replaced while the server runs; no connection is broken by
//! that. It reads no file: the program does, and looks for changes.

mod clients;
mod material;

use std::any::Any;
use std::fmt;
use std::io;
use std::sync::Arc;

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::HttpRequest;
use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use arc_swap::ArcSwap;
use identity::Thumbprint;
use rustls::crypto::ring;
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{DistinguishedName, ServerConfig};

use clients::Clients;
pub use material::{Certificate, Material, MaterialError, Pems, certificates};

use crate::measure;

/// What is in force, and its number: it counts the replacements.
struct Force {
    material: Material,
    number: u64,
    /// The authorities' names, which clients are told: one without their certificate need not ask its user.
    authorities: &'static [DistinguishedName],
}

impl Force {
    /// rustls borrows the names from what outlives every replacement, so they are given away: some hundred
    /// bytes, and only where an authority has come or gone.
    fn new(material: Material, number: u64, before: &'static [DistinguishedName]) -> Self {
        let named = material.authorities();
        let same = named.iter().map(AsRef::<[u8]>::as_ref).eq(before.iter().map(AsRef::as_ref));
        let authorities = if same { before } else { named.to_vec().leak() };
        Self { material, number, authorities }
    }
}

/// The listener's TLS. Clones share what is in force.
#[derive(Clone)]
pub struct Tls {
    force: Arc<ArcSwap<Force>>,
    required: bool,
}

impl Tls {
    /// With this in force. `required`: a client without a certificate is not even heard.
    #[must_use]
    pub fn new(material: Material, required: bool) -> Self {
        material.measure();
        Self { force: Arc::new(ArcSwap::from_pointee(Force::new(material, 0, &[]))), required }
    }

    /// From now on this is in force: for new connections at once; an old one ends with its next answer.
    pub fn replace(&self, material: Material) {
        material.measure();
        let before = self.force.load();
        let number = before.number.saturating_add(1);
        self.force.store(Arc::new(Force::new(material, number, before.authorities)));
        measure::tls_reloaded(true);
    }

    /// What was found in place of it cannot be used; the old stays in force.
    pub fn keep_old(&self) {
        measure::tls_reloaded(false);
    }

    fn number(&self) -> u64 {
        self.force.load().number
    }

    /// For the server. No session is resumed: a certificate is looked at in every handshake.
    pub(crate) fn config(&self) -> io::Result<ServerConfig> {
        let provider = Arc::new(ring::default_provider());
        let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let versions = versions.map_err(io::Error::other)?;
        let builder = match self.force.load().material.believes_clients() {
            true => versions.with_client_cert_verifier(Arc::new(Clients::new(self.clone()))),
            false => versions.with_no_client_auth(),
        };
        let mut config = builder.with_cert_resolver(Arc::new(self.clone()));
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(config)
    }

    /// Notes what a new connection has shown.
    pub(crate) fn note(&self, stream: &dyn Any, connection: &mut Extensions) {
        let Some(stream) = stream.downcast_ref::<TlsStream<TcpStream>>() else { return };
        let shown = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
        let certificate = shown.map(|certificate| seal::sha256(certificate));
        connection.insert(Connection { certificate, number: self.number(), tls: self.clone() });
    }
}

impl ResolvesServerCert for Tls {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.force.load().material.key))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tls({})", self.number())
    }
}

/// A connection with TLS.
struct Connection {
    certificate: Option<Thumbprint>,
    number: u64,
    tls: Tls,
}

/// The certificate whose key the other side of this request's connection has proved to hold.
pub(crate) fn certificate(request: &HttpRequest) -> Option<&Thumbprint> {
    request.conn_data::<Connection>()?.certificate.as_ref()
}

/// Was its connection made before what is in force now?
pub(crate) fn is_of_old(request: &HttpRequest) -> bool {
    let connection = request.conn_data::<Connection>();
    connection.is_some_and(|connection| connection.number != connection.tls.number())
}
