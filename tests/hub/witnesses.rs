//! A hub and its witnesses: what they cosign comes with a receipt, what they saw is held against the ledger,
//! and one that is away holds nothing up. On SQLite, and on PostgreSQL where a server is named.

use std::net::TcpListener;
use std::sync::Arc;

use amaan_http::witness::{Witness, witness_server};
use egress::{Client, Rules};
use hub::{Asked, Hub, Submitted, Witnesses};
use ledger::{AddCheckpoint, Checkpoint, TlogProof, VerifierKey, consistency_proof};
use policies::Policies;
use serde_json::json;

use super::policies::operator;
use super::world::{World, key, system};
use crate::ledger::Log;
use crate::store::server::Fresh;
use crate::witness::{NAME, cosigned, own_key};

const NOW: u64 = 1_700_000_000;

/// A hub with one witness, and the witness.
struct Watched {
    world: World,
    witness: Arc<Witness>,
    _folder: tempfile::TempDir,
}

impl Watched {
    fn on(databases: Option<Fresh>) -> Self {
        let world = World::on(databases, Policies::embedded().unwrap(), 0);
        let folder = tempfile::tempdir().unwrap();
        let log = VerifierKey::parse(&world.hub.store.key().vkey()).unwrap();
        let witness = Witness::open(folder.path(), crate::witness::key(NAME, 2), vec![log]).unwrap();
        let witness = Arc::new(witness);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(witness_server(Arc::clone(&witness), listener, None).unwrap());
        let world = world.with(|hub| Hub { witnesses: at(&address), ..hub });
        Self { world, witness, _folder: folder }
    }

    async fn asked(&self) -> Asked {
        let hub = &self.world.hub;
        hub.ask_witness(&hub.witnesses.all[0]).await.unwrap()
    }

    /// Shows the witness a head that the hub's own key signed.
    fn shown(&self, old: u64, size: u64, log: &Log) -> u16 {
        let key = self.world.hub.store.key();
        let root = ledger::root_at(log, size).unwrap();
        let head = Checkpoint { origin: key.origin().to_owned(), size, root };
        let proof = consistency_proof(log, old, size).unwrap();
        let request = AddCheckpoint { old, proof, checkpoint_note: key.sign(&head) };
        self.witness.add(request.to_text().as_bytes(), NOW).status
    }

    /// Why the ledger is suspect, once it was held against what the witness saw.
    async fn suspects(&self) -> Option<String> {
        self.world.hub.compare_with_witnesses().await.unwrap();
        let found = self.world.hub.list_suspicions(&operator()).await.unwrap();
        assert_eq!(self.world.hub.may_disclose().await.is_err(), !found.is_empty());
        assert_eq!(self.world.hub.store.key().origin() == "test.example", found.is_empty());
        found.first().map(|found| found.reason.to_string())
    }
}

fn at(address: &str) -> Witnesses {
    let rules = Rules { allow: vec![address.to_owned()], loopback_http: true, ..Rules::default() };
    let url = format!("http://{address}/").parse().unwrap();
    Witnesses::new(vec![hub::Witness { key: own_key(), url }], Client::new(rules).unwrap())
}

fn all() -> Vec<Watched> {
    std::iter::once(Watched::on(None)).chain(Fresh::make().map(|fresh| Watched::on(Some(fresh)))).collect()
}

