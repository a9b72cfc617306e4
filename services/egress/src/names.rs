//! Names to addresses. The connector gets its addresses from [`Vetted`] alone, once for each new connection:
//! the address that was checked is the address that is dialled, so a second, different DNS answer
//! (rebinding) has no moment to slip in. Literal addresses never come here; the allow-list vets them.

use std::{
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::{address::is_public, origin::Reach};

/// An honest name has a handful of addresses; more are an attempt to make the hub dial around.
const ADDRESSES_MAX: usize = 16;

/// A look-up under way.
pub type Looking = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Whoever knows the addresses of a name: the system, or a test.
pub trait Names: Send + Sync + 'static {
    /// All addresses of a host name.
    fn addresses(&self, host: String) -> Looking;
}

/// The machine's own resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemNames;

impl Names for SystemNames {
    fn addresses(&self, host: String) -> Looking {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// A name led to an address this origin may not have. Carried through the connector's error chain.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to an address that may not be called")]
pub(crate) struct AddressForbidden;

/// A resolver that refuses a name if *any* of its addresses is out of reach.
pub(crate) struct Vetted {
    pub(crate) names: Arc<dyn Names>,
    pub(crate) reach: Reach,
}

impl Resolve for Vetted {
    fn resolve(&self, name: Name) -> Resolving {
        let looking = self.names.addresses(name.as_str().to_owned());
        let reach = self.reach;
        Box::pin(async move {
            let found = vetted(reach, looking.await?)?;
            let addresses: Addrs = Box::new(found.into_iter().map(|ip| SocketAddr::new(ip, 0)));
            Ok(addresses)
        })
    }
}

/// All of them, if all are within reach.
pub(crate) fn vetted(reach: Reach, found: Vec<IpAddr>) -> Result<Vec<IpAddr>, AddressForbidden> {
    if found.is_empty() || found.len() > ADDRESSES_MAX || !found.iter().all(|ip| within(reach, *ip)) {
        return Err(AddressForbidden);
    }
    Ok(found)
}

fn within(reach: Reach, address: IpAddr) -> bool {
    match reach {
        Reach::Loopback | Reach::LoopbackTls => address.is_loopback(),
        Reach::Public => is_public(address),
    }
}
