//! A witness (c2sp.org/tlog-witness): it remembers the newest checkpoint of each log it was told of and
//! cosigns a newer one only where that provably continues it. What it cosigns stands on the disk first. It is
//! no part of a hub: an agency or the commission runs it on a machine of its own, and it knows nothing of a
//! log but its key.

mod book;
mod serve;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use ledger::{
    AddCheckpoint, Checkpoint, Cosignature, CosignerKey, Judged, Signature, VerifierKey, cosigned_text,
    judge, parse_note,
};
use seal::{NoteKey, verify_note_signature};

use book::Book;
pub use book::{Evidence, evidence, origins};
pub use serve::witness_server;

/// Why a witness does not start.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// Its folder cannot be used.
    #[error("the witness's folder: {0}")]
    Folder(#[from] std::io::Error),
    /// Another witness writes there.
    #[error("another witness runs on this folder; two would each remember half")]
    Taken,
    /// What it saw last cannot be believed.
    #[error(
        "what was seen last of `{0}` cannot be read or is not signed by a key given for it: bring the folder \
         back from its newest copy, or give the key it was signed with; a witness that forgot would cosign \
         another history"
    )]
    Forgot(String),
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// HTTP's status.
    pub status: u16,
    /// The media type.
    pub media: &'static str,
    /// The body.
    pub body: String,
}

impl Said {
    fn plain(status: u16, body: impl Into<String>) -> Self {
        Self { status, media: "text/plain; charset=utf-8", body: body.into() }
    }
    /// 409 with the size that was seen.
    fn size(size: u64) -> Self {
        Self { status: 409, media: "text/x.tlog.size", body: format!("{size}\n") }
    }
}

/// A witness and its folder.
pub struct Witness {
    key: NoteKey,
    id: [u8; 4],
    logs: BTreeMap<String, Vec<VerifierKey>>,
    /// Seeing and remembering are one step; the flag: what was to be remembered could not be, so that nothing
    /// is known any more.
    book: Mutex<(Book, bool)>,
}

impl Witness {
    /// Opens a folder for the logs with these keys. A log is its keys' name; several keys of a name are one
    /// log's.
    ///
    /// # Errors
    /// Where the folder cannot be used, is another witness's, or holds what cannot be believed.
    pub fn open(dir: &Path, key: NoteKey, keys: Vec<VerifierKey>) -> Result<Self, WitnessError> {
        let book = Book::open(dir)?;
        let mut logs: BTreeMap<String, Vec<VerifierKey>> = BTreeMap::new();
        for key in keys {
            logs.entry(key.name.clone()).or_default().push(key);
        }
        for (origin, keys) in &logs {
            let Some(note) = book.seen(origin)? else { continue };
            if signed(&note, keys).is_none_or(|head| head.origin != *origin) {
                return Err(WitnessError::Forgot(origin.clone()));
            }
        }
        let id = CosignerKey { name: key.name().to_owned(), public: key.public() }.id();
        Ok(Self { key, id, logs, book: Mutex::new((book, false)) })
    }

    /// Takes a request of a log at this time (seconds since 1970).
    #[must_use]
    pub fn add(&self, body: &[u8], now: u64) -> Said {
        let Some(asked) = std::str::from_utf8(body).ok().and_then(|body| AddCheckpoint::parse(body).ok())
        else {
            return Said::plain(400, "not a request to a witness (c2sp.org/tlog-witness)\n");
        };
        let Some(offered) = head_of(&asked.checkpoint_note) else {
            return Said::plain(400, "the checkpoint cannot be read\n");
        };
        let Some(keys) = self.logs.get(&offered.origin) else {
            return Said::plain(404, "this witness was told of no such log\n");
        };
        if signed(&asked.checkpoint_note, keys).is_none() {
            return Said::plain(403, "the checkpoint is not signed by a key this witness was given\n");
        }
        let mut held = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let (book, broken) = &mut *held;
        if *broken {
            return Said::plain(500, "this witness could not write and stopped; its operator has to look\n");
        }
        match self.consider(book, &asked, &offered, now) {
            Ok(said) => said,
            Err(error) => {
                *broken = true;
                tracing::error!(%error, "the witness cannot keep what it sees and cosigns nothing any more");
                Said::plain(500, "this witness cannot write\n")
            }
        }
    }

