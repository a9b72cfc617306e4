//! The checkpoints that `audit verify` trusts: signed notes kept outside the database. Each must be of a tree
//! that the store's tree contains.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ledger::{Checkpoint, Hash, Signature, VerifierKey, parse_note};

use super::{VerifyOptions, VerifyReport};
use crate::StoreError;
use crate::latest::CHECKPOINT_FILE;

/// What somebody signed of a tree of one size.
pub struct Trusted {
    /// Of which epoch it is.
    pub origin: String,
    /// More than one: the key signed two histories.
    pub roots: BTreeSet<Hash>,
    /// How many notes say so: a receipt and the file beside the store are often of the same tree.
    pub notes: u64,
}

impl Trusted {
    pub fn is_fork(&self) -> bool {
        self.roots.len() > 1
    }
}

/// Checkpoints by size, from the file beside the store and from the caller.
pub fn trusted(
    options: &VerifyOptions,
    report: &mut VerifyReport,
) -> Result<BTreeMap<u64, Vec<Trusted>>, StoreError> {
    let mut notes = options.trusted.clone();
    notes.extend(latest(options.place.dir())?);
    let mut found: BTreeMap<u64, Vec<Trusted>> = BTreeMap::new();
    for note in notes {
        match checkpoint(&note, options.vkey.as_deref()) {
            Ok(checkpoint) => take(&mut found, checkpoint),
            Err(detail) => report.add("bad-checkpoint", 0, 0, detail),
        }
    }
    Ok(found)
}

fn take(found: &mut BTreeMap<u64, Vec<Trusted>>, checkpoint: Checkpoint) {
    let Checkpoint { origin, size, root } = checkpoint;
    let held = found.entry(size).or_default();
    match held.iter_mut().find(|held| held.origin == origin) {
        None => held.push(Trusted { origin, roots: [root].into(), notes: 1 }),
        Some(same) => {
            same.notes = same.notes.saturating_add(1);
            same.roots.insert(root);
        }
    }
}

/// The text of the file, also where it is not one: then it is a bad checkpoint.
fn latest(dir: &Path) -> Result<Option<String>, StoreError> {
    match std::fs::read(dir.join(CHECKPOINT_FILE)) {
        Ok(note) => Ok(Some(String::from_utf8_lossy(&note).into_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StoreError::File { what: CHECKPOINT_FILE.to_owned(), source }),
    }
}

/// The checkpoint in a signed note; with keys, only where one of them signed it, in whatever epoch.
fn checkpoint(note: &str, vkeys: Option<&str>) -> Result<Checkpoint, String> {
    let (body, signatures) = parse_note(note).map_err(|error| error.to_string())?;
    let found = Checkpoint::parse(&body).map_err(|error| error.to_string())?;
    let Some(vkeys) = vkeys else { return Ok(found) };
    for vkey in vkeys.split_whitespace() {
        let key = VerifierKey::parse(vkey).map_err(|error| error.to_string())?;
        let key = VerifierKey { name: found.origin.clone(), ..key };
        let is_its = |one: &Signature| {
            one.name == key.name
                && one.key_id == key.id()
                && seal::verify_note_signature(&key.public, &body, &one.bytes)
        };
        if base(vkey) == base(&found.origin) && signatures.iter().any(is_its) {
            return Ok(found);
        }
    }
    Err("a checkpoint without a good signature of this ledger's key".to_owned())
}

/// Public keys of these texts, and the first origin of their ledger.
pub fn keys_of(vkeys: &str) -> (Vec<[u8; 32]>, String) {
    let keys: Vec<VerifierKey> =
        vkeys.split_whitespace().filter_map(|key| VerifierKey::parse(key).ok()).collect();
    let name = keys.first().map(|key| base(&key.name).to_owned()).unwrap_or_default();
    (keys.into_iter().map(|key| key.public).collect(), name)
}

/// The first origin of a ledger: without the last segment of an epoch's, `2-0a1b2c3d`.
fn base(origin: &str) -> &str {
    let name = origin.split('+').next().unwrap_or_default();
    let epoch = |label: &str| {
        let (number, letters) = label.split_once('-')?;
        let hex = letters.len() == 8 && letters.bytes().all(|byte| byte.is_ascii_hexdigit());
        (hex && number.parse::<u64>().is_ok()).then_some(())
    };
    match name.rsplit_once('/') {
        Some((before, label)) if epoch(label).is_some() => before,
        _ => name,
    }
}
