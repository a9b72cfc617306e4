//! The checkpoints that `audit verify` trusts: signed notes kept outside the database. Each must be of a tree
//! that the store's tree contains.

use std::collections::BTreeMap;
use std::path::Path;

use ledger::{Checkpoint, Hash, parse_note};

use super::{VerifyOptions, VerifyReport};
use crate::StoreError;
use crate::latest::CHECKPOINT_FILE;

/// What somebody signed of a tree of one size.
pub struct Trusted {
    pub root: Hash,
    /// How many notes say so: a receipt and the file beside the store are often of the same tree.
    pub notes: u64,
}

/// Checkpoints by size, from the file beside the store and from the caller.
pub fn trusted(
    options: &VerifyOptions,
    report: &mut VerifyReport,
) -> Result<BTreeMap<u64, Trusted>, StoreError> {
    let mut notes = options.trusted.clone();
    notes.extend(latest(options.place.dir())?);
    let mut found: BTreeMap<u64, Trusted> = BTreeMap::new();
    for note in notes {
        match checkpoint(&note, options.vkey.as_deref()) {
            Ok(checkpoint) => {
                let root = checkpoint.root;
                let held = found.entry(checkpoint.size).or_insert(Trusted { root, notes: 0 });
                held.notes = held.notes.saturating_add(1);
                if std::mem::replace(&mut held.root, root) != root {
                    let detail =
                        "two signed checkpoints of this size with different roots: keep both as evidence";
                    report.add("fork", 0, checkpoint.size, detail);
                }
            }
            Err(detail) => report.add("bad-checkpoint", 0, 0, detail),
        }
    }
    Ok(found)
}

/// The text of the file, also where it is not one: then it is a bad checkpoint.
fn latest(dir: &Path) -> Result<Option<String>, StoreError> {
    match std::fs::read(dir.join(CHECKPOINT_FILE)) {
        Ok(note) => Ok(Some(String::from_utf8_lossy(&note).into_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StoreError::File { what: CHECKPOINT_FILE.to_owned(), source }),
    }
}

/// The checkpoint in a signed note; with a key, only where that key signed it.
pub fn checkpoint(note: &str, vkey: Option<&str>) -> Result<Checkpoint, String> {
    let (body, signatures) = parse_note(note).map_err(|error| error.to_string())?;
    if let Some(vkey) = vkey {
        let key = ledger::VerifierKey::parse(vkey).map_err(|error| error.to_string())?;
        let signed = signatures.iter().any(|signature| {
            signature.name == key.name
                && signature.key_id == key.id()
                && seal::verify_note_signature(&key.public, &body, &signature.bytes)
        });
        if !signed {
            return Err("a checkpoint without a good signature of this ledger's key".to_owned());
        }
    }
    Checkpoint::parse(&body).map_err(|error| error.to_string())
}
