//! What a witness answers, read with its key: nothing of it is believed without a signature that holds.

use ledger::{Checkpoint, Cosignature, CosignerKey, Signature, cosigned_text, parse_note};
use seal::verify_note_signature;

/// The line among these that is this witness's cosignature of this note's checkpoint.
pub fn cosignature(lines: &[u8], note: &str, key: &CosignerKey) -> Option<String> {
    let (body, _) = parse_note(note).ok()?;
    let lines = std::str::from_utf8(lines).ok()?;
    let (_, signatures) = parse_note(&format!("{body}\n{lines}")).ok()?;
    signatures.iter().find(|one| holds(one, &body, key)).map(Signature::to_line)
}

/// The size in a 409.
pub fn size(body: &[u8]) -> Option<u64> {
    std::str::from_utf8(body).ok()?.strip_suffix('\n')?.parse().ok()
}

/// The checkpoint of a note that both the ledger and the witness signed.
pub fn seen_by(
    note: &[u8],
    signed: impl FnOnce(&str) -> Option<Checkpoint>,
    key: &CosignerKey,
) -> Option<Checkpoint> {
    let note = std::str::from_utf8(note).ok()?;
    let (body, signatures) = parse_note(note).ok()?;
    let witnessed = signatures.iter().any(|one| holds(one, &body, key));
    signed(note).filter(|_| witnessed)
}

fn holds(one: &Signature, body: &str, key: &CosignerKey) -> bool {
    let known = one.name == key.name && one.key_id == key.id();
    let cosignature = Cosignature::from_bytes(&one.bytes).filter(|_| known);
    cosignature.is_some_and(|found| {
        verify_note_signature(&key.public, &cosigned_text(found.time, body), &found.signature)
    })
}
