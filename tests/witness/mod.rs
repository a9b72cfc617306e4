//! A witness: what it answers to every kind of request (c2sp.org/tlog-witness), that it never forgets what it
//! cosigned however it dies, that it never cosigns a second history and can show both.

pub mod program;
mod protocol;

use amaan_http::witness::{Said, Witness};
use ledger::{
    AddCheckpoint, Checkpoint, Cosignature, CosignerKey, Hash, Signature, VerifierKey, consistency_proof,
    cosigned_text, note, parse_note,
};
use seal::{NoteKey, verify_note_signature};

use crate::ledger::Log;

pub const ORIGIN: &str = "hub.example/ledger";
pub const NAME: &str = "witness.example/w1";
pub const NOW: u64 = 1_679_315_147;

/// A log that a witness watches, and may lie to it.
pub struct Watched {
    pub log: Log,
    pub key: NoteKey,
}

impl Watched {
    pub fn of(size: u64) -> Self {
        Self { log: Log::of(size), key: key(ORIGIN, 1) }
    }

    /// With another history from this leaf on.
    pub fn forked(size: u64, from: u64) -> Self {
        let mut log = Log::of(from);
        log.grow((from..size).map(|index| ledger::leaf_hash(format!("other {index}").as_bytes())).collect());
        Self { log, key: key(ORIGIN, 1) }
    }

    pub fn vkey(&self) -> VerifierKey {
        VerifierKey { name: self.key.name().to_owned(), public: self.key.public() }
    }

    pub fn head(&self, size: u64) -> Checkpoint {
        let root = ledger::root_at(&self.log, size).unwrap();
        Checkpoint { origin: self.key.name().to_owned(), size, root }
    }

    pub fn proof(&self, old: u64, size: u64) -> Vec<Hash> {
        consistency_proof(&self.log, old, size).unwrap()
    }

    /// An honest request.
    pub fn ask(&self, old: u64, size: u64) -> String {
        let proof = self.proof(old.min(size), size);
        self.request(old, proof, &self.head(size))
    }

    pub fn request(&self, old: u64, proof: Vec<Hash>, head: &Checkpoint) -> String {
        AddCheckpoint { old, proof, checkpoint_note: sign(&self.key, head) }.to_text()
    }
}

pub fn key(name: &str, seed: u8) -> NoteKey {
    NoteKey::from_seed(name, &[seed; 32]).unwrap()
}

pub fn sign(key: &NoteKey, head: &Checkpoint) -> String {
    let body = head.to_text();
    let key_id = VerifierKey { name: key.name().to_owned(), public: key.public() }.id();
    note(&body, &[Signature { name: key.name().to_owned(), key_id, bytes: key.sign(&body) }])
}

/// Is this a cosignature of that checkpoint? Its time.
#[track_caller]
pub fn cosigned(lines: &str, head: &Checkpoint, by: &CosignerKey) -> u64 {
    let (body, signatures) = parse_note(&format!("{}\n{lines}", head.to_text())).unwrap();
    let [one] = signatures.as_slice() else { panic!("not one signature: {lines}") };
    assert_eq!((one.name.as_str(), one.key_id), (by.name.as_str(), by.id()));
    let cosignature = Cosignature::from_bytes(&one.bytes).unwrap();
    let text = cosigned_text(cosignature.time, &body);
    assert!(verify_note_signature(&by.public, &text, &cosignature.signature), "{lines}");
    cosignature.time
}

pub fn witness(dir: &std::path::Path, watched: &Watched) -> Witness {
    Witness::open(dir, key(NAME, 2), vec![watched.vkey()]).unwrap()
}

pub fn own_key() -> CosignerKey {
    CosignerKey { name: NAME.to_owned(), public: key(NAME, 2).public() }
}

#[track_caller]
pub fn check(witness: &Witness, request: &str, status: u16, body: &str) -> Said {
    let said = witness.add(request.as_bytes(), NOW);
    assert_eq!(said.status, status, "{}", said.body);
    assert!(said.body.starts_with(body), "{}", said.body);
    said
}