    fn consider(
        &self,
        book: &Book,
        asked: &AddCheckpoint,
        offered: &Checkpoint,
        now: u64,
    ) -> std::io::Result<Said> {
        let note = &asked.checkpoint_note;
        let kept = book.seen(&offered.origin)?;
        let seen = kept.as_deref().and_then(head_of);
        if kept.is_some() && seen.is_none() {
            return Err(std::io::Error::other("what was seen last cannot be read any more"));
        }
        Ok(match judge(seen.as_ref(), asked, offered) {
            Judged::Continues => {
                book.keep(&offered.origin, note)?;
                Said::plain(200, self.cosign(&offered.to_text(), now).to_line())
            }
            Judged::Same => Said::plain(200, self.cosign(&offered.to_text(), now).to_line()),
            Judged::OtherSize(size) => Said::size(size),
            Judged::Fork(size) => {
                tracing::error!(origin = offered.origin, size, "a log shows two histories; both are kept");
                book.keep_evidence(offered, kept.as_deref(), note)?;
                Said::size(size)
            }
            Judged::Backwards => Said::plain(400, "the old size is larger than the checkpoint's\n"),
            Judged::Unproven(error) => {
                tracing::error!(origin = offered.origin, %error, "a log does not prove that it only grew");
                book.keep_evidence(offered, kept.as_deref(), note)?;
                Said::plain(422, format!("{error}\n"))
            }
        })
    }

    /// The newest checkpoint it saw of a log, cosigned now; the log is named by SHA-256 of its origin, in
    /// hexadecimal.
    #[must_use]
    pub fn newest(&self, log: &str, now: u64) -> Said {
        let none = || Said::plain(404, "this witness has seen nothing of such a log\n");
        let Some(origin) = self.logs.keys().find(|origin| book::name(origin) == log) else { return none() };
        let held = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let (book, broken) = &*held;
        let Some(note) = book.seen(origin).ok().flatten().filter(|_| !broken) else { return none() };
        let Ok((body, _)) = parse_note(&note) else { return none() };
        Said::plain(200, format!("{note}{}", self.cosign(&body, now).to_line()))
    }

    fn cosign(&self, body: &str, time: u64) -> Signature {
        let signature = self.key.sign(&cosigned_text(time, body));
        // Ed25519's are 64 bytes. Zeroes, which verify nowhere, stand for what cannot be.
        let signature = signature.try_into().unwrap_or([0; 64]);
        let bytes = Cosignature { time, signature }.to_bytes();
        Signature { name: self.key.name().to_owned(), key_id: self.id, bytes }
    }
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Witness({})", self.key.name())
    }
}

/// The checkpoint of a note, whoever signed it.
fn head_of(note: &str) -> Option<Checkpoint> {
    let (body, _) = parse_note(note).ok()?;
    Checkpoint::parse(&body).ok()
}

/// The checkpoint of a note that one of these keys signed. A signature by a known key that does not hold
/// spoils the note (c2sp.org/signed-note, "Signatures").
fn signed(note: &str, keys: &[VerifierKey]) -> Option<Checkpoint> {
    let (body, signatures) = parse_note(note).ok()?;
    let mut holds = false;
    for signature in &signatures {
        let known = keys.iter().find(|key| key.name == signature.name && key.id() == signature.key_id);
        let Some(key) = known else { continue };
        if !verify_note_signature(&key.public, &body, &signature.bytes) {
            return None;
        }
        holds = true;
    }
    if holds { Checkpoint::parse(&body).ok() } else { None }
}
