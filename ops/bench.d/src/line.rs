//! A connection to what is measured, in the clear or with TLS, and whom it believes then.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::Failure;

/// Bytes both ways.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Opens one; with TLS where there is somebody to believe.
///
/// # Errors
/// Nobody listens there, or the certificate is not of those believed.
pub async fn open(
    address: SocketAddr,
    trusted: Option<Arc<rustls::ClientConfig>>,
) -> Result<Box<dyn Stream>, Failure> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let Some(trusted) = trusted else { return Ok(Box::new(stream)) };
    let name = ServerName::IpAddress(address.ip().into());
    Ok(Box::new(TlsConnector::from(trusted).connect(name, stream).await?))
}

/// Believes the servers whose certificates these authorities have signed.
///
/// # Errors
/// The file cannot be read, or holds something else.
pub fn trust(file: &Path) -> Result<Arc<rustls::ClientConfig>, Failure> {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file)? {
        roots.add(certificate?)?;
    }
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(ring).with_safe_default_protocol_versions()?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}
