//! Who watches over the ledger from other houses.

use std::collections::BTreeMap;

use ledger::CosignerKey;
use serde::Deserialize;

use super::concern::{Concern, Faults};
use super::key::{Fallback, Key, Kind, Section, Shape};
use super::problem::Fault;
use super::web::WebAddress;

pub const SECTION: Section = Section {
    name: "witnesses",
    shape: Shape::Named,
    about: "Who watches over the ledger from other houses (`amaan witness`, or any other of \
            c2sp.org/tlog-witness). Each is offered the newest checkpoint every ten seconds; at its start \
            the hub compares itself with what they saw.",
    keys: &[
        Key {
            name: "vkey",
            kind: Kind::Text("a witness's public key, `name+id+key`"),
            fallback: Fallback::Required,
            about: "The witness's public key, as `amaan witness make-key` prints it.",
        },
        Key {
            name: "url",
            kind: Kind::Web,
            fallback: Fallback::Required,
            about: "Its address; `/add-checkpoint` is put behind it.",
        },
    ],
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witness {
    pub vkey: String,
    pub url: WebAddress,
}

impl Concern for BTreeMap<String, Witness> {
    const SECTION: &'static Section = &SECTION;

    fn faults(&self) -> Faults {
        let fault = |(name, witness): (&String, &Witness)| {
            let error = CosignerKey::parse(witness.vkey.trim()).err()?;
            let fix = "write what `amaan witness make-key` printed at the witness";
            let fault = Fault::new(format!("cannot be read: {error}"), "nothing could be believed", fix);
            Some((format!("witnesses.{name}.vkey"), fault))
        };
        self.iter().filter_map(fault).collect()
    }
}
