//! Does anybody listen there? A connection under the same rules as a call, closed again without a byte sent.
//! For `amaan doctor`; it says nothing about what the system would answer.

use std::net::{IpAddr, SocketAddr};

use tokio::net::TcpStream;
use tokio::time::timeout;
use url::{Host, Url};

use crate::client::Client;
use crate::error::{Cause, EgressError, Forbidden};
use crate::names::vetted;

impl Client {
    /// Connects and hangs up.
    ///
    /// # Errors
    /// [`EgressError::NotAllowed`] or [`EgressError::NotConnected`], as for a call.
    pub async fn knock(&self, url: &Url) -> Result<(), EgressError> {
        let (reach, within) = self.allowed(url)?;
        let not_connected = |cause| EgressError::NotConnected { cause };
        let port = url.port_or_known_default().unwrap_or_default();
        let connecting = async {
            let addresses: Vec<IpAddr> = match url.host() {
                Some(Host::Ipv4(v4)) => vec![v4.into()],
                Some(Host::Ipv6(v6)) => vec![v6.into()],
                Some(Host::Domain(name)) => {
                    let found = self.names().addresses(name.to_owned()).await;
                    let found = found.map_err(|_| not_connected(Cause::NameUnresolved))?;
                    vetted(reach, found).map_err(|_| EgressError::NotAllowed(Forbidden::Address))?
                }
                None => return Err(EgressError::NotAllowed(Forbidden::Origin)),
            };
            let addresses: Vec<SocketAddr> =
                addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect();
            let stream = TcpStream::connect(&*addresses).await;
            stream.map(drop).map_err(|_| not_connected(Cause::Unreachable))
        };
        timeout(within, connecting).await.unwrap_or(Err(not_connected(Cause::TimedOut)))
    }
}
