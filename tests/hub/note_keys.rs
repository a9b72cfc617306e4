//! The ledger's key changes: two people of the hub say so, both keys sign for a while, then the new one; what
//! was signed before holds by the old public key. On both engines, and checked by Go's own note reader.

use std::process::Command;

use casework::{Role, Settlement, TimeSource};
use hub::Submitted;
use ledger::{AddCheckpoint, Checkpoint, TlogProof, VerifierKey, parse_note};
use seal::NoteKey;
use store::{StoreError, VerifyOptions, note_of_proof, verify};

use super::approvals::{person, world};
use super::breaker::for_nccia;
use super::evidence::{verdict, verified_receipt};
use super::policies::operator;
use super::world::{World, key, system};
use crate::store::server::Fresh;

/// The first origin of a ledger of [`World`].
const BASE: &str = "test.example";
const MONTH: i64 = 30 * 86_400_000_000;

fn worlds() -> Vec<World> {
    [Some(world(None)), Fresh::make().map(|fresh| world(Some(fresh)))].into_iter().flatten().collect()
}

async fn submit(world: &World, name: &str) -> Submitted {
    world.hub.submit_referral(&system("ictp"), &for_nccia(), &key(name)).await.unwrap()
}

fn note_of(sent: &Submitted) -> String {
    note_of_proof(&sent.receipt.proof.tlog_proof).unwrap()
}

/// Which of these keys signed a receipt that holds.
fn signers(sent: &Submitted, vkeys: [&str; 2]) -> [bool; 2] {
    let proof = TlogProof::parse(&sent.receipt.proof.tlog_proof).unwrap();
    proof.verify(sent.receipt.proof.entry.as_bytes()).unwrap();
    let (body, signatures) = parse_note(&proof.checkpoint_note).unwrap();
    vkeys.map(|vkey| {
        let key = VerifierKey::parse(vkey).unwrap();
        signatures
            .iter()
            .any(|one| one.key_id == key.id() && seal::verify_note_signature(&key.public, &body, &one.bytes))
    })
}

/// Would a witness that knows only this key take it?
fn witnessed(sent: &Submitted, vkey: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let (own, log) = (crate::witness::key(crate::witness::NAME, 2), VerifierKey::parse(vkey).unwrap());
    let witness = amaan_http::witness::Witness::open(folder.path(), own, vec![log]).unwrap();
    let request = AddCheckpoint { old: 0, proof: Vec::new(), checkpoint_note: note_of(sent) };
    witness.add(request.to_text().as_bytes(), crate::witness::NOW).status == 200
}

/// Evidence and a receipt hold for whoever has one of these keys, in lines as `GET /v1/audit/key` has them,
/// and for nobody else.
async fn proven_by(world: &World, sent: &Submitted, [old, new]: [&str; 2], holds: [bool; 2]) {
    let told: String = world.hub.store.note_keys().iter().map(|told| format!("{}\n", told.vkey)).collect();
    for (vkeys, holds) in [(told.as_str(), true), (old, holds[0]), (new, holds[1])] {
        let said = verdict(world, sent.referrals[0].id, vkeys).await;
        assert!(said.starts_with(if holds { "holds " } else { "refused line=3 reason=other-key" }), "{said}");
        if let Some(said) = verified_receipt(sent, vkeys) {
            let word = if holds { "stands in the ledger" } else { "DOES NOT HOLD: checkpoint" };
            assert!(said.contains(word), "{said}");
        }
    }
}

