//! Dead letters as somebody's work: seen by names and categories only, sent again one by one or all that fit,
//! each attempt with the schema and the mapping it went through; and every reason says who mends it.

use std::collections::BTreeSet;
use std::path::Path;

use casework::{DeliveryId, DeliveryStatus, Event, MessageKind, ReadEntry};
use hub::{HandedOver, ReplayAsked};
use policies::Policies;
use schemas::Directory;

use super::world::{World, key, system};
use crate::journeys::messages::{CANARIES, canary_child};
use crate::store::server::Fresh;

fn worlds() -> Vec<World> {
    let on = |fresh| World::on(fresh, Policies::embedded().unwrap(), 0);
    std::iter::once(None).chain(Fresh::make().map(Some)).map(on).collect()
}

/// A request to CPI, which is not connected here: it rests with ICT Police.
async fn resting(world: &World, number: &str) -> DeliveryId {
    let body = canary_child(&[("cpi", "SVC-SHELTER")]).to_string().into_bytes();
    let sent = world.hub.submit_referral(&system("ictp"), &body, &key(number)).await.unwrap();
    let id = world.hub.store.deliveries_of(sent.referrals[0].id).await.unwrap()[0].id;
    assert_eq!(world.hub.hand_over(id, None).await.unwrap(), HandedOver::Rested);
    id
}

#[tokio::test]
async fn users_ask_31_a_preview_is_an_entry_before_its_first_byte() {
    for world in worlds() {
        let id = resting(&world, "one").await;
        for (by, sees) in [("ictp", true), ("cpi", false)] {
            let size = world.hub.store.checkpoint().await.unwrap().unwrap().0;
            let seen = world.hub.show_dead_letter(&system(by), id).await;
            assert_eq!(seen.is_ok(), sees, "{by}");
            let entered = world.hub.store.entries_from(size, 10).await.unwrap().remove(0).entry.event;
            let Event::Read(ReadEntry { what, subject, categories, .. }) = entered else { panic!("no look") };
            assert_eq!((what.as_str(), subject, categories.len()), ("dead-letter", Some(id.to_string()), 0));
        }
    }
}

#[tokio::test]
async fn a_preview_shows_names_and_no_value() {
    for world in worlds() {
        let id = resting(&world, "one").await;
        let seen = world.hub.show_dead_letter(&system("ictp"), id).await.unwrap();
        let shown = serde_json::to_string(&seen).unwrap();
        for (_, canary) in CANARIES {
            assert!(!shown.contains(canary), "{canary} is shown: {shown}");
        }
        let members: Vec<&str> = seen.preview.iter().map(|member| member.member.as_str()).collect();
        assert!(members.contains(&"/child/name/full") && members.contains(&"/priority"), "{members:?}");
        let number = |member: &&str| member.split('/').skip(1).any(|part| part.parse::<u32>().is_ok());
        assert!(members.contains(&"/evidence/*/sha256") && !members.iter().any(number), "{members:?}");
        let mend = seen.mend.unwrap();
        assert_eq!((mend.code.as_str(), mend.mends.as_str()), ("no-adapter", "operator"));
        assert_eq!(seen.letter.schema.as_deref(), Some("referral.request/v1"));
        let attempt = seen.tried[0].mapped.clone().unwrap();
        assert_eq!((attempt.schema, Some(attempt.mapping)), (1, seen.letter.mapping));
    }
}

#[tokio::test]
async fn users_ask_25_replay_and_retry_keep_the_message_id_and_a_duplicate_gets_the_first_answer() {
    for world in worlds() {
        let mut ids = BTreeSet::new();
        for number in ["one", "two", "three"] {
            ids.insert(resting(&world, number).await);
        }
        let (ictp, asked) = (system("ictp"), |text: &str| serde_json::from_str::<ReplayAsked>(text).unwrap());
        let none = asked(r#"{"to":"laja"}"#);
        assert!(world.hub.replay_many(&ictp, &none, &key("a")).await.unwrap().replayed.is_empty());
        let foreign =
            world.hub.replay_many(&system("cpi"), &ReplayAsked::default(), &key("b")).await.unwrap();
        assert!(foreign.replayed.is_empty() && foreign.refused.is_empty(), "another agency's are not there");

        let fit = asked(r#"{"to":"cpi","reason":"no-adapter","message":"referral.request","limit":2}"#);
        let first = world.hub.replay_many(&ictp, &fit, &key("c")).await.unwrap();
        assert_eq!((first.replayed.len(), first.refused.len(), first.more), (2, 0, true));
        let rest = world.hub.replay_many(&ictp, &fit, &key("d")).await.unwrap();
        assert_eq!((rest.replayed.len(), rest.more), (1, false));
        let again: BTreeSet<_> = first.replayed.iter().chain(&rest.replayed).map(|one| one.id).collect();
        assert_eq!(again, ids, "the same message ids");
        for one in &first.replayed {
            assert_eq!((one.status, one.schema.as_deref()), ("queued", Some("referral.request/v1")));
            assert!(one.mapping.as_ref().is_some_and(|mapping| mapping.len() == 16), "{one:?}");
            assert_eq!(world.hub.hand_over(one.id, None).await.unwrap(), HandedOver::Rested);
            let held = world.hub.store.delivery(one.id).await.unwrap().unwrap();
            assert_eq!((held.status, held.attempts), (DeliveryStatus::Undeliverable, 2), "the next attempt");
        }
        // The same request again: nothing is sent twice, though the letters rest anew.
        let repeated = world.hub.replay_many(&ictp, &fit, &key("c")).await.unwrap();
        assert!(repeated.replayed.iter().all(|one| one.status == "undeliverable"), "{repeated:?}");
        assert_eq!(MessageKind::Request.schema_name(), "referral.request");
    }
}

/// Whoever adds a reason adds its row: who mends it, and where that is described.
#[test]
fn users_ask_15_every_dead_letter_reason_has_a_runbook_and_one_replay_verb() {
    let directory = Directory::embedded().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for reason in directory.delivery_reasons() {
        assert!(root.join(&reason.runbook).is_file(), "{reason:?}");
        assert!(
            ["sender", "receiver", "integrator", "operator"].contains(&reason.mends.as_str()),
            "{reason:?}"
        );
        assert!(!reason.label.is_empty() && !reason.label_ur.is_empty(), "{reason:?}");
    }
    let (mut found, mut folders) =
        (BTreeSet::new(), vec![root.join("adapters/src"), root.join("services/hub/src")]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            // What a mapping may not say is no outcome.
            if entry.ends_with("mapping") {
                continue;
            }
            if entry.is_dir() {
                folders.push(entry);
            } else {
                found.extend(slugs(&std::fs::read_to_string(entry).unwrap()));
            }
        }
    }
    assert!(found.len() > 20, "{found:?}");
    for slug in found {
        // A form such as `refused-{}` is no code.
        let Ok(code) = slug.parse() else { continue };
        let known = directory.delivery_reason(&code);
        assert!(known.is_some(), "`{slug}` needs its row in schemas/codelists/delivery_reasons.csv");
    }
    assert_eq!(directory.delivery_reason(&"refused-422".parse().unwrap()).unwrap().code, "refused");
}

/// Literals given to whatever makes an outcome's class.
fn slugs(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for call in ["later(\"", "unknown(\"", "broken(\"", "refused(\"", "class: code(\"", "Some(code(\""] {
        for rest in text.split(call).skip(1) {
            found.extend(rest.split('"').next().map(str::to_owned));
        }
    }
    found
}
