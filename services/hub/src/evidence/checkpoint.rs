//! The one checkpoint that all entries of a bundle lead to: signed by the ledger, and cosigned by nobody who
//! is not named in the bundle.

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

/// A checkpoint that holds, and whose lines stand under it.
#[derive(Debug, Clone)]
pub(super) struct Signed {
    pub checkpoint: Checkpoint,
    /// Of the keys that could have signed it, those that did.
    pub by: Vec<VerifierKey>,
    pub cosigned: Vec<CosignerKey>,
}

/// The checkpoint in a note, which of these keys of its ledger signed it, which of these witnesses cosigned
/// it. `None` where a line of theirs does not hold, or where anybody else stands there.
///
/// While the ledger's key changes, two of its keys sign: a line of its name and of a key that is not known
/// here is passed over, as signed notes have it. It proves nothing, and nobody is taken for a witness by it.
pub(super) fn signed_checkpoint(
    note: &str,
    keys: &[&VerifierKey],
    witnesses: &[CosignerKey],
) -> Option<Signed> {
    let (body, signatures) = parse_note(note).ok()?;
    let checkpoint = Checkpoint::parse(&body).ok()?;
    let (mut by, mut cosigned) = (Vec::new(), Vec::new());
    for line in &signatures {
        let is_of = |name: &str, id: [u8; 4]| name == line.name && id == line.key_id;
        let own = keys.iter().find(|key| key.name == checkpoint.origin && is_of(&key.name, key.id()));
        if let Some(own) = own {
            if by.contains(*own) || !verify_note_signature(&own.public, &body, &line.bytes) {
                return None;
            }
            by.push((*own).clone());
            continue;
        }
        let Some(witness) = witnesses.iter().find(|held| is_of(&held.name, held.id())) else {
            if line.name == checkpoint.origin {
                continue;
            }
            return None;
        };
        let said = Cosignature::from_bytes(&line.bytes)?;
        let text = cosigned_text(said.time, &body);
        if cosigned.contains(witness) || !verify_note_signature(&witness.public, &text, &said.signature) {
            return None;
        }
        cosigned.push(witness.clone());
    }
    Some(Signed { checkpoint, by, cosigned })
}
