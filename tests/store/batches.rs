//! Group commit under many callers at once: indices without a hole, every caller's own proof good, every head
//! in the database the root of what lies before it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use casework::Event;
use ledger::{Frontier, Growth, TlogProof, leaf_hash, verify_consistency};
use store::{Committed, Done, Lane, Store};

use super::world::{House, ask, check_sound, done, fact, live, together};

const CALLERS: usize = 96;

async fn submitted(store: &Arc<Store>) -> Vec<Done> {
    let orders = (0..CALLERS).map(|_| ask(store, "cpi").order).collect();
    let answers = together(store, orders).await;
    answers
        .into_iter()
        .map(|answer| match answer.unwrap() {
            Committed::Done(done) => done,
            other => panic!("not committed: {other:?}"),
        })
        .collect()
}

/// Does the rendered receipt prove the entry, in a checkpoint that this hub signed?
fn check(store: &Store, done: &Done) {
    let receipt = done.proof().unwrap();
    let proof = TlogProof::parse(&receipt.tlog_proof).unwrap();
    let checkpoint = proof.verify(receipt.entry.as_bytes()).unwrap();
    assert_eq!((checkpoint.size, checkpoint.root), (done.batch.size, done.batch.root));
    assert_eq!(receipt.entry.as_bytes(), done.entries[0].to_leaf().unwrap());
    let (body, signatures) = ledger::parse_note(&proof.checkpoint_note).unwrap();
    let key = ledger::VerifierKey::parse(&store.key().vkey()).unwrap();
    assert!(seal::verify_note_signature(&key.public, &body, &signatures[0].bytes));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_callers_share_batches() {
    let Some(house) = House::new() else { return };
    let store = Arc::new(house.open());
    let taken = submitted(&store).await;
    let mut places = BTreeMap::new();
    for done in &taken {
        check(&store, done);
        assert_eq!(done.entries.len(), 2, "a request and its referral");
        assert!(matches!(done.entries[0].event, Event::Requested(_)));
        places.insert(done.index, done.entries.len());
    }
    let mut next = 0;
    for (index, entries) in places {
        assert_eq!(index, next, "no hole, no overlap");
        next += u64::try_from(entries).unwrap();
    }
    let batches: BTreeSet<u64> = taken.iter().map(|done| done.batch.size).collect();
    println!("{CALLERS} callers shared {} batches", batches.len());
    assert!(batches.len() < CALLERS, "nobody shared a batch");
    let report = check_sound(house.place(), &store.key().vkey());
    assert_eq!((report.entries, report.heads), (next, u64::try_from(batches.len()).unwrap()));
}

/// The heads as the world would recompute them, and each an extension of the one before.
#[tokio::test(flavor = "multi_thread")]
async fn heads_recomputed() {
    let Some(house) = House::new() else { return };
    let store = Arc::new(house.open());
    // More than 256 entries, so that inner nodes are stored and read.
    let mut heads = BTreeMap::new();
    for _ in 0..2 {
        heads.extend(submitted(&store).await.iter().map(|done| (done.batch.size, done.batch.root)));
    }
    let mut leaves = Vec::new();
    while let page = store.entries_from(leaves.len().try_into().unwrap(), 200).await.unwrap()
        && !page.is_empty()
    {
        leaves.extend(page.iter().map(|found| leaf_hash(&found.entry.to_leaf().unwrap())));
    }
    assert!(leaves.len() > 256, "{}", leaves.len());
    let mut before: (u64, ledger::Hash) = (0, ledger::empty_root());
    for (size, root) in heads {
        let whole = leaves[..usize::try_from(size).unwrap()].to_vec();
        assert_eq!(Growth::new(Frontier::empty(), whole).after().root(), root, "the head of size {size}");
        let proof = store.consistency(before.0, size).await.unwrap();
        assert_eq!(verify_consistency(before.0, &before.1, size, &root, &proof), Ok(()));
        before = (size, root);
    }
}

/// Whatever happens to a referral, outside and inside agree: states, history, conservation.
#[tokio::test(flavor = "multi_thread")]
async fn whole_lives_verify() {
    let Some(house) = House::new() else { return };
    let store = Arc::new(house.open());
    for _ in 0..8 {
        let mut asked = ask(&store, "cpi");
        asked.order.facts = vec![fact(&store, &asked, "F")];
        let (referral, case) = (asked.referral, asked.case);
        live(&store, asked).await;
        let held = store.referral(referral).await.unwrap().unwrap();
        assert!(held.closed(), "{held:?}");
        assert_eq!(store.history(referral).await.unwrap().len(), 7);
        assert_eq!(store.case_history(case).await.unwrap().len(), 8, "and the request itself");
        assert_eq!(store.referrals_of_case(case).await.unwrap(), [held]);
    }
    for (agency, counts) in store.conservation().await.unwrap() {
        assert!(counts.holds(), "{agency}: {counts:?}");
        match agency.as_str() {
            "cpi" => assert_eq!((counts.created, counts.delivered, counts.in_flight), (8, 8, 0)),
            "ictp" => assert_eq!((counts.created, counts.delivered, counts.in_flight), (24, 0, 24)),
            other => panic!("{other}"),
        }
    }
    check_sound(house.place(), &store.key().vkey());
}

/// All four lanes are served, and none is lost at closing.
#[tokio::test(flavor = "multi_thread")]
async fn lanes_and_closing() {
    let Some(house) = House::new() else { return };
    let store = Arc::new(house.open());
    let lanes = [Lane::Reads, Lane::Intake, Lane::Outcomes, Lane::Emergency];
    let orders = lanes.iter().cycle().take(40).map(|lane| {
        let mut order = ask(&store, "cpi").order;
        order.lane = *lane;
        order
    });
    let calls: Vec<_> = orders
        .map(|order| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.commit(order).await })
        })
        .collect();
    let mut committed = 0;
    for call in calls {
        committed += u64::from(matches!(call.await.unwrap(), Ok(Committed::Done(_))));
    }
    store.close();
    assert_eq!(committed, 40);
    let late = store.commit(ask(&store, "cpi").order).await;
    assert!(matches!(late, Err(store::StoreError::Closed)), "{late:?}");
    assert_eq!(check_sound(house.place(), &store.key().vkey()).entries, 80);
}

/// A line that is full says so at once; what stands in it is still committed.
#[tokio::test]
async fn a_full_line_refuses() {
    let Some(house) = House::new() else { return };
    let store = Arc::new(house.open());
    // Another process holds the database, so nothing moves while the line fills.
    let Some(()) = house.sql("SELECT 1").map(|_| ()) else { return };
    let first = ask(&store, "cpi");
    done(&store, first.order.clone()).await;
    let orders = (0..3_000).map(|_| {
        let read = casework::ReadEntry {
            reduced: [].into(),
            what: super::world::code("audit"),
            subject: None,
            agency: super::world::agency("ncrc"),
            categories: [].into(),
            glass: None,
        };
        store::Order::plain(super::world::command(casework::Action::Read(read)), Lane::Reads)
    });
    let answers = together(&store, orders.collect()).await;
    let full = answers.iter().filter(|answer| matches!(answer, Err(store::StoreError::Full))).count();
    let taken = answers.iter().filter(|answer| matches!(answer, Ok(Committed::Done(_)))).count();
    assert_eq!(full + taken, 3_000);
    let report = check_sound(house.place(), &store.key().vkey());
    assert_eq!(usize::try_from(report.entries).unwrap(), 2 + taken);
    println!("{taken} taken, {full} told to come back");
}
