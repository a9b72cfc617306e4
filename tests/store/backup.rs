//! Copies of a store: taken beside a hub that writes, checked, brought back into an empty place only. With a
//! copy of the main database and today's keys nothing that was erased is read.

use std::path::PathBuf;

use casework::{
    Action, AskApproval, CaseId, Change, Command, ErasureTurn, KeyId, MoveErasure, Person, Role, SetPerson,
    SettleApproval, Settlement, Standing, Told, Via,
};
use seal::Place as Sealed;
use store::{Committed, Copied, Lane, Order, StoreError, contains, copy, newest_head, restore};

use super::world::{Asked, HUB, House, agency, ask, check_sound, code, done, id};

fn ca() -> Option<PathBuf> {
    std::env::var_os("AMAAN_CA_FILE").map(PathBuf::from)
}

fn copied(house: &House, which: Copied) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(house.place(), which, folder.path(), ca().as_deref()).unwrap();
    folder
}

/// Brought back into another place.
fn brought(house: &House, main: &tempfile::TempDir, keys: &tempfile::TempDir) -> House {
    let other = House::new().unwrap();
    restore(other.place(), Copied::Main, main.path(), ca().as_deref()).unwrap();
    restore(other.place(), Copied::Keys, keys.path(), ca().as_deref()).unwrap();
    drop(house.try_open(other.place()).unwrap());
    other
}

async fn reads(house: &House, at: &House, asked: &Asked) -> bool {
    let store = house.try_open(at.place()).unwrap();
    let body = store.body(asked.object).await.unwrap().unwrap();
    let key: KeyId = body.key;
    match store.keys().get(key).await {
        Ok(key) => {
            let place = Sealed { hub: HUB, case: asked.case, object: asked.object, schema: &body.schema };
            key.open(&place, &body.sealed).unwrap().expose().ends_with(&asked.message)
        }
        Err(StoreError::KeyLost) => false,
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_copy_is_the_store_as_it_was() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let asked = ask(&store, "cpi");
    done(&store, asked.order.clone()).await;
    let head = newest_head(house.place()).unwrap();
    let (main, keys) = (copied(&house, Copied::Main), copied(&house, Copied::Keys));
    done(&store, ask(&store, "cpi").order.clone()).await;
    let vkey = store.key().vkey();
    drop(store);
    let other = brought(&house, &main, &keys);
    assert_eq!(newest_head(other.place()).unwrap(), head);
    check_sound(other.place(), &vkey);
    assert!(reads(&house, &other, &asked).await);
    // The copy is the beginning of what is there now, and not the other way round.
    let now = newest_head(house.place()).unwrap();
    assert!(contains(house.place(), &head).unwrap() && contains(house.place(), &now).unwrap());
    assert!(!contains(other.place(), &now).unwrap());
    let forged = store::CopyHead { root: "00".repeat(32), ..head };
    assert!(!contains(house.place(), &forged).unwrap());
}

#[tokio::test]
async fn nothing_is_ever_written_over() {
    let Some(house) = House::new() else { return };
    drop(house.open());
    for which in [Copied::Main, Copied::Keys] {
        let folder = copied(&house, which);
        let again = copy(house.place(), which, folder.path(), ca().as_deref()).unwrap_err().to_string();
        assert!(again.contains("holds a copy already"), "{again}");
        let full = restore(house.place(), which, folder.path(), ca().as_deref()).unwrap_err().to_string();
        assert!(full.contains("nothing is restored over"), "{full}");
        let bare = tempfile::tempdir().unwrap();
        let other = House::new().unwrap();
        let none = restore(other.place(), which, bare.path(), ca().as_deref()).unwrap_err().to_string();
        assert!(none.contains("engine needs it"), "{none}");
    }
}

#[tokio::test]
async fn an_old_main_database_with_todays_keys_reads_nothing_erased() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let (erased, kept) = (ask(&store, "cpi"), ask(&store, "cpi"));
    for asked in [&erased, &kept] {
        done(&store, asked.order.clone()).await;
    }
    let (main, old_keys) = (copied(&house, Copied::Main), copied(&house, Copied::Keys));
    store.keys().destroy(vec![erased.key.id()]).await.unwrap();
    drop(store);
    let keys = copied(&house, Copied::Keys);
    let other = brought(&house, &main, &keys);
    assert!(!reads(&house, &other, &erased).await);
    assert!(reads(&house, &other, &kept).await);
    // Why copies of the keys have a short life.
    let other = brought(&house, &main, &old_keys);
    assert!(reads(&house, &other, &erased).await);
    assert_eq!(store::destroy_erased(other.place()).unwrap(), 0, "nobody told this ledger of an erasure");
}

