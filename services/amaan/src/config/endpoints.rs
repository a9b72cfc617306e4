//! Where agencies' systems are reached, and which file holds the secret each asks for.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use adapters::{Protocol, Registry};
use serde::Deserialize;

use super::concern::{Concern, Faults};
use super::key::{Fallback, Key, Kind, Section, Shape, Words};
use super::web::WebAddress;

pub const SECTION: Section = Section {
    name: "endpoints",
    shape: Shape::ByName(&NAMES),
    about: "Where agencies' systems are, by the endpoint name in the agency's `agency.toml`. What is for an \
            agency without an endpoint becomes a dead letter. Agencies that fetch from the hub have none.",
    keys: &[
        Key { name: "url", kind: Kind::Web, fallback: Fallback::Required, about: "Its address." },
        Key {
            name: "credential_file",
            kind: Kind::SecretFile,
            fallback: Fallback::Required,
            about: "Holds the secret that the agency gave the hub, on one line.",
        },
    ],
};

pub static NAMES: Words = Words { one: "endpoint", listed: "`adapters/agencies/*/agency.toml`", all: names };

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    pub url: WebAddress,
    pub credential_file: PathBuf,
}

impl Concern for BTreeMap<String, Endpoint> {
    const SECTION: &'static Section = &SECTION;

    fn faults(&self) -> Faults {
        Vec::new()
    }
}

/// Endpoint names of the agencies that the hub calls.
fn names() -> &'static [String] {
    static WORDS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let Ok(registry) = Registry::shared() else { return Vec::new() };
        let called = registry.agencies().filter(|agency| agency.protocol != Protocol::Pull);
        called.map(|agency| agency.endpoint.clone()).collect()
    });
    &WORDS
}
