//! Until when the certificates that the configuration names are good: the API's own, and those of authorities
//! that are believed. Whether they can be used at all is `config`'s business.

use std::path::Path;

use amaan_http::tls::{Certificate, certificates};
use chrono::DateTime;
use identity::{RealTime, TokenTime};

use super::finding::{Finding, Rank};
use crate::config::{Settings, read_text};

/// Time enough to have a new one made.
const SOON_DAYS: i64 = 30;
const DAY_SECONDS: i64 = 86_400;

/// All of them.
pub fn look(settings: &Settings) -> Vec<Finding> {
    let files = [
        ("tls.certificate_file", &settings.tls.certificate_file),
        ("tls.client_ca_file", &settings.tls.client_ca_file),
        ("store.ca_file", &settings.store.ca_file),
        ("queue.ca_file", &settings.queue.ca_file),
        ("outbound.ca_file", &settings.outbound.ca_file),
    ];
    let now = RealTime::default().unix_seconds();
    let named = files.into_iter().filter_map(|(key, path)| Some((key, path.as_deref()?)));
    named.flat_map(|(key, path)| file(key, path, now)).collect()
}

/// More are a public bundle.
const PRIVATE_MAX: usize = 20;

fn file(key: &str, path: &Path, now: i64) -> Vec<Finding> {
    let found = read_text(path).ok().and_then(|pem| certificates(&pem)).unwrap_or_default();
    // Machines' bundles hold authorities by the hundred, some of them over.
    let private = found.len() <= PRIVATE_MAX;
    found.iter().filter(|_| private).filter_map(|one| certificate(key, path, one, now)).collect()
}

fn certificate(key: &str, path: &Path, one: &Certificate, now: i64) -> Option<Finding> {
    let days = one.ends.saturating_sub(now).div_euclid(DAY_SECONDS);
    let day =
        DateTime::from_timestamp(one.ends, 0).map_or_else(String::new, |end| end.date_naive().to_string());
    let own = key == "tls.certificate_file";
    let (rank, what) = match days {
        // Told with the configuration: the hub does not start with it.
        ..0 if own => return None,
        ..0 => (Rank::Warning, format!("has expired on {day}")),
        0..SOON_DAYS => (Rank::Warning, format!("expires on {day}, in {days} days")),
        _ => return None,
    };
    let place =
        format!("{key}: {} ({}, SHA-256 {}...)", path.display(), one.subject, short(&one.fingerprint));
    let (why, fix) = match own {
        true => (
            "callers break off the connection then",
            "put a new certificate and its key in place: no restart",
        ),
        false => (
            "nothing that it has signed is believed then",
            "add the authority's new certificate to the file, beside this one until all have moved",
        ),
    };
    Some(Finding::new(rank, place, what, why, fix))
}

fn short(fingerprint: &str) -> &str {
    fingerprint.get(..16).unwrap_or(fingerprint)
}
