//! Receipts as a sender keeps them, checked by `verify.py`, which shares no code with us, and against the
//! body that lies sealed in the store.

use base64::{Engine, engine::general_purpose::STANDARD};
use seal::{Place, verify_commitment};
use serde_json::json;

use super::world::{HUB, House, ask, done, python};

#[tokio::test]
async fn an_independent_verifier_believes_them() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let mut kept = Vec::new();
    for _ in 0..5 {
        let asked = ask(&store, "cpi");
        let receipt = done(&store, asked.order.clone()).await.proof().unwrap();
        kept.push((asked, receipt));
    }
    let file = house.dir().join("receipt.json");
    for (asked, receipt) in &kept {
        let text = json!({
            "entry": receipt.entry,
            "tlog_proof": receipt.tlog_proof,
            "opening": hex::encode(asked.opening),
            "message_b64": STANDARD.encode(&asked.message),
        });
        std::fs::write(&file, text.to_string()).unwrap();
        let vkey = store.key().vkey();
        let arguments = ["proof", "--vkey", &vkey, file.to_str().unwrap()];
        let Some(said) = python(include_str!("../ledger/verify.py"), &arguments) else { return };
        assert!(said.contains(&format!("inclusion: entry {} of ", receipt.index)), "{said}");
        assert!(said.contains("the entry was made for exactly this message"), "{said}");
    }
}

/// The hub can prove the same from its own copy while the key lives.
#[tokio::test]
async fn the_sealed_body_is_what_was_committed_to() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let asked = ask(&store, "cpi");
    let entry = done(&store, asked.order.clone()).await.entries.remove(0);
    let body = store.body(asked.object).await.unwrap().unwrap();
    assert_eq!(store.keys_of(asked.case).await.unwrap(), [body.key]);
    let place = Place { hub: HUB, case: body.case, object: asked.object, schema: &body.schema };
    let plain = store.keys().get(body.key).await.unwrap().open(&place, &body.sealed).unwrap();
    let (opening, message) = plain.expose().split_first_chunk::<32>().unwrap();
    assert_eq!(message, asked.message);
    let committed = hex::decode(entry.commitment.unwrap()).unwrap();
    assert!(verify_commitment(opening, message, &committed.try_into().unwrap()));
}

/// Places that do not exist are absent, not errors: whoever asks may have guessed.
#[tokio::test]
async fn there_is_no_proof_of_nothing() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    assert_eq!(store.checkpoint().await.unwrap(), None, "an empty ledger has no checkpoint");
    done(&store, ask(&store, "cpi").order).await;
    done(&store, ask(&store, "cpi").order).await;
    for (index, size) in [(0, 1), (0, 3), (4, 4), (9, 4), (0, 0), (u64::MAX, 4), (0, u64::MAX), (5, u64::MAX)]
    {
        assert_eq!(store.proof(index, size).await.unwrap(), None, "entry {index} in {size}");
    }
    for (index, size) in [(0, 2), (1, 2), (0, 4), (3, 4)] {
        assert!(store.proof(index, size).await.unwrap().is_some(), "entry {index} in {size}");
    }
    let (size, note) = store.checkpoint().await.unwrap().unwrap();
    assert_eq!(size, 4);
    assert_eq!(note, std::fs::read_to_string(latest_after_close(&house, store)).unwrap());
}

fn latest_after_close(house: &House, store: store::Store) -> std::path::PathBuf {
    drop(store);
    house.dir().join("checkpoint.latest")
}
