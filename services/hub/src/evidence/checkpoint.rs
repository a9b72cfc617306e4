//! The one checkpoint that all entries of a bundle lead to: signed by the ledger's key, and by nobody who is
//! not named in the bundle.

use ledger::{
    Checkpoint, Cosignature, CosignerKey, Signature, TlogProof, VerifierKey, cosigned_text, note, parse_note,
};
use seal::verify_note_signature;

use super::lines::NUMBER_END;

/// Bytes of a signature behind its key's id: the ledger's, and a witness's with its time.
const SIGNATURE_BYTES: [usize; 2] = [64, 72];

/// A proof in its one spelling, its note's too; its signatures are not checked.
pub(super) fn read_proof(text: &str) -> Option<TlogProof> {
    let proof = TlogProof::parse(text).ok()?;
    let (body, signatures) = parse_note(&proof.checkpoint_note).ok()?;
    let checkpoint = Checkpoint::parse(&body).ok()?;
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
    let is_line = |line: &Signature| is_name(&line.name) && SIGNATURE_BYTES.contains(&line.bytes.len());
    let is_plain = checkpoint.origin.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let is_exact = proof.to_text() == text
        && checkpoint.to_text() == body
        && note(&body, &signatures) == proof.checkpoint_note;
    let is_small = proof.index < NUMBER_END && checkpoint.size < NUMBER_END;
    (is_exact && is_small && is_plain && signatures.iter().all(is_line)).then_some(proof)
}

/// The checkpoint in a note, and which of these witnesses cosigned it. `None` where the ledger's key has not
/// signed it, where it is of another ledger, or where any line does not hold.
pub(super) fn signed_checkpoint(
    note: &str,
    key: &VerifierKey,
    witnesses: &[CosignerKey],
) -> Option<(Checkpoint, Vec<CosignerKey>)> {
    let (body, signatures) = parse_note(note).ok()?;
    let checkpoint = Checkpoint::parse(&body).ok().filter(|found| found.origin == key.name)?;
    let (mut own, mut cosigned) = (0_usize, Vec::new());
    for line in &signatures {
        if line.name == key.name && line.key_id == key.id() {
            if !verify_note_signature(&key.public, &body, &line.bytes) {
                return None;
            }
            own = own.saturating_add(1);
            continue;
        }
        let witness = witnesses.iter().find(|held| held.name == line.name && held.id() == line.key_id)?;
        let said = Cosignature::from_bytes(&line.bytes)?;
        let text = cosigned_text(said.time, &body);
        if cosigned.contains(witness) || !verify_note_signature(&witness.public, &text, &said.signature) {
            return None;
        }
        cosigned.push(witness.clone());
    }
    (own == 1).then_some((checkpoint, cosigned))
}
