//! Which origin a URL names and whether it is on the allow-list. Both sides go through the same URL parser,
//! so tricks with `@`, backslashes, punycode, a trailing dot or odd IPv4 spellings compare unequal or equal
//! exactly as they would be dialled. Names are not resolved here.

use std::{collections::HashMap, net::IpAddr};

use url::{Host, Url};

use crate::{
    address::is_public,
    error::{Forbidden, RulesError},
    rules::Rules,
};

/// Where an origin lies; it settles the scheme and which addresses may be dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The hub's own machine: http, loopback addresses only.
    Loopback,
    /// The hub's own machine by https, for a server there that insists on it.
    LoopbackTls,
    /// The public internet: https, public addresses only.
    Public,
}

/// The parsed allow-list.
pub(crate) struct Origins(HashMap<(String, u16), Reach>);

impl Origins {
    /// Parses every entry. One bad entry refuses the whole list: a start with half of it would fail later.
    pub(crate) fn parse(rules: &Rules) -> Result<Self, RulesError> {
        let mut origins = HashMap::new();
        for entry in &rules.allow {
            let (origin, reach) = parse_entry(entry).ok_or_else(|| RulesError::BadOrigin(entry.clone()))?;
            if reach != Reach::Public && !rules.loopback_http {
                return Err(RulesError::LoopbackOrigin(entry.clone()));
            }
            origins.insert(origin, reach);
        }
        Ok(Self(origins))
    }

    /// The reach of a URL's origin, if it may be called at all.
    pub(crate) fn reach(&self, url: &Url) -> Result<Reach, Forbidden> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Forbidden::UserInUrl);
        }
        let host = url.host_str().ok_or(Forbidden::Origin)?;
        let port = url.port_or_known_default().ok_or(Forbidden::Origin)?;
        let reach = *self.0.get(&(host.to_owned(), port)).ok_or(Forbidden::Origin)?;
        match (reach, url.scheme()) {
            (Reach::Loopback, "http") | (Reach::LoopbackTls | Reach::Public, "https") => Ok(reach),
            _ => Err(Forbidden::Scheme),
        }
    }
}

/// The allow-list's entry that lets this URL's origin be called; none for a URL that never can.
#[must_use]
pub fn entry_for(url: &Url) -> Option<String> {
    let entry = format!("{}:{}", url.host_str()?, url.port_or_known_default()?);
    match (url.scheme(), reach_of(&url.host()?)?) {
        ("https", Reach::Loopback) => Some(format!("https://{entry}")),
        ("http", Reach::Loopback) | ("https", _) => Some(entry),
        _ => None,
    }
}

/// An entry, which for loopback may say that it is reached by https.
fn parse_entry(entry: &str) -> Option<((String, u16), Reach)> {
    let Some(plain) = entry.strip_prefix("https://") else { return parse_plain(entry) };
    let (origin, reach) = parse_plain(plain)?;
    (reach == Reach::Loopback).then_some((origin, Reach::LoopbackTls))
}

/// `host:port`, both present and nothing else. A literal address must itself be dialable.
fn parse_plain(entry: &str) -> Option<((String, u16), Reach)> {
    let (_, port_text) = entry.rsplit_once(':')?;
    let port: u16 = port_text.parse().ok().filter(|port| *port != 0)?;
    let url = Url::parse(&format!("https://{entry}/")).ok()?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let nobody = url.username().is_empty() && url.password().is_none();
    if !bare || !nobody || url.port_or_known_default() != Some(port) {
        return None;
    }
    let reach = reach_of(&url.host()?)?;
    Some(((url.host_str()?.to_owned(), port), reach))
}

fn reach_of(host: &Host<&str>) -> Option<Reach> {
    let address: IpAddr = match host {
        Host::Domain("localhost") => return Some(Reach::Loopback),
        Host::Domain(_) => return Some(Reach::Public),
        Host::Ipv4(v4) => (*v4).into(),
        Host::Ipv6(v6) => (*v6).into(),
    };
    if address.is_loopback() {
        return Some(Reach::Loopback);
    }
    is_public(address).then_some(Reach::Public)
}
