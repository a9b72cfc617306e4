//! Calls from the hub to issuers and agencies' systems. Which addresses may be called follows from `issuers`
//! and `endpoints` alone.

use std::path::PathBuf;

use serde::Deserialize;

use super::concern::{Concern, Faults};
use super::key::{Fallback, Key, Kind, Section, Shape};

pub const SECTION: Section = Section {
    name: "outbound",
    shape: Shape::One,
    about: "Calls to issuers and agencies' systems. Only the addresses of `issuers` and \
            `endpoints` are called.",
    keys: &[Key {
        name: "ca_file",
        kind: Kind::File,
        fallback: Fallback::Absent,
        about: "Certificates (PEM) of authorities believed besides the machine's own, such as a government's \
                private one.",
    }],
};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outbound {
    pub ca_file: Option<PathBuf>,
}

impl Concern for Outbound {
    const SECTION: &'static Section = &SECTION;

    fn faults(&self) -> Faults {
        Vec::new()
    }
}
