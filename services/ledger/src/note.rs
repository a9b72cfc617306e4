//! Signed notes as text (c2sp.org/signed-note, "Format"): a body, an empty line, signature lines. Writing
//! and reading only: who signs, and whether a signature holds, is decided where the keys are.

use crate::{
    key::is_key_name,
    text::{self, TextError},
};

/// Signature lines read at most. The specification wants at least 16.
pub const SIGNATURES_MAX: usize = 32;

/// Bytes of a note read at most: 32 post-quantum signatures of 5 kB are 32 * 5000 * 4/3 = 214 kB of
/// base64, and the rest is for the body and the names.
pub const NOTE_BYTES_MAX: usize = 256 * 1024;

/// One signature line. What its bytes mean depends on the key, which name and id point out together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The key's name; must satisfy [`is_key_name`].
    pub name: String,
    pub key_id: [u8; 4],
    /// The signature itself, 64 bytes for Ed25519.
    pub bytes: Vec<u8>,
}

impl Signature {
    /// Its line, with the newline.
    #[must_use]
    pub fn to_line(&self) -> String {
        let bytes = [self.key_id.as_slice(), &self.bytes].concat();
        format!("\u{2014} {} {}\n", self.name, text::encode(&bytes))
    }
}

/// The note's text. `body` ends in a newline (as [`crate::Checkpoint::to_text`] writes it); there is at
/// least one signature. What does not keep to this is refused by [`parse_note`].
#[must_use]
pub fn note(body: &str, signatures: &[Signature]) -> String {
    let mut note = format!("{body}\n");
    note.extend(signatures.iter().map(Signature::to_line));
    note
}

/// The body (with its final newline: exactly the signed bytes) and the signatures of a note. Nothing is
/// verified: the body must not be believed before one signature of a known key was.
///
/// # Errors
/// What is wrong with the text.
pub fn parse_note(note: &str) -> Result<(String, Vec<Signature>), TextError> {
    let bad = |problem| TextError { format: "signed note", problem };
    if note.len() > NOTE_BYTES_MAX {
        return Err(bad("it is too long"));
    }
    if note.chars().any(|c| c < ' ' && c != '\n') {
        return Err(bad("it has control characters"));
    }
    let (body, lines) = note.rsplit_once("\n\n").ok_or(bad("no empty line before the signatures"))?;
    let lines = lines.strip_suffix('\n').ok_or(bad("no newline at its end"))?;
    if lines.split('\n').count() > SIGNATURES_MAX {
        return Err(bad("it has too many signatures"));
    }
    let signatures: Option<Vec<Signature>> = lines.split('\n').map(signature).collect();
    let signatures = signatures.ok_or(bad("a signature line is malformed"))?;
    Ok((format!("{body}\n"), signatures))
}

fn signature(line: &str) -> Option<Signature> {
    let (name, bytes) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
    let bytes = text::decode(bytes)?;
    let (key_id, bytes) = bytes.split_first_chunk::<4>()?;
    let signed = is_key_name(name) && !bytes.is_empty();
    signed.then(|| Signature { name: name.to_owned(), key_id: *key_id, bytes: bytes.to_vec() })
}
