//! Certificate authorities an operator trusts beside the machine's own: a private one of an installation, or
//! of the services tests run against. Parsed when the client is made; no file is read here.

use rustls::{RootCertStore, pki_types::CertificateDer};
use rustls_pki_types::pem::PemObject;

use crate::error::RulesError;

/// A handful of private authorities at most; more is a system's whole store, pasted.
const ROOTS_MAX: usize = 32;

/// The extra roots of a client; none where its rules name none.
#[derive(Clone)]
pub(crate) struct ExtraRoots(Vec<CertificateDer<'static>>);

impl ExtraRoots {
    /// From PEM text of certificates. Each must be usable: a root that is silently left out would show only
    /// as calls that fail.
    pub(crate) fn parse(pem: Option<&str>) -> Result<Self, RulesError> {
        let Some(pem) = pem else { return Ok(Self(Vec::new())) };
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
        let roots = Self(read.map_err(|_| RulesError::BadRoots)?);
        let usable = matches!(roots.0.len(), 1..=ROOTS_MAX) && roots.store().is_some();
        usable.then_some(roots).ok_or(RulesError::BadRoots)
    }

    /// A store of these alone; nothing where one of them is no certificate.
    pub(crate) fn store(&self) -> Option<RootCertStore> {
        let mut store = RootCertStore::empty();
        for root in &self.0 {
            store.add(root.clone()).ok()?;
        }
        Some(store)
    }

    /// The same for the HTTP library, which adds them to the machine's own.
    pub(crate) fn for_reqwest(&self) -> Result<Vec<reqwest::Certificate>, RulesError> {
        let each = self.0.iter().map(|root| reqwest::Certificate::from_der(root));
        each.collect::<Result<_, _>>().map_err(|_| RulesError::BadRoots)
    }
}
