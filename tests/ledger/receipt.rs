//! A whole receipt as the hub will give it (entry, opening, proof, signed checkpoint), believed by
//! signed_note and by `verify.py`, and disbelieved by it after any change.

use base64::{Engine, engine::general_purpose::STANDARD};
use ledger::{Checkpoint, Frontier, Growth, Signature, TlogProof, VerifierKey, leaf_hash, note};
use seal::{NoteKey, commitment};
use serde_json::{Value, json};
use signed_note::{Note, StandardVerifier, VerifierList};

use super::independent::verify_py;

const ORIGIN: &str = "hub.example/ledger";
const MESSAGE: &str = "{\"schema\":\"referral.request/v1\",\"child\":{\"name\":\"Test Child 7\"}}";

/// The receipt of entry 5 of 11, and the key it is checked with.
fn receipt() -> (Value, VerifierKey) {
    let key = NoteKey::from_pkcs8(ORIGIN, &NoteKey::generate_pkcs8()).unwrap();
    let opening = [3; 32];
    let committed = hex::encode(commitment(&opening, MESSAGE.as_bytes()));
    let entry = json!({"kind": "referral.request", "commitment": committed}).to_string();
    let old = Growth::new(Frontier::empty(), (0..4).map(|leaf| leaf_hash(&[leaf])).collect()).after();
    let mut leaves: Vec<_> = (4..11).map(|leaf| leaf_hash(&[leaf])).collect();
    leaves[1] = leaf_hash(entry.as_bytes());
    let growth = Growth::new(old, leaves);

    let vkey = VerifierKey { name: ORIGIN.into(), public: key.public() };
    let head = Checkpoint { origin: ORIGIN.into(), size: 11, root: growth.after().root() };
    let body = head.to_text();
    let signature = Signature { name: ORIGIN.into(), key_id: vkey.id(), bytes: key.sign(&body) };
    let hashes = growth.inclusion(5).unwrap();
    let proof = TlogProof { index: 5, hashes, checkpoint_note: note(&body, &[signature]) };
    let receipt = json!({
        "entry": entry,
        "opening": hex::encode(opening),
        "message_b64": STANDARD.encode(MESSAGE),
        "tlog_proof": proof.to_text(),
    });
    (receipt, vkey)
}

/// What `verify.py` says of a receipt; `None` without Python.
fn verify_receipt(receipt: &Value, vkey: &VerifierKey) -> Option<String> {
    let (holds, said) = verify_py(&["proof", "--vkey", &vkey.to_text()], &receipt.to_string())?;
    assert_eq!(holds, !said.contains("FAILED"), "{said}");
    Some(said)
}

#[track_caller]
fn check(receipt: &Value, vkey: &VerifierKey, expect: &str) {
    if let Some(said) = verify_receipt(receipt, vkey) {
        assert!(said.contains(expect), "expected `{expect}`, got:\n{said}");
    }
}

#[test]
fn signed_note_believes_the_checkpoint() {
    let (receipt, vkey) = receipt();
    let proof = TlogProof::parse(receipt["tlog_proof"].as_str().unwrap()).unwrap();
    let known = VerifierList::new(vec![Box::new(StandardVerifier::new(&vkey.to_text()).unwrap())]);
    let read = Note::from_bytes(proof.checkpoint_note.as_bytes()).unwrap();
    assert_eq!(read.verify(&known).unwrap().0.len(), 1);
    let head = proof.verify(receipt["entry"].as_str().unwrap().as_bytes()).unwrap();
    assert_eq!(read.text(), head.to_text().as_bytes());
}

#[test]
fn verify_py_believes_a_true_receipt() {
    let (receipt, vkey) = receipt();
    let Some(said) = verify_receipt(&receipt, &vkey) else { return };
    // The signature line says so itself where the package `cryptography` is missing.
    let signature = if said.contains("NOT CHECKED") {
        println!("the signature was not checked: {said}");
        "signature: NOT CHECKED, the Python package `cryptography` is not installed"
    } else {
        "signature: by hub.example/ledger"
    };
    let expected = format!(
        "inclusion: entry 5 of 11 in hub.example/ledger\n{signature}\n\
         commitment: the entry was made for exactly this message\n"
    );
    assert_eq!(said, expected);
}

#[test]
fn verify_py_disbelieves_what_was_changed() {
    let (receipt, vkey) = receipt();
    let with = |member: &str, value: String| {
        let mut changed = receipt.clone();
        changed[member] = value.into();
        changed
    };
    let text = |member: &str| receipt[member].as_str().unwrap().to_owned();

    check(
        &with("entry", text("entry").replace("request", "accept")),
        &vkey,
        "FAILED inclusion: the entry is not",
    );
    let moved = text("tlog_proof").replace("index 5", "index 6");
    check(&with("tlog_proof", moved), &vkey, "FAILED inclusion: the entry is not");
    let other = STANDARD.encode(MESSAGE.replace("Child 7", "Child 8"));
    check(&with("message_b64", other), &vkey, "FAILED commitment");
    check(&with("opening", "04".repeat(32)), &vkey, "FAILED commitment");

    let stranger = VerifierKey { public: [7; 32], ..vkey.clone() };
    check(&receipt, &stranger, "FAILED signature: the checkpoint is not signed by this key");
    let other_hub = VerifierKey { name: "other.example/ledger".into(), ..vkey };
    check(&receipt, &other_hub, "FAILED signature: the checkpoint belongs to another ledger");
}

/// A checkpoint whose signature was made for another one.
#[test]
fn verify_py_disbelieves_a_borrowed_signature() {
    let (receipt, vkey) = receipt();
    let (foreign, _) = self::receipt();
    let line =
        |receipt: &Value| receipt["tlog_proof"].as_str().unwrap().rsplit_once(' ').unwrap().1.to_owned();
    let [mine, theirs] = [line(&receipt), line(&foreign)].map(|text| STANDARD.decode(text.trim()).unwrap());
    let borrowed = STANDARD.encode([&mine[..4], &theirs[4..]].concat());
    let mut changed = receipt.clone();
    changed["tlog_proof"] =
        receipt["tlog_proof"].as_str().unwrap().replace(line(&receipt).trim(), &borrowed).into();
    let Some(said) = verify_receipt(&changed, &vkey) else { return };
    assert!(said.contains("FAILED signature: it does not hold") || said.contains("NOT CHECKED"), "{said}");
}

#[test]
fn verify_py_says_what_it_did_not_check() {
    let (mut receipt, vkey) = receipt();
    receipt.as_object_mut().unwrap().remove("message_b64");
    check(&receipt, &vkey, "commitment: NOT CHECKED, the receipt has no message");
    receipt.as_object_mut().unwrap().remove("tlog_proof");
    check(&receipt, &vkey, "FAILED the input is malformed");
}
