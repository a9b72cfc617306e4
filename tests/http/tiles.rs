//! The ledger's tiles over HTTP: who gets which, how long each may be kept, and what leaves a trace.

use std::fmt::Write;

use casework::Event;

use super::world::{Registered, World};

fn clients() -> Vec<Registered> {
    let of = |(name, agency, role): (&str, &str, &str)| (name.to_owned(), agency.to_owned(), role.to_owned());
    [("agency", "cpi", "system"), ("overseer", "ncrc", "analyst"), ("officer", "cpi", "privacy-officer")]
        .map(of)
        .to_vec()
}

/// What a client gets: answer, and how long it may be kept.
#[track_caller]
fn line(answer: &super::world::Answer) -> String {
    format!("{} {} ({})", answer.line(), answer.header("content-type"), answer.header("cache-control"))
}

#[tokio::test]
async fn who_gets_which_and_keeps_it_how_long() {
    let world = World::called_by(&clients()).await;
    // A first entry: somebody's refusal.
    world.get("/tile/entries/000.p/1").calling_as("agency").send().await;
    let mut told = String::new();
    for path in [
        "/checkpoint",
        "/tile/0/000.p/1",
        "/tile/0/000",
        "/tile/1/000.p/1",
        "/tile/00/000.p/1",
        "/tile/0/x000/000",
        "/tile/64/000",
        "/tile/entries/000.p/1",
        "/tile/entries/x001/000",
        "/tile/entries/nothing",
    ] {
        for (client, ..) in clients() {
            let answer = world.get(path).calling_as(&client).send().await;
            writeln!(told, "{path} {client}: {}", line(&answer)).unwrap();
        }
    }
    let stranger = world.get("/tile/0/000.p/1").send().await;
    writeln!(told, "/tile/0/000.p/1 nobody: {}", line(&stranger)).unwrap();
    let post = world.post("/tile/0/000", "{}").calling_as("agency").send().await;
    writeln!(told, "POST /tile/0/000: {} ({})", post.line(), post.header("allow")).unwrap();
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("tiles", told);
    });
}

#[tokio::test]
async fn a_look_at_a_bundle_is_an_entry_first_and_a_tile_is_not() {
    let world = World::called_by(&clients()).await;
    world.get("/tile/entries/000.p/1").calling_as("overseer").send().await;
    let size = world.entries().await;
    let tile = world.get("/tile/0/000.p/1").calling_as("agency").send().await;
    assert_eq!((tile.response.body.len(), world.entries().await), (32, size));

    let bundle = world.get("/tile/entries/000.p/1").calling_as("overseer").send().await;
    assert_eq!(ledger::leaf_hash(&bundle.response.body[2..]).as_slice(), tile.response.body.as_slice());
    let found = world.hub.store.entries_from(size, 5).await.unwrap();
    let looks: Vec<(String, Option<String>)> = found
        .iter()
        .filter_map(|one| match &one.entry.event {
            Event::Read(read) => Some((read.what.to_string(), read.subject.clone())),
            _ => None,
        })
        .collect();
    assert_eq!(looks, [("audit".to_owned(), Some("tile/entries/000.p/1".to_owned()))]);
}
