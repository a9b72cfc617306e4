//! A hub that comes up on an old backup, with a witness in a process of its own that remembers more: it goes
//! on taking under another origin, shows nothing until two people have looked, and the whole record
//! verifies, both epochs of it. On both engines.

use std::path::Path;

use casework::{Role, Settlement};
use egress::{Client, Rules};
use hub::{Asked, Hub, ReferralView, Submitted, Witness, Witnesses};
use ledger::{Checkpoint, CosignerKey, TlogProof, VerifierKey, parse_note};
use policies::Policies;
use store::{Copied, LostRange, VerifyOptions, copy, note_of_proof, restore, verify};

use super::approvals::{person, world};
use super::breaker::for_nccia;
use super::evidence::verdict;
use super::policies::operator;
use super::world::{World, key, system};
use crate::store::server::Fresh;
use crate::witness::program::{Running, run};

const BASE: &str = "test.example";

/// Both engines, where the server is there.
fn worlds() -> Vec<World> {
    [Some(world(None)), Fresh::make().map(|fresh| world(Some(fresh)))].into_iter().flatten().collect()
}

/// A witness of its own process, and its key.
struct Watching {
    dir: tempfile::TempDir,
    key: CosignerKey,
    running: Option<Running>,
}

impl Watching {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (code, vkey, said) = run(&["make-key", "--name", "witness.example/w1"], dir.path());
        assert_eq!(code, 0, "{said}");
        Self { dir, key: CosignerKey::parse(vkey.trim()).unwrap(), running: None }
    }

    /// Starts it, told of these logs, and tells the hub where it is.
    fn over(&mut self, vkeys: &[&str], world: World) -> World {
        self.running = None;
        let running = Running::watching(self.dir.path(), vkeys);
        let rules = Rules { allow: vec![running.address.clone()], loopback_http: true, ..Rules::default() };
        let url = format!("http://{}/", running.address).parse().unwrap();
        let all = vec![Witness { key: self.key.clone(), url }];
        self.running = Some(running);
        world.with(|hub| Hub { witnesses: Witnesses::new(all, Client::new(rules).unwrap()), ..hub })
    }
}

async fn asked(world: &World) -> Asked {
    world.hub.ask_witness(&world.hub.witnesses.all[0]).await.unwrap()
}

async fn submit(world: &World, name: &str) -> Submitted {
    world.hub.submit_referral(&system("ictp"), &for_nccia(), &key(name)).await.unwrap()
}

async fn shown(world: &World, sent: &Submitted) -> Result<ReferralView, &'static str> {
    let shown = world.hub.show_referral(&system("ictp"), sent.referrals[0].id).await;
    shown.map_err(|error| error.slug())
}

fn note_of(sent: &Submitted) -> String {
    note_of_proof(&sent.receipt.proof.tlog_proof).unwrap()
}

/// A receipt holds under this key, whatever became of the hub since.
fn check_receipt(sent: &Submitted, vkey: &str) -> Checkpoint {
    let key = VerifierKey::parse(vkey).unwrap();
    let proof = TlogProof::parse(&sent.receipt.proof.tlog_proof).unwrap();
    let (body, signatures) = parse_note(&proof.checkpoint_note).unwrap();
    let signed = signatures
        .iter()
        .any(|one| one.key_id == key.id() && seal::verify_note_signature(&key.public, &body, &one.bytes));
    assert!(signed, "{body}");
    let head = proof.verify(sent.receipt.proof.entry.as_bytes()).unwrap();
    assert_eq!(head.origin, key.name);
    head
}

/// Evidence holds under the key of the present epoch, which whoever has the earlier line only is told.
async fn proven(world: &World, sent: &Submitted, first: &str, now: &str) {
    let both = format!("{now}\n{first}\n");
    for (vkeys, says) in [(now, "holds "), (&both, "holds "), (first, "refused line=3 reason=other-key")] {
        let said = verdict(world, sent.referrals[0].id, vkeys).await;
        assert!(said.starts_with(says), "{said}");
    }
}

fn copied(world: &World, which: Copied, folder: &Path) {
    let ca = std::env::var_os("AMAAN_CA_FILE").map(std::path::PathBuf::from);
    copy(&world.place(), which, folder, ca.as_deref()).unwrap();
}

