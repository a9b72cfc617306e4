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

    /// `host:port`, as the outbound client lists what it may call.
    pub fn origin(&self) -> String {
        origin(&self.url)
    }
}

impl<'de> Deserialize<'de> for WebAddress {
    fn deserialize<D: de::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let url = text.parse().map_err(|_| de::Error::custom("no web address"))?;
        Ok(Self { text, url })
    }
}

/// Loopback only, in this version.
pub fn check_listen(text: &str) -> Option<Fault> {
    let Ok(address) = text.parse::<SocketAddr>() else {
        return Some(Fault::new(
            "is not an address and port",
            "the API listens on one address",
            "write for example `127.0.0.1:8400`; port 0 takes any free one",
        ));
    };
    (!address.ip().is_loopback()).then(|| {
        Fault::new(
            "is off loopback",
            "this version takes plain bearer tokens, and whoever overhears one can use it; certificate-bound \
             tokens (RFC 8705) come later",
            "listen on `127.0.0.1` or `[::1]`",
        )
    })
}

/// Https to public addresses, http on this machine; nothing secret in it.
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
        ("http", false) => Some(Fault::new(
            "is plain http beyond this machine",
            "tokens, secrets and children's data would cross the network in clear",
            "use https",
        )),
        ("https", true) => Some(Fault::new(
            "is https on loopback",
            "nothing leaves this machine there, and the hub speaks plain http to it",
            "write http",
        )),
        _ => Some(Fault::new("is neither http nor https", "the hub speaks nothing else", "use https")),
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let literal = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || literal.is_ok_and(|address| address.is_loopback())
}

/// Asks the outbound client itself whether it would take such an origin.
fn not_callable(url: &Url) -> Option<Fault> {
    Client::new(rules(vec![origin(url)])).is_err().then(|| {
        Fault::new(
            "is an address that may not be called",
            "calls go to public addresses or to this machine, never into a private network",
            "use the public name of the system",
        )
    })
}

pub fn origin(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default())
}

/// Largest answer read: a page of an agency's records.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The outbound client's rules for these origins. Loopback is allowed because the hub itself listens on
/// loopback only (`check_listen`).
pub fn rules(allow: Vec<String>) -> Rules {
    Rules {
        allow,
        loopback_http: true,
        connect_timeout: Duration::from_secs(5),
        total_timeout: Duration::from_secs(30),
        body_bytes_max: ANSWER_BYTES_MAX,
    }
}