/// Erased by order, as the ledger says: an old copy of the keys does not bring it back.
#[tokio::test]
async fn old_keys_with_todays_ledger_are_destroyed_again() {
    let Some(house) = House::new() else { return };
    let store = house.open();
    let (erased, kept) = (ask(&store, "cpi"), ask(&store, "cpi"));
    for asked in [&erased, &kept] {
        done(&store, asked.order.clone()).await;
    }
    let old_keys = copied(&house, Copied::Keys);
    let none = House::new().unwrap();
    assert_eq!(store::destroy_erased(none.place()).unwrap(), 0, "nothing to compare yet");
    order_erasure(&store, erased.case).await;
    store.keys().destroy(vec![erased.key.id()]).await.unwrap();
    let turn = ErasureTurn::Erased { keys: 1, shown: Vec::new() };
    act(&store, Action::MoveErasure(MoveErasure { case: erased.case, turn })).await;
    drop(store);
    assert_eq!(store::destroy_erased(house.place()).unwrap(), 0);
    let other = brought(&house, &copied(&house, Copied::Main), &old_keys);
    assert!(reads(&house, &other, &erased).await, "or this test shows nothing");
    assert_eq!(store::destroy_erased(other.place()).unwrap(), 1);
    assert!(!reads(&house, &other, &erased).await);
    assert!(reads(&house, &other, &kept).await);
    assert_eq!(store::destroy_erased(other.place()).unwrap(), 0, "repeating it is harmless");
}

async fn act(store: &store::Store, action: Action) {
    let (actor, via) = (id("ps"), Via::Hub);
    let command = Command { actor, via, permit: None, commitment: None, action };
    let done = store.commit(Order::plain(command, Lane::Outcomes)).await.unwrap();
    assert!(matches!(done, Committed::Done(_)), "{done:?}");
}

/// Two people of ICT Police.
async fn order_erasure(store: &store::Store, case: CaseId) {
    let (officer, person, approval) = (id("ps"), id("ps"), id("ap"));
    let agency = agency("ictp");
    let supervisor =
        Person { id: person, agency: agency.clone(), roles: [Role::Supervisor].into(), active: true };
    act(store, Action::SetPerson(SetPerson { person: supervisor, by: agency.clone() })).await;
    let change = Change::EraseCase { case, basis: code("child-asked") };
    let asked = AskApproval { id: approval, change: change.clone(), agency: agency.clone() };
    let by = |actor, action| Command { actor, via: Via::Web, permit: None, commitment: None, action };
    let told = Told { delivery: id("dl"), object: id("ob") };
    let settle = SettleApproval {
        id: approval,
        change,
        agency,
        person,
        settlement: Settlement::Approve,
        standing: Standing { told, carried: None },
    };
    for command in [by(officer, Action::AskApproval(asked)), by(person, Action::SettleApproval(settle))] {
        let done = store.commit(Order::plain(command, Lane::Outcomes)).await.unwrap();
        assert!(matches!(done, Committed::Done(_)), "{done:?}");
    }
}

/// What was destroyed is in no file of an embedded key database any more.
#[tokio::test]
async fn a_destroyed_key_is_in_no_file() {
    let Some(house) = House::new() else { return };
    if super::ENGINE.is_shared() {
        return;
    }
    let store = house.open();
    let asked = ask(&store, "cpi");
    done(&store, asked.order.clone()).await;
    let id = asked.key.id();
    let wrapped = house.keys_sql(&format!("SELECT hex(wrapped) AS w FROM slots WHERE key_id = '{id}'"));
    let Some(wrapped) = wrapped else { return };
    let rows: serde_json::Value = serde_json::from_str(&wrapped).unwrap();
    let text = rows[0].as_array().map_or_else(|| rows[0]["w"].clone(), |row| row[0].clone());
    let wrapped = hex::decode(text.as_str().unwrap()).unwrap();
    let holds = || {
        let files = std::fs::read_dir(house.dir()).unwrap().map(|file| file.unwrap().path());
        let keys = files.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("keys.db"));
        keys.map(|path| std::fs::read(path).unwrap())
            .any(|bytes| bytes.windows(wrapped.len()).any(|part| part == wrapped))
    };
    assert!(holds(), "or this test looks in the wrong place");
    assert_eq!(store.keys().destroy(vec![id]).await.unwrap(), 1);
    assert!(!holds());
    assert_eq!(store.keys().destroy(vec![id]).await.unwrap(), 0, "repeating it is harmless");
}
