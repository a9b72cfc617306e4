//! Addresses: what may be listened on and what may be called, judged without asking any network.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use egress::{Client, Rules, Url};
use serde::{Deserialize, de};

use super::problem::Fault;

/// A web address that may be called, and the text it was written as: issuers are compared as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebAddress {
    text: String,
    url: Url,
}

impl WebAddress {
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// As the outbound client lists what it may call.
    pub fn origin(&self) -> String {
        egress::entry_for(&self.url).unwrap_or_default()
    }
}

impl<'de> Deserialize<'de> for WebAddress {
    fn deserialize<D: de::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let url = text.parse().map_err(|_| de::Error::custom("no web address"))?;
        Ok(Self { text, url })
    }
}

/// An address and a port. Whether TLS stands on it is judged in `tls.rs`.
pub fn check_listen(text: &str) -> Option<Fault> {
    text.parse::<SocketAddr>().is_err().then(|| {
        Fault::new(
            "is not an address and port",
            "the hub listens on one address",
            "write for example `127.0.0.1:8400`; port 0 takes any free one",
        )
    })
}

/// Https to public addresses, either on this machine; nothing secret in it.
pub fn check_web(text: &str) -> Option<Fault> {
    let Ok(url) = text.parse::<Url>() else {
        return Some(Fault::new(
            "is not a web address",
            "the hub calls it over http",
            "write it in full, for example `https://agency.example.org/api`",
        ));
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Some(Fault::new(
            "holds a user name or password",
            "secrets stand only in files of their own, never in a configuration that is copied and mailed",
            "leave them out; an endpoint's secret goes into its `credential_file`",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Some(Fault::new(
            "has a `?` or `#` part",
            "the hub appends its own paths, and secrets often stand there",
            "leave that part out",
        ));
    }
    match (url.scheme(), is_loopback(&url)) {
        ("https", false) | ("http", true) => not_callable(&url),
        ("https", true) => None,
        ("http", false) => Some(Fault::new(
            "is plain http beyond this machine",
            "tokens, secrets and children's data would cross the network in clear",
            "use https",
        )),
        _ => Some(Fault::new("is neither http nor https", "the hub speaks nothing else", "use https")),
    }
}

fn is_loopback(url: &Url) -> bool {
    is_this_machine(url.host_str().unwrap_or_default())
}

/// Judged by its text; no name is looked up.
pub fn is_this_machine(host: &str) -> bool {
    let literal = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || literal.is_ok_and(|address| address.is_loopback())
}

/// Asks the outbound client itself whether it would take such an origin.
fn not_callable(url: &Url) -> Option<Fault> {
    let refused = egress::entry_for(url).is_none_or(|entry| Client::new(rules(vec![entry], None)).is_err());
    refused.then(|| {
        Fault::new(
            "is an address that may not be called",
            "calls go to public addresses or to this machine, never into a private network",
            "use the public name of the system",
        )
    })
}

/// Largest answer read: a page of an agency's records.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The outbound client's rules for these origins, whose certificates the machine's authorities or these
/// have signed. On loopback, too: only what the operator has named is called at all.
pub fn rules(allow: Vec<String>, extra_roots_pem: Option<String>) -> Rules {
    Rules {
        allow,
        loopback_http: true,
        extra_roots_pem,
        identity: None,
        connect_timeout: Duration::from_secs(5),
        total_timeout: Duration::from_secs(30),
        body_bytes_max: ANSWER_BYTES_MAX,
    }
}