/// The hub somewhere else, on what was copied; the checkpoint beside the store is gone, as on a new machine.
fn brought_back(world: World, main: &Path, keys: &Path) -> World {
    let is_shared = matches!(world.place(), store::Place::Postgres { .. });
    let (fresh, dir) = (is_shared.then(|| Fresh::make().unwrap()), tempfile::tempdir().unwrap());
    let place = World::place_of(fresh.as_ref(), dir.path());
    let ca = std::env::var_os("AMAAN_CA_FILE").map(std::path::PathBuf::from);
    restore(&place, Copied::Main, main, ca.as_deref()).unwrap();
    restore(&place, Copied::Keys, keys, ca.as_deref()).unwrap();
    world.elsewhere(fresh, dir)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_backup_begins_an_epoch_and_two_people_open_it_again() {
    for world in worlds() {
        let mut witness = Watching::new();
        let first = world.hub.store.key().vkey();
        let world = witness.over(&[&first], world);
        let second = person(&world, "hub", "operator-2", Role::Operator).await;
        let kept = submit(&world, "one").await;
        assert_eq!(asked(&world).await, Asked::Cosigned);
        let (main, keys) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        copied(&world, Copied::Main, main.path());
        let begins = store::newest_head(&world.place()).unwrap().entries;
        let lost = submit(&world, "two").await;
        assert_eq!(asked(&world).await, Asked::Cosigned);
        copied(&world, Copied::Keys, keys.path());

        let world = brought_back(world, main.path(), keys.path());
        world.hub.compare_with_witnesses().await.unwrap();
        let now = world.hub.store.key().vkey();
        let origin = world.hub.store.key().origin().to_owned();
        assert!(origin.starts_with(&format!("{BASE}/2-")), "{origin}");

        // Intake works, under the new origin; what was lost is taken again when it is sent again.
        let anew = submit(&world, "three").await;
        check_receipt(&anew, &now);
        let again = submit(&world, "two").await;
        assert!(!again.replayed && again.request != lost.request);
        assert_eq!(shown(&world, &kept).await.unwrap_err(), "ledger-suspect");
        let seen = &world.hub.list_suspicions(&operator()).await.unwrap()[0];
        let size = check_receipt(&lost, &first).size;
        assert_eq!((seen.reason.as_str(), seen.entries.unwrap().first), ("seen-more", begins));
        assert_eq!(seen.seen.as_ref().map(|seen| (seen.size, seen.origin.as_str())), Some((size, BASE)));

        // Old receipts hold, and so does the whole record, with what is known to be lost.
        check_receipt(&kept, &first);
        let trusted = vec![note_of(&kept), note_of(&lost), note_of(&anew)];
        for vkey in [&first, &now] {
            let (place, vkey) = (world.place(), Some(vkey.clone()));
            let report = verify(&VerifyOptions { place, trusted: trusted.clone(), vkey }).unwrap();
            assert_eq!((report.findings, report.epochs), (Vec::new(), 1));
            assert_eq!(report.lost, [LostRange { epoch: 2, first: begins, last: size - 1 }]);
        }

        // A witness has to be told of the new origin.
        assert_eq!(asked(&world).await, Asked::Silent);
        let world = witness.over(&[&first, &now], world);
        assert_eq!(asked(&world).await, Asked::Cosigned);
        let receipt = world.hub.show_receipt(&system("ictp"), kept.receipt.proof.index, true).await.unwrap();
        assert!(receipt.witnessed && receipt.proof.tlog_proof.contains(&origin), "{receipt:?}");

        // Two people open it again, and it stays the same epoch after a restart.
        let reason: casework::Code = "seen-more".parse().unwrap();
        let lift = world.hub.ask_reopening(&operator(), reason, &key("lift")).await.unwrap();
        world.hub.settle_approval(&second, lift.id, Settlement::Approve, &key("yes")).await.unwrap();
        assert!(shown(&world, &kept).await.unwrap().message.is_some());
        proven(&world, &kept, &first, &now).await;
        proven(&world, &anew, &first, &now).await;
        let (main, keys) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        copied(&world, Copied::Main, main.path());
        copied(&world, Copied::Keys, keys.path());
        let world = brought_back(world, main.path(), keys.path());
        world.hub.compare_with_witnesses().await.unwrap();
        assert_eq!(world.hub.store.key().origin(), origin);
        assert!(shown(&world, &anew).await.is_ok());
    }
}

/// Two processes find it out at once, and a third had begun before: they agree on one epoch.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_processes_agree_on_an_epoch() {
    let Some(fresh) = Fresh::make() else { return };
    let world = World::on(Some(fresh), Policies::embedded().unwrap(), 0);
    submit(&world, "one").await;
    let folder = tempfile::tempdir().unwrap();
    let place = match world.place() {
        store::Place::Postgres { databases, .. } => {
            store::Place::Postgres { dir: folder.path().to_owned(), databases }
        }
        other => other,
    };
    let beside = world.on_store(world.open(place));
    let head = Checkpoint { origin: BASE.to_owned(), size: 500, root: [7; 32] };
    for hub in [&world.hub, &beside] {
        assert!(hub.store.compare_with(head.clone(), "witness.example/w1").await.unwrap().is_some());
    }
    let refused = world.hub.submit_referral(&system("ictp"), &for_nccia(), &key("no")).await.unwrap_err();
    assert_eq!(refused.slug(), "intake-closed", "nothing is signed meanwhile");
    let (one, other) = tokio::join!(world.hub.compare_with_witnesses(), beside.compare_with_witnesses());
    one.unwrap();
    other.unwrap();
    assert_eq!(world.hub.store.checkpoint().await.unwrap(), beside.store.checkpoint().await.unwrap());
    let origin = world.hub.store.key().origin().to_owned();
    assert!(origin.starts_with(&format!("{BASE}/2-")), "{origin}");
    let sent = beside.submit_referral(&system("ictp"), &for_nccia(), &key("two")).await.unwrap();
    assert_eq!(check_receipt(&sent, &world.hub.store.key().vkey()).origin, origin);
    submit(&world, "three").await;
    assert_eq!(world.hub.may_disclose().await.unwrap_err().slug(), "ledger-suspect");
}