async fn submit(world: &World, name: &str) -> Submitted {
    let message = json!({
        "schema": "referral.request/v1",
        "recipients": [{ "agency": "ictp", "service": "SVC-POLICE" }],
        "priority": "urgent",
        "purpose": "protection",
        "reasons": ["RSN-NEGLECT"],
        "child": { "name": { "full": "Test Child 7" }, "age": { "years": 9, "basis": "EST" }, "sex": "F" },
        "consent": { "basis": "consent", "given_by": "child", "scope": "this-case" },
        "referred_by": { "position": "Intake officer" },
        "statistics": { "sex": { "value": "F" }, "age_band": { "value": "Y5T9" } },
    });
    world.hub.submit_referral(&system("cpi"), message.to_string().as_bytes(), &key(name)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_carries_what_witnesses_cosigned() {
    for watched in all() {
        let hub = &watched.world.hub;
        assert_eq!(watched.asked().await, Asked::Nothing, "there is no head yet");
        let index = submit(&watched.world, "one").await.receipt.proof.index;
        let none = hub.show_receipt(&system("cpi"), index, true).await.unwrap();
        assert_eq!((none.witnessed, none.witnesses.len()), (false, 0));

        assert_eq!(watched.asked().await, Asked::Cosigned);
        assert_eq!(watched.asked().await, Asked::Nothing);
        let first = hub.show_receipt(&system("cpi"), index, true).await.unwrap();
        for name in ["two", "three"] {
            submit(&watched.world, name).await;
            assert_eq!(watched.asked().await, Asked::Cosigned);
        }
        // The first that was cosigned stays the receipt: the same bytes again.
        let again = hub.show_receipt(&system("cpi"), index, true).await.unwrap();
        assert_eq!((&again.proof, again.witnesses), (&first.proof, vec![NAME.to_owned()]));
        let proof = TlogProof::parse(&again.proof.tlog_proof).unwrap();
        let head = proof.verify(again.proof.entry.as_bytes()).unwrap();
        let (note, line) = proof.checkpoint_note.trim_end().rsplit_once('\n').unwrap();
        assert_eq!(format!("{note}\n"), hub.store.key().sign(&head), "our own signature stands first");
        cosigned(&format!("{line}\n"), &head, &own_key());

        // Evidence goes with the same tree, and with its line.
        let sent = hub.store.entries_from(index, 2).await.unwrap();
        let referral = match &sent[1].entry.event {
            casework::Event::Created(made) => made.referral,
            other => panic!("{other:?}"),
        };
        let bundle = hub.evidence(&system("cpi"), referral).await.unwrap();
        let given = hub::evidence::GivenKeys { witnesses: vec![own_key()], ..Default::default() };
        let held = hub::evidence::judge(bundle.expose(), &given).unwrap();
        assert_eq!((held.witnesses, held.checkpoint.size), (vec![own_key()], head.size));

        // Another's entry looks like none; so does one that is not there.
        for (caller, index) in [("ictp", index), ("cpi", 10_000), ("cpi", u64::MAX)] {
            assert!(hub.show_receipt(&system(caller), index, true).await.is_err(), "{caller} {index}");
        }
        let newest = hub.show_receipt(&system("cpi"), index, false).await.unwrap();
        assert!(!newest.witnessed && newest.proof != first.proof);
        assert_eq!(watched.suspects().await, None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_witness_that_saw_more_is_believed() {
    for watched in all() {
        submit(&watched.world, "one").await;
        // As if commits had been lost since.
        assert_eq!(watched.shown(0, 500, &Log::of(500)), 200);
        assert_eq!(watched.suspects().await.as_deref(), Some("seen-more"));
        submit(&watched.world, "two").await;
        assert_eq!(watched.asked().await, Asked::Silent, "it was not told of the new origin");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_witness_that_saw_another_history_is_believed() {
    for watched in all() {
        submit(&watched.world, "one").await;
        assert_eq!(watched.shown(0, 1, &Log::of(1)), 200);
        assert_eq!(watched.suspects().await.as_deref(), Some("seen-other"));
    }
}

/// Found out by a hub that runs: the witness was away when it started.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_believed_for_the_note_behind_it() {
    for watched in all() {
        submit(&watched.world, "one").await;
        assert_eq!(watched.shown(0, 500, &Log::of(500)), 200);
        assert_eq!(watched.asked().await, Asked::Refused);
        let found = watched.world.hub.list_suspicions(&operator()).await.unwrap();
        assert_eq!(found[0].seen.as_ref().map(|seen| (seen.by.as_str(), seen.size)), Some((NAME, 500)));
        submit(&watched.world, "two").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_witness_that_knows_more_than_was_kept_is_asked_from_there() {
    let watched = Watched::on(None);
    submit(&watched.world, "one").await;
    assert_eq!(watched.asked().await, Asked::Cosigned);
    submit(&watched.world, "two").await;
    assert_eq!(watched.asked().await, Asked::Cosigned);
    // What was kept of it here is lost; it is no fact.
    watched.world.sql("DELETE FROM cosignatures");
    assert_eq!(watched.asked().await, Asked::Cosigned);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_witness_that_is_away_holds_nothing_up() {
    let world = World::new(Policies::embedded().unwrap()).with(|hub| {
        let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        Hub { witnesses: at(&gone), ..hub }
    });
    world.hub.compare_with_witnesses().await.unwrap();
    submit(&world, "one").await;
    assert_eq!(world.hub.ask_witness(&world.hub.witnesses.all[0]).await.unwrap(), Asked::Silent);
    let receipt = world.hub.show_receipt(&system("cpi"), 0, true).await.unwrap();
    assert!(!receipt.witnessed);
}
