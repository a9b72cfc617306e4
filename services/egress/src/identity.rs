//! What the client shows of itself: a certificate and its key, parsed when the client is made, so that a pair
//! that does not fit is told at once and not as a call that fails.

use std::sync::Arc;

use rustls::{
    ClientConfig, ConfigBuilder, Error,
    client::WantsClientCert,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer},
    sign::CertifiedKey,
};
use rustls_pki_types::pem::PemObject;

use crate::{error::RulesError, rules::Identity};

/// What stands in [`Identity`], parsed; nothing where the rules have none.
#[derive(Clone)]
pub(crate) struct Shown(Option<Arc<Parsed>>);

struct Parsed {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    pem: String,
}

impl Shown {
    pub(crate) fn parse(identity: Option<&Identity>) -> Result<Self, RulesError> {
        let Some(Identity { certificate_pem, key_pem }) = identity else { return Ok(Self(None)) };
        let parsed = parse(certificate_pem, key_pem).ok_or(RulesError::BadIdentity)?;
        Ok(Self(Some(Arc::new(parsed))))
    }

    /// For a configuration of our own making.
    pub(crate) fn end(
        &self,
        builder: ConfigBuilder<ClientConfig, WantsClientCert>,
    ) -> Result<ClientConfig, RulesError> {
        match &self.0 {
            None => Ok(builder.with_no_client_auth()),
            Some(own) => builder
                .with_client_auth_cert(own.chain.clone(), own.key.clone_key())
                .map_err(|_| RulesError::BadIdentity),
        }
    }

    /// For the HTTP library's.
    pub(crate) fn give(&self, builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, RulesError> {
        let Some(own) = &self.0 else { return Ok(builder) };
        let identity =
            reqwest::Identity::from_pem(own.pem.as_bytes()).map_err(|_| RulesError::BadIdentity)?;
        Ok(builder.identity(identity))
    }
}

fn parse(certificate_pem: &str, key_pem: &str) -> Option<Parsed> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate_pem.as_bytes()).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty())?;
    let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes()).ok()?;
    let certified = CertifiedKey::new(chain.clone(), ring::sign::any_supported_type(&key).ok()?);
    if matches!(certified.keys_match(), Err(error) if !is_unknown(&error)) {
        return None;
    }
    Some(Parsed { chain, key, pem: format!("{key_pem}\n{certificate_pem}") })
}

/// Some kinds of keys cannot be compared.
fn is_unknown(error: &Error) -> bool {
    matches!(error, Error::InconsistentKeys(rustls::InconsistentKeys::Unknown))
}
