//! Which files hold the hub's own keys. The keys themselves are read by `secrets.rs`.

use std::path::PathBuf;

use serde::Deserialize;
use validator::Validate;

use super::concern::{Concern, Faults, held_to_form};
use super::key::{Bounds, Fallback, Key, Kind, Section, Shape};
use super::problem::Fault;

/// Ten years at most.
const BACKUP_DAYS: Bounds = Bounds { min: 0, max: 3_650 };

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
        Key {
            name: "second_ledger_key_file",
            kind: Kind::SecretFile,
            fallback: Fallback::Absent,
            about: "A second such key, while keys change (`amaan keys make-note-key`): the one that is to \
                    take the first one's place, or that signs beside it still.",
        },
        Key {
            name: "backup_days",
            kind: Kind::Number(BACKUP_DAYS),
            fallback: Fallback::Number(35),
            about: "How many days a backup of the key database is kept, at most: until then an erased case \
                    could be brought back, and certificates of erasure say so. Proposed.",
        },
    ],
};

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    pub root_key_file: PathBuf,
    pub ledger_key_file: PathBuf,
    pub second_ledger_key_file: Option<PathBuf>,
    #[validate(range(min = BACKUP_DAYS.min, max = BACKUP_DAYS.max))]
    pub backup_days: u64,
}

impl Concern for Keys {
    const SECTION: &'static Section = &SECTION;

    fn faults(&self) -> Faults {
        let mut faults = held_to_form(&SECTION, SECTION.name, self);
        if self.root_key_file != self.ledger_key_file {
            return faults;
        }
        let fault = Fault::new(
            "names the same file as `keys.root_key_file`",
            "one key that both seals and signs would fall in both uses at once",
            "give each its own file",
        );
        faults.push(("keys.ledger_key_file".to_owned(), fault));
        faults
    }
}
