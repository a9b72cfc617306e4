//! What a note key of the hub vouches for in rows of the registers, so that nobody who has only the database
//! can write them: an epoch, and which key another one took the place of. A statement is a text of fixed
//! lines, its signature a line of a signed note (c2sp.org/signed-note). The first line says what it is, and
//! the second is no number: no statement is a checkpoint, and no checkpoint a statement.
//!
//! Which keys count is the ring's to say.

use casework::{LedgerEpoch, NoteKeyTurn, SeenCheckpoint};
use ledger::{Signature, VerifierKey, parse_note};
use seal::{NoteKey, verify_note_signature};

/// What the statement of an epoch is made of.
pub struct Epoch<'a> {
    pub number: u64,
    pub origin: &'a str,
    pub before: &'a str,
    pub kept: u64,
    pub lost: &'a SeenCheckpoint,
}

impl<'a> Epoch<'a> {
    pub fn of(row: &'a LedgerEpoch) -> Self {
        let LedgerEpoch { number, origin, before, kept, lost, .. } = row;
        Self { number: *number, origin, before, kept: *kept, lost }
    }

    /// One line for each, in this order: a name with a line feed in it makes another text.
    pub fn text(&self, base: &str) -> String {
        let Self { number, origin, before, kept, lost } = self;
        let SeenCheckpoint { by, origin: under, size, root } = lost;
        format!(
            "amaan ledger epoch v1\n{base}\n{number}\n{origin}\n{before}\n{kept}\n\
             {under}\n{size}\n{root}\n{by}\n"
        )
    }
}

/// The statement that `key` took the place of `before`.
pub fn turn_text(base: &str, before: &str, key: &str) -> String {
    format!("amaan ledger key v1\n{base}\n{before}\n{key}\n")
}

/// The signature of a statement, as a line of a note.
pub fn sign(base: &str, key: &NoteKey, text: &str) -> String {
    let verifier = VerifierKey { name: base.to_owned(), public: key.public() };
    let line = Signature { name: base.to_owned(), key_id: verifier.id(), bytes: key.sign(text) }.to_line();
    line.trim_end().to_owned()
}

/// Did one of these keys sign it?
pub fn is_signed(base: &str, text: &str, line: &str, keys: &[[u8; 32]]) -> bool {
    let Ok((body, signatures)) = parse_note(&format!("{text}\n{line}\n")) else { return false };
    let signed_by = |public: &[u8; 32]| {
        let id = VerifierKey { name: base.to_owned(), public: *public }.id();
        let its = |one: &&Signature| one.name == base && one.key_id == id;
        signatures.iter().filter(its).any(|one| verify_note_signature(public, &body, &one.bytes))
    };
    body == text && keys.iter().any(signed_by)
}

/// These keys, and those before them for which they vouch.
pub fn with_earlier(base: &str, mut keys: Vec<[u8; 32]>, turns: &[NoteKeyTurn]) -> Vec<[u8; 32]> {
    for turn in turns.iter().rev() {
        let Some(public) = public(&turn.key).filter(|public| keys.contains(public)) else { continue };
        let text = turn_text(base, &turn.before, &turn.key);
        let vouched = turn.vouch.as_deref().is_some_and(|line| is_signed(base, &text, line, &[public]));
        if let Some(earlier) = self::public(&turn.before).filter(|_| vouched) {
            keys.push(earlier);
        }
    }
    keys
}

fn public(vkey: &str) -> Option<[u8; 32]> {
    VerifierKey::parse(vkey).ok().map(|key| key.public)
}
