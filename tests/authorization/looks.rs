//! Every address that only reads x every role of every agency: what shows something of a child has its entry
//! before the answer, so has every question of an overseer, and so has each of the first refusals of a known
//! caller. Which address leaves what is a snapshot to be read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use casework::Event;

use super::objects::{clients, endpoints};
use super::placed::{Placed, kind_of};
use crate::http::world::{Answer, World};

/// Refusals of a client that are entered one by one, in a minute.
const SINGLY_MAX: usize = 10;
/// Words of the placed children's messages.
const PLANTED: &[&str] = &["Test Child", "Test Officer"];
/// Addresses of overseers: every question is an entry, though nothing of a child is shown.
const OVERSIGHT: &[&str] = &["/v1/audit/entries", "/v1/indicators/{id}", "/tile/entries/{place}"];
/// Posts that write nothing.
const POSTS: &[&str] = &["/v1/referrals/preview", "/v1/validate"];
/// Addresses that show the caller's own message only, which it has just sent.
const OWN_MESSAGE: &[&str] = &["/v1/referrals/preview"];

/// Addresses whose refusal is the verdict that was asked for.
const VERDICTS: &[&str] = &["/v1/validate"];

/// What was entered since, in words: `read referral`, `shown`, `refused`.
async fn entered(world: &World, since: u64) -> BTreeSet<String> {
    let found = world.hub.store.entries_from(since, 20).await.unwrap();
    let word = |event: &Event| match event {
        Event::Read(read) => Some(format!("read {}", read.what)),
        Event::Delivery(step) if !step.shown.is_empty() => Some("shown".to_owned()),
        Event::Refused(_) => Some("refused".to_owned()),
        _ => None,
    };
    found.iter().filter_map(|one| word(&one.entry.event)).collect()
}

fn is_look(words: &BTreeSet<String>) -> bool {
    words.iter().any(|word| word.starts_with("read ") || word == "shown")
}

/// What one answer must have left.
fn judge(path: &str, who: &str, answer: &Answer, left: &BTreeSet<String>, refusals: &mut usize) {
    let text = answer.text();
    if answer.response.status < 400 {
        let shows = PLANTED.iter().any(|word| text.contains(word)) && !OWN_MESSAGE.contains(&path);
        assert!(!shows || is_look(left), "{path} shows {who} something of a child without an entry");
        assert!(!OVERSIGHT.contains(&path) || is_look(left), "{path} answers {who} without an entry");
        return;
    }
    assert!(PLANTED.iter().all(|word| !text.contains(word)), "{path} refuses {who} with a child's data");
    if VERDICTS.contains(&path) {
        return;
    }
    *refusals += 1;
    let counted = *refusals > SINGLY_MAX;
    assert!(counted || !left.is_empty(), "{path} refuses {who} without an entry: {}", answer.line());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_look_and_no_refusal_without_a_trace() {
    let world = World::called_by(&clients()).await;
    let placed = Placed::make(&world).await;
    let (mut table, mut refusals) = (String::new(), BTreeMap::new());
    let reading = |post: bool, path: &str| !post || POSTS.contains(&path);
    for endpoint in endpoints(&world).await.into_iter().filter(|one| reading(one.post, &one.path)) {
        let mut leaves: BTreeSet<String> = BTreeSet::new();
        for (name, ..) in clients() {
            let kind = kind_of(&endpoint.path);
            let id = kind.map_or("referrals".to_owned(), |kind| placed.id(&kind).to_owned());
            let before = world.entries().await;
            let answer = endpoint.call(&world, &name, &id).await;
            let left = entered(&world, before).await;
            judge(&endpoint.path, &name, &answer, &left, refusals.entry(name.clone()).or_default());
            if answer.response.status < 400 {
                let words: Vec<String> = left.into_iter().collect();
                leaves.insert(if words.is_empty() { "-".to_owned() } else { words.join(", ") });
            }
        }
        let leaves: Vec<String> = leaves.into_iter().collect();
        writeln!(table, "{:40} {}", endpoint.name(), leaves.join("; ")).unwrap();
    }
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("looks", table);
    });
}