/// How many of these keys signed it, as Go's note reader finds; `None` where Go is missing.
fn opened_by_go(sent: &Submitted, vkeys: &[&str]) -> Option<usize> {
    let tool = crate::journeys::tlog::built("note")?;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), note_of(sent)).unwrap();
    let said = Command::new(tool).arg(file.path()).args(vkeys).output().unwrap();
    Some(if said.status.success() { String::from_utf8(said.stdout).unwrap().lines().count() } else { 0 })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_sign_for_a_while_and_then_the_new_one() {
    for world in worlds() {
        let (first, next) = (world.note_key(), NoteKey::generate_pkcs8().to_vec());
        let second = person(&world, "hub", "operator-2", Role::Operator).await;
        let before = submit(&world, "one").await;
        let none = world.hub.ask_note_key_turn(&operator(), &key("early")).await.unwrap_err();
        assert_eq!(none.slug(), "validation-failed", "there is no second key");

        let world = world.with_note_keys(&first, std::slice::from_ref(&next)).unwrap();
        let old = world.hub.store.key().vkey();
        let asked = world.hub.ask_note_key_turn(&operator(), &key("turn")).await.unwrap();
        assert!(signers(&submit(&world, "two").await, [&old, &old])[0], "nobody has agreed yet");
        world.hub.settle_approval(&second, asked.id, Settlement::Approve, &key("yes")).await.unwrap();
        let new = world.hub.store.key().vkey();
        assert_ne!(new, old);
        let during = submit(&world, "three").await;
        assert_eq!(signers(&during, [&old, &new]), [true, true]);
        assert!(witnessed(&during, &old) && witnessed(&during, &new));
        proven_by(&world, &during, [&old, &new], [true, true]).await;
        let told = world.hub.store.note_keys();
        let told: Vec<_> = told.iter().map(|told| (told.vkey.as_str(), told.until.is_some())).collect();
        assert_eq!(told, [(new.as_str(), false), (old.as_str(), true)]);

        let later = world.hub.store.clock().now().plus_micros(MONTH);
        world.hub.store.raise_clock(later).unwrap();
        let after = submit(&world, "four").await;
        assert_eq!(signers(&after, [&old, &new]), [false, true]);
        proven_by(&world, &after, [&old, &new], [false, true]).await;
        assert_eq!(signers(&before, [&old, &new]), [true, false]);
        let go = [&before, &during, &after].map(|sent| opened_by_go(sent, &[&old, &new]));
        assert!(go == [None; 3] || go == [Some(1), Some(2), Some(1)], "{go:?}");

        let trusted = [&before, &during, &after].map(note_of).to_vec();
        let options = VerifyOptions { place: world.place(), trusted, vkey: Some(format!("{new}\n{old}\n")) };
        assert_eq!(verify(&options).unwrap().findings, []);

        // The old key is destroyed; whoever has only that one does not go on.
        let world = world.with_note_keys(&next, &[]).unwrap();
        assert_eq!(world.hub.store.key().vkey(), new);
        assert_eq!(signers(&submit(&world, "five").await, [&old, &new]), [false, true]);
        assert!(submit(&world, "one").await.replayed);
        let Err(error) = world.with_note_keys(&first, &[]) else { panic!("signed with a key that is over") };
        assert!(matches!(error, StoreError::LedgerSuspect(_)), "{error}");
    }
}

/// The turn after an epoch names its keys under the epoch's origin; receipts of before bear the first one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_after_an_epoch_leaves_the_first_name_told() {
    let world = world(None);
    let (first, vkey) = (world.note_key(), world.hub.store.key().vkey());
    let second = person(&world, "hub", "operator-2", Role::Operator).await;
    let before = submit(&world, "one").await;
    let seen = Checkpoint { origin: BASE.to_owned(), size: 500, root: [7; 32] };
    assert!(world.hub.store.compare_with(seen, "witness.example/w1").await.unwrap().is_some());
    world.hub.compare_with_witnesses().await.unwrap();
    let world = world.with_note_keys(&first, &[NoteKey::generate_pkcs8().to_vec()]).unwrap();
    let asked = world.hub.ask_note_key_turn(&operator(), &key("turn")).await.unwrap();
    world.hub.settle_approval(&second, asked.id, Settlement::Approve, &key("yes")).await.unwrap();

    let told: Vec<String> = world.hub.store.note_keys().into_iter().map(|told| told.vkey).collect();
    let names: Vec<_> = told.iter().map(|told| told.split('+').next().unwrap()).collect();
    let origin = world.hub.store.key().origin().to_owned();
    assert_eq!(names, [origin.as_str(), &origin, BASE]);
    assert_eq!(told[2], vkey);
    if let Some(said) = verified_receipt(&before, &told.join("\n")) {
        assert!(said.contains("stands in the ledger test.example of"), "{said}");
    }
}
