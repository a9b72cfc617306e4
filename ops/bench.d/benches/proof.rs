//! What the ledger costs: an entry's leaf and its hash, the proof of an entry just committed (from the batch)
//! and of any entry (from stored nodes), and the signature on a head. Nodes are in memory: how long a
//! database takes to give them is `ops/bench growth`.

use std::convert::Infallible;
use std::sync::LazyLock;

use ::seal::NoteKey;
use casework::{Created, Entry, Event, Priority, Timestamp, Via};
use divan::{Bencher, black_box};
use ledger::{Checkpoint, Frontier, Growth, Hash, Nodes, Signature, TlogProof, VerifierKey, leaf_hash, note};

use crate::fixtures::{HUB, agency, code, id, service};

/// Entries of the trees that are proven.
const SIZES: [usize; 2] = [1_000, 1_000_000];
/// Entries committed together, as under load.
const BATCH: usize = 64;

/// A tree in memory: its leaves, the nodes a store keeps, and its edge.
struct Tree {
    leaves: Vec<Hash>,
    kept: [Vec<Hash>; 2],
    edge: Frontier,
}

static LARGEST: LazyLock<Tree> = LazyLock::new(|| Tree::of(SIZES[1]));

impl Tree {
    fn of(size: usize) -> Self {
        let leaves: Vec<Hash> = (0..size).map(|leaf| leaf_hash(&leaf.to_be_bytes())).collect();
        let growth = Growth::new(Frontier::empty(), leaves.clone());
        let level = |wanted| {
            let nodes = growth.filled_tiles().into_iter().filter(|node| node.level == wanted);
            nodes.map(|node| node.hash).collect()
        };
        Self { leaves, kept: [level(8), level(16)], edge: growth.after() }
    }
}

impl Nodes for Tree {
    type Error = Infallible;
    fn leaves(&self, from: u64, to: u64) -> Result<Vec<Hash>, Infallible> {
        Ok(self.leaves[place(from)..place(to)].to_vec())
    }
    fn stored(&self, level: u8, index: u64) -> Result<Option<Hash>, Infallible> {
        let kept = if level == 8 { &self.kept[0] } else { &self.kept[1] };
        Ok(kept.get(place(index)).copied())
    }
}

#[divan::bench]
fn leaf(bencher: Bencher<'_, '_>) {
    let entry = entry();
    bencher.bench(|| leaf_hash(&black_box(&entry).to_leaf().unwrap()));
}

/// The proof that each caller of a batch renders for its receipt.
#[divan::bench(args = SIZES)]
fn of_batch(bencher: Bencher<'_, '_>, size: usize) {
    let leaves: Vec<Hash> = (0..size).map(|leaf| leaf_hash(&leaf.to_be_bytes())).collect();
    let (before, batch) = leaves.split_at(size - BATCH);
    let edge = Growth::new(Frontier::empty(), before.to_vec()).after();
    let growth = Growth::new(edge, batch.to_vec());
    let head = sign(&key(), &head(size, growth.after().root()));
    let index = place_of(size - BATCH / 2);
    bencher.bench(|| text(index, growth.inclusion(black_box(index)).unwrap(), head.clone()));
}

/// The proof of any entry, as `/v1/audit` gives it, without its signature.
#[divan::bench(args = SIZES)]
fn of_any(bencher: Bencher<'_, '_>, size: usize) {
    let tree = &*LARGEST;
    let head = sign(&key(), &head(size, tree.edge.root()));
    let (size, index) = (place_of(size), place_of(size / 3));
    bencher.bench(|| {
        let hashes = ledger::inclusion_proof(tree, black_box(index), size).unwrap();
        text(index, hashes, head.clone())
    });
}

/// The tree grows by a batch: every interior node, the new edge and its root.
#[divan::bench]
fn grow_64(bencher: Bencher<'_, '_>) {
    let tree = &*LARGEST;
    let new: Vec<Hash> = (0..BATCH).map(|leaf| leaf_hash(&leaf.to_be_bytes())).collect();
    bencher
        .with_inputs(|| (tree.edge.clone(), new.clone()))
        .bench_values(|(edge, new)| Growth::new(edge, new).after().root());
}

#[divan::bench]
fn note_signature(bencher: Bencher<'_, '_>) {
    let (key, head) = (key(), head(SIZES[1], LARGEST.edge.root()));
    bencher.bench(|| sign(black_box(&key), &head));
}

fn text(index: u64, hashes: Vec<Hash>, checkpoint_note: String) -> String {
    TlogProof { index, hashes, checkpoint_note }.to_text()
}

fn head(size: usize, root: Hash) -> Checkpoint {
    Checkpoint { origin: HUB.to_owned(), size: place_of(size), root }
}

fn key() -> NoteKey {
    NoteKey::from_pkcs8(HUB, &NoteKey::generate_pkcs8()).unwrap()
}

/// As the store signs its heads.
fn sign(key: &NoteKey, head: &Checkpoint) -> String {
    static ID: LazyLock<[u8; 4]> = LazyLock::new(|| {
        let public = self::key().public();
        VerifierKey { name: HUB.to_owned(), public }.id()
    });
    let body = head.to_text();
    let bytes = key.sign(&body);
    note(&body, &[Signature { name: key.name().to_owned(), key_id: *ID, bytes }])
}

/// A new referral, the entry that intake writes most.
fn entry() -> Entry {
    let created = Created {
        referral: id("rf"),
        request: id("rq"),
        case: id("cs"),
        from: agency("ictp"),
        to: agency("cpi"),
        addressed: None,
        mandate: None,
        service: service("cpi"),
        priority: Priority::Emergency,
        purpose: code("protection"),
        basis: code("best-interests"),
        held: false,
        signed: false,
        intent: Default::default(),
        consent_until: None,
        delivery: id("dl"),
        object: id("ob"),
        clocks: Vec::new(),
    };
    let (at, policy) = (Timestamp::from_micros(1_795_235_400_000_000), Some("0123456789abcdef".to_owned()));
    let commitment = casework::Commitment { message: "77".repeat(32), signature: None };
    Entry::new(at, id("ps"), Via::Api, policy, Some(commitment), Event::Created(created))
}

fn place(index: u64) -> usize {
    usize::try_from(index).unwrap()
}

fn place_of(index: usize) -> u64 {
    u64::try_from(index).unwrap()
}
