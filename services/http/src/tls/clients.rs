//! Whose client certificates are believed: the authorities in force when the handshake happens. A certificate
//! that is refused is counted, and logged by its fingerprint, so that its owner can be told.

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

use super::Tls;
use super::material::fingerprint;
use crate::measure;

#[derive(Debug)]
pub(super) struct Clients(Tls);

impl Clients {
    pub(super) const fn new(tls: Tls) -> Self {
        Self(tls)
    }

    /// Asks the authorities in force.
    fn ask<T>(&self, question: impl FnOnce(&dyn ClientCertVerifier) -> Result<T, Error>) -> Result<T, Error> {
        match &self.0.force.load().material.clients {
            Some(clients) => question(&**clients),
            None => Err(CertificateError::UnknownIssuer.into()),
        }
    }
}

impl ClientCertVerifier for Clients {
    fn client_auth_mandatory(&self) -> bool {
        self.0.required
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.0.force.load().authorities
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let found = self.ask(|clients| clients.verify_client_cert(end_entity, intermediates, now));
        if let Err(error) = &found {
            let (reason, fingerprint) = (reason(error), fingerprint(end_entity));
            tracing::info!(reason, fingerprint, "a client certificate was refused");
            measure::certificate_refused(reason);
        }
        found
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.ask(|clients| clients.verify_tls12_signature(message, certificate, signature))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.ask(|clients| clients.verify_tls13_signature(message, certificate, signature))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.ask(|clients| Ok(clients.supported_verify_schemes())).unwrap_or_default()
    }
}

/// A word for logs and counters.
const fn reason(error: &Error) -> &'static str {
    use CertificateError as C;
    match error {
        Error::InvalidCertificate(C::Expired | C::ExpiredContext { .. }) => "expired",
        Error::InvalidCertificate(C::NotValidYet | C::NotValidYetContext { .. }) => "not-valid-yet",
        Error::InvalidCertificate(C::UnknownIssuer | C::BadSignature) => "authority-unknown",
        Error::InvalidCertificate(C::Revoked) => "revoked",
        Error::InvalidCertificate(C::InvalidPurpose | C::InvalidPurposeContext { .. }) => "not-for-clients",
        _ => "malformed",
    }
}
