//! Receipts: verified with the ledger's own code, by an independent signature checker and by `verify.py`;
//! the opening proves exactly the bytes that were sent, and `audit verify` takes a receipt as a checkpoint.

use std::process::Command;

use base64::{Engine, engine::general_purpose::STANDARD};
use egress::Method;
use ledger::TlogProof;
use serde_json::{Value, json};
use signed_note::{Note, StandardVerifier, VerifierList};

use super::messages::{small_child, step};
use super::sandbox::{fresh_key, program, sandbox};

/// Does this receipt prove that exactly these bytes were entered?
#[track_caller]
fn check(receipt: &Value, sent: &[u8]) {
    let (entry, opening) = (receipt["entry"].as_str().unwrap(), receipt["opening"].as_str().unwrap());
    let proof = TlogProof::parse(receipt["tlog_proof"].as_str().unwrap()).unwrap();
    let head = proof.verify(entry.as_bytes()).unwrap();
    assert!(receipt["index"].as_u64().unwrap() < head.size);
    assert!(proof.verify(entry.replacen("\"v\":1", "\"v\":2", 1).as_bytes()).is_err(), "any entry is proved");

    let vkey = sandbox().get("", "/v1/audit/key").ok().text();
    let known = VerifierList::new(vec![Box::new(StandardVerifier::new(vkey.trim()).unwrap())]);
    let note = Note::from_bytes(proof.checkpoint_note.as_bytes()).unwrap();
    assert_eq!(note.verify(&known).unwrap().0.len(), 1, "the checkpoint is signed by the published key");

    let opening: [u8; 32] = hex::decode(opening).unwrap().try_into().unwrap();
    let entry: Value = serde_json::from_str(entry).unwrap();
    let committed: [u8; 32] = hex::decode(entry["commitment"].as_str().unwrap()).unwrap().try_into().unwrap();
    assert!(seal::verify_commitment(&opening, sent, &committed), "the opening does not prove what was sent");
    let other = [sent, b" "].concat();
    assert!(!seal::verify_commitment(&opening, &other, &committed), "the opening proves anything");
    check_by_python(receipt, sent, vkey.trim());
}

fn check_by_python(receipt: &Value, sent: &[u8], vkey: &str) {
    let mut receipt = receipt.clone();
    receipt["message_b64"] = json!(STANDARD.encode(sent));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("receipt.json");
    std::fs::write(&file, receipt.to_string()).unwrap();
    let verifier = include_str!("../ledger/verify.py");
    let said = Command::new("python3").args(["-c", verifier, "proof", "--vkey", vkey]).arg(&file).output();
    match said {
        Ok(said) => {
            let text = String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned();
            assert!(said.status.success(), "{text}");
            assert!(text.contains("the entry was made for exactly this message"), "{text}");
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => println!("skipped: no python3"),
        Err(error) => panic!("cannot run python3: {error}"),
    }
}

/// Posts these very bytes and gives back the receipt.
fn receipt_for(client: &str, path: &str, sent: &[u8]) -> Value {
    let call = sandbox().call(client, Method::Post, path).key(&fresh_key());
    call.bytes(sent.to_vec()).send().ok().json()
}

#[test]
fn a_receipt_proves_the_very_bytes() {
    let _turn = sandbox().beside();
    // Spacing that no serialiser writes: the proof is of bytes, not of a meaning.
    let sent = format!(" {:#} \n", small_child("laja", "SVC-LEGAL")).into_bytes();
    let made = receipt_for("ictp", "/v1/referrals", &sent);
    check(&made["receipt"], &sent);

    let id = made["referrals"][0]["id"].as_str().unwrap();
    let sent = format!("{:#}", step("accept")).into_bytes();
    let accepted = receipt_for("laja", &format!("/v1/referrals/{id}/accept"), &sent);
    check(&accepted["receipt"], &sent);

    let asked = json!({
        "schema": "identity.check/v1", "case": super::disclosure::open_case(), "purpose": "missing-child",
        "basis": "best-interests",
        "subject": { "id_number": "0000000000001" },
    });
    let sent = format!("{asked:#}").into_bytes();
    check(&receipt_for("cpi", "/v1/identity-checks", &sent)["receipt"], &sent);
}

#[test]
fn the_auditor_proves_any_entry_and_the_sender_its_tree() {
    let (sandbox, _turn) = (sandbox(), sandbox().beside());
    let sent = small_child("laja", "SVC-LEGAL").to_string().into_bytes();
    let receipt = receipt_for("ictp", "/v1/referrals", &sent)["receipt"].clone();
    let index = receipt["index"].as_u64().unwrap();
    let proved = sandbox.get("ncrc-analyst", &format!("/v1/audit/proof?index={index}")).ok().json();
    assert_eq!(proved["entry"], receipt["entry"]);
    let proof = TlogProof::parse(proved["tlog_proof"].as_str().unwrap()).unwrap();
    assert!(proof.verify(proved["entry"].as_str().unwrap().as_bytes()).unwrap().size > index);

    // While the hub runs, its record is verified from outside, against that receipt and the published key.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("receipt.json");
    std::fs::write(&file, json!({ "receipt": receipt }).to_string()).unwrap();
    let vkey = sandbox.get("", "/v1/audit/key").ok().text();
    let verify = sandbox
        .wiring
        .verifying(&program(), &sandbox.dir)
        .args(["--json", "--vkey", vkey.trim()])
        .arg("--checkpoint")
        .arg(&file)
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&verify.stdout).unwrap_or(Value::Null);
    assert!(
        verify.status.success() && report["verified"] == true,
        "{report} {}",
        String::from_utf8_lossy(&verify.stderr)
    );
    assert!(report["compared"].as_u64().unwrap() >= 2, "checkpoint.latest and the receipt: {report}");
}
