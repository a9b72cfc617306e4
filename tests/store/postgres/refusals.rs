//! What a store on PostgreSQL is not opened on.

use casework::Sensitive;
use store::{Databases, Place, StoreError, VerifyOptions, verify};

use super::world::{House, ask, done};

fn check(main: &str, keys: &str, word: &str) {
    let folder = tempfile::tempdir().unwrap();
    let url = |url: &str| Sensitive::new(url.to_owned());
    let databases = Databases { main: url(main), keys: url(keys), tls: None };
    let place = Place::Postgres { dir: folder.path().to_owned(), databases };
    let refused = verify(&VerifyOptions { place, trusted: Vec::new(), vkey: None }).map(|_| ());
    let Err(error) = &refused else { panic!("{refused:?}") };
    let said = error.to_string();
    assert!(said.contains(word), "{said}");
    assert!(!said.contains("secret") && !said.contains("example"), "a part of the URL: {said}");
}

#[test]
fn places_that_are_not_opened() {
    let far = "postgresql://amaan:secret@db.example:5432";
    check(&format!("{far}/main"), &format!("{far}/keys"), "needs TLS");
    check(&format!("{far}/main"), &format!("{far}/main"), "must be another one");
    check("secret", "secret", "is not `postgresql://");
    let near = "postgresql://amaan:secret@127.0.0.1:1";
    check(&format!("{near}/main"), &format!("{near}/keys"), "does not answer");
}

/// Whatever the database's default, a session that writes waits for the disk.
#[tokio::test]
async fn a_lazy_commit_is_forced_to_wait() {
    let Some(house) = House::new() else { return };
    house.sql(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', \
        current_database()); END $$",
    );
    let store = house.open();
    done(&store, ask(&store, "cpi").order).await;
    assert!(!matches!(store.checkpoint().await, Err(StoreError::Open(_))));
}
