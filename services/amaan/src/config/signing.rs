//! Which agencies sign what their systems send, and by which keys the hub checks that. Public keys only: what
//! an agency signs with never leaves it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use casework::AgencyCode;
use identity::SigningKeys;
use serde::Deserialize;

use super::clients::AGENCIES;
use super::concern::{Concern, Faults};
use super::document::read_text;
use super::key::{Fallback, Key, Kind, Section, Shape};
use super::problem::Fault;

pub const SECTION: Section = Section {
    name: "signing",
    shape: Shape::ByName(&AGENCIES),
    about: "Agencies that sign their messages, by code. From then on every message of the agency's systems \
            comes with its signature (`Amaan-Signature`) or is refused. An agency that does not stand here \
            sends without, and is shown as `unsigned`. Read at the start.",
    keys: &[Key {
        name: "jwks_file",
        kind: Kind::File,
        fallback: Fallback::Required,
        about: "Its public keys, a JWK set (RFC 7517): Ed25519, P-256 or RSA, each with its `kid`. While a \
                new key takes the place of an old one, both stand in it; at most four.",
    }],
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signing {
    pub jwks_file: PathBuf,
}

impl Concern for BTreeMap<String, Signing> {
    const SECTION: &'static Section = &SECTION;

    fn faults(&self) -> Faults {
        Vec::new()
    }
}

/// Every agency's keys; what is wrong with a file is told by `keep`.
pub fn open(
    signing: &BTreeMap<String, Signing>,
    keep: &mut dyn FnMut(&str, Fault),
) -> BTreeMap<AgencyCode, SigningKeys> {
    let mut all = BTreeMap::new();
    for (agency, held) in signing {
        match (agency.parse(), keys(&held.jwks_file)) {
            (Ok(agency), Ok(keys)) => _ = all.insert(agency, keys),
            (_, Err(fault)) => keep(&format!("signing.{agency}.jwks_file"), fault),
            // The form of the section lets no other names through.
            (Err(_), Ok(_)) => {}
        }
    }
    all
}

fn keys(path: &Path) -> Result<SigningKeys, Fault> {
    let shown = path.display();
    let text = read_text(path).map_err(|error| {
        let what = format!("names {shown}, which cannot be read: {error}");
        Fault::new(what, "without it no message of this agency could be checked", "put its JWK set there")
    })?;
    SigningKeys::read(text.as_bytes()).map_err(|error| {
        let what = format!("names {shown}, which cannot be used: {error}");
        Fault::new(what, "messages are believed by these keys alone", "ask the agency for its public JWK set")
    })
}
