//! Certificates of authorities, from a file that anybody may read. What is signed by one of them is believed
//! to be whom it says; so each has to be readable now, not when the first connection fails.

use std::path::Path;
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use super::document::read_text;
use super::problem::Fault;

/// Authorities whose certificates could be read.
#[derive(Debug, Clone)]
pub struct Authorities {
    pub pem: String,
    roots: RootCertStore,
}

impl Authorities {
    /// Reads a file of one or several, or says what is wrong with it.
    pub fn read(path: &Path) -> Result<Self, Fault> {
        let shown = path.display();
        let pem = read_text(path).map_err(|error| {
            Fault::new(
                format!("names {shown}, which cannot be read: {error}"),
                "without it no certificate could be checked",
                "put the authority's certificate there, or name the right file",
            )
        })?;
        if pem.contains("PRIVATE KEY") {
            return Err(Fault::new(
                format!("names {shown}, which holds a private key"),
                "this file is public; whoever has that key can pass for any server",
                "leave only certificates in it; if others could read it, have the key replaced",
            ));
        }
        let roots = roots(&pem).ok_or_else(|| {
            Fault::new(
                format!("names {shown}, which does not hold what it should"),
                "expected are certificates in PEM",
                "put the authority's certificate there, or name the right file",
            )
        })?;
        Ok(Self { pem, roots })
    }

    /// TLS towards servers that they have signed.
    pub fn client(&self) -> Option<Arc<ClientConfig>> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = versions.ok()?.with_root_certificates(self.roots.clone()).with_no_client_auth();
        Some(Arc::new(config))
    }
}

fn roots(pem: &str) -> Option<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        roots.add(certificate.ok()?).ok()?;
    }
    (!roots.is_empty()).then_some(roots)
}
