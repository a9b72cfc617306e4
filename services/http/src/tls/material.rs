//! Certificate, key and authorities as they stand in their files, held against each other before any of it
//! comes into force: what does not fit together is refused whole.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::sign::CertifiedKey;
use rustls::{DistinguishedName, Error, InconsistentKeys, RootCertStore};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use crate::measure;

/// What the files hold. Not printable: one is a key.
#[derive(Clone, Copy)]
pub struct Pems<'a> {
    /// The server's certificate, then those between it and its authority.
    pub certificate: &'a str,
    /// Its private key.
    pub key: &'a str,
    /// Authorities whose clients are believed; none: no client is asked for a certificate.
    pub client_authorities: Option<&'a str>,
    /// Lists of certificates that these authorities have revoked.
    pub client_revoked: Option<&'a str>,
}

/// Why it cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MaterialError {
    /// No certificate in PEM.
    #[error("the certificate file holds no certificate in PEM")]
    NoCertificate,
    /// No key in PEM, or of a kind that TLS is not spoken with here.
    #[error("the key file holds no private key in PEM (ECDSA P-256 or P-384, Ed25519, RSA)")]
    NoKey,
    /// The key is another certificate's.
    #[error("the key is not the certificate's")]
    NotItsKey,
    /// No client would believe it.
    #[error("the certificate has expired")]
    Expired,
    /// No authority in PEM.
    #[error("the client authorities' file holds no certificate in PEM")]
    NoAuthority,
    /// No list in PEM, or none that fits.
    #[error("the file of revoked certificates holds no revocation list in PEM")]
    NoRevocations,
}

/// What comes into force together.
pub struct Material {
    pub(super) key: Arc<CertifiedKey>,
    pub(super) clients: Option<Arc<dyn ClientCertVerifier>>,
    ends: i64,
    authority_ends: Option<i64>,
}

/// What a certificate says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// SHA-256 of it, in hexadecimal digits.
    pub fingerprint: String,
    /// Its subject.
    pub subject: String,
    /// Its last second, since 1970.
    pub ends: i64,
}

impl Material {
    /// Reads and compares, at `now` (seconds since 1970).
    ///
    /// # Errors
    /// [`MaterialError`]; nothing of it is usable then.
    pub fn read(pems: Pems<'_>, now: i64) -> Result<Self, MaterialError> {
        let chain = ders(pems.certificate).ok_or(MaterialError::NoCertificate)?;
        let ends = chain.first().and_then(end_of).ok_or(MaterialError::NoCertificate)?;
        let key = PrivateKeyDer::from_pem_slice(pems.key.as_bytes()).map_err(|_| MaterialError::NoKey)?;
        let key = ring::sign::any_supported_type(&key).map_err(|_| MaterialError::NoKey)?;
        let key = CertifiedKey::new(chain, key);
        match key.keys_match() {
            Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
            Err(_) => return Err(MaterialError::NotItsKey),
        }
        if ends <= now {
            return Err(MaterialError::Expired);
        }
        let clients = pems.client_authorities.map(|pem| clients(pem, pems.client_revoked)).transpose()?;
        let authorities = pems.client_authorities.and_then(certificates).unwrap_or_default();
        let authority_ends = authorities.iter().map(|authority| authority.ends).min();
        Ok(Self { key: Arc::new(key), clients, ends, authority_ends })
    }

    pub(super) const fn believes_clients(&self) -> bool {
        self.clients.is_some()
    }

    /// The names of the authorities whose clients are believed.
    pub(super) fn authorities(&self) -> &[DistinguishedName] {
        self.clients.as_ref().map_or(&[], |clients| clients.root_hint_subjects())
    }

    /// Shows until when it is good.
    pub(super) fn measure(&self) {
        measure::certificate_ends("server", self.ends);
        if let Some(ends) = self.authority_ends {
            measure::certificate_ends("client-authority", ends);
        }
    }
}

/// The certificates of a file; `None` where something in it is none, or nothing is in it.
#[must_use]
pub fn certificates(pem: &str) -> Option<Vec<Certificate>> {
    ders(pem)?.iter().map(read).collect()
}

fn ders(pem: &str) -> Option<Vec<CertificateDer<'static>>> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    read.ok().filter(|ders| !ders.is_empty())
}

fn read(der: &CertificateDer<'static>) -> Option<Certificate> {
    let (_, parsed) = X509Certificate::from_der(der).ok()?;
    let subject = parsed.subject().to_string();
    let ends = parsed.validity().not_after.timestamp();
    Some(Certificate { fingerprint: fingerprint(der), subject, ends })
}

fn end_of(der: &CertificateDer<'static>) -> Option<i64> {
    read(der).map(|certificate| certificate.ends)
}

/// As `openssl x509 -fingerprint -sha256` has it, without colons and in small letters.
pub(super) fn fingerprint(der: &[u8]) -> String {
    seal::sha256(der).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn clients(pem: &str, revoked: Option<&str>) -> Result<Arc<dyn ClientCertVerifier>, MaterialError> {
    let mut roots = RootCertStore::empty();
    for der in ders(pem).ok_or(MaterialError::NoAuthority)? {
        roots.add(der).map_err(|_| MaterialError::NoAuthority)?;
    }
    let provider = Arc::new(ring::default_provider());
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    let builder = match revoked {
        None => builder,
        Some(pem) => {
            let lists: Result<Vec<_>, _> =
                CertificateRevocationListDer::pem_slice_iter(pem.as_bytes()).collect();
            let lists = lists.ok().filter(|lists| !lists.is_empty()).ok_or(MaterialError::NoRevocations)?;
            // An authority without a list of its own has revoked nothing.
            builder.with_crls(lists).only_check_end_entity_revocation().allow_unknown_revocation_status()
        }
    };
    builder.build().map_err(|_| MaterialError::NoRevocations)
}
