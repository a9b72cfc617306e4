//! Where new sets of policies are found. What is in force is the set that two people approved, or the
//! program's own where they never did: a folder only offers.

use std::path::PathBuf;

use serde::Deserialize;

use super::concern::{Concern, Faults};
use super::key::{Fallback, Key, Kind, Section, Shape};

pub const SECTION: Section = Section {
    name: "policies",
    shape: Shape::One,
    about: "Data-sharing agreements. In force is the set that two people approved, or the program's own; how \
            a new one comes into force: `ops/docs/policies.md`.",
    keys: &[Key {
        name: "dir",
        kind: Kind::File,
        fallback: Fallback::Absent,
        about: "A folder with a set of policies (`amaan.cedarschema`, `*.cedar`, `tests/*.toml`), looked at \
                every second. A usable set can be proposed; it is not in force before another person agrees.",
    }],
};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicySets {
    pub dir: Option<PathBuf>,
}

impl Concern for PolicySets {
    const SECTION: &'static Section = &SECTION;

    fn faults(&self) -> Faults {
        Vec::new()
    }
}
