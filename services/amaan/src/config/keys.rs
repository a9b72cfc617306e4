//! Which files hold the hub's own two keys. The keys themselves are read by `secrets.rs`.

use std::path::PathBuf;

use serde::Deserialize;

use super::concern::{Concern, Faults};
use super::key::{Fallback, Key, Kind, Section, Shape};
use super::problem::Fault;

pub const SECTION: Section = Section {
    name: "keys",
    shape: Shape::One,
    about: "The hub's own keys. `amaan serve --make-keys` makes what is missing. Keep copies of both apart \
            from the data: without the root key no body can be opened, without the ledger key no later \
            checkpoint fits the earlier ones.",
    keys: &[
        Key {
            name: "root_key_file",
            kind: Kind::SecretFile,
            fallback: Fallback::Text("keys/root.key"),
            about: "The key above all case keys: 64 hexadecimal digits.",
        },
        Key {
            name: "ledger_key_file",
            kind: Kind::SecretFile,
            fallback: Fallback::Text("keys/ledger.key"),
            about: "The Ed25519 key that signs checkpoints: PKCS#8 in PEM.",
        },
    ],
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    pub root_key_file: PathBuf,
    pub ledger_key_file: PathBuf,
}

impl Concern for Keys {
    const SECTION: &'static Section = &SECTION;

    fn faults(&self) -> Faults {
        if self.root_key_file != self.ledger_key_file {
            return Vec::new();
        }
        let fault = Fault::new(
            "names the same file as `keys.root_key_file`",
            "one key that both seals and signs would fall in both uses at once",
            "give each its own file",
        );
        vec![("keys.ledger_key_file".to_owned(), fault)]
    }
}
