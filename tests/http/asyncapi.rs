//! The AsyncAPI document: its references resolve, its examples are valid under its schemas, and so is every
//! event that a hub really tells. What an integrator reads is kept as a snapshot.

use std::collections::BTreeSet;

use amaan_http::asyncapi;
use casework::{Action, Command, DeliveryStep, MessageKind, Notice, Noticed, Role, Via};
use hub::{EVENT_TYPES, Key};
use serde_json::Value;
use store::{Lane, Order};

use super::stream::{listed, refer};
use super::world::World;
use crate::hub::world::system;
use crate::journeys::messages::step;
use crate::store::world::{claim, outcome};

fn document() -> Value {
    asyncapi::document("https://hub.example")
}

/// What is wrong with an event, by the schema of its type.
fn faults(document: &Value, event: &Value) -> Vec<String> {
    let kind = event["type"].as_str().unwrap();
    let schema = &document["components"]["messages"][kind]["payload"];
    assert!(schema.is_object(), "{kind} is not described");
    let validator = jsonschema::draft7::new(schema).unwrap();
    validator.iter_errors(event).map(|error| format!("{kind}: {error}")).collect()
}

#[test]
fn its_examples_are_valid_under_its_schemas() {
    let document = document();
    let messages = document["components"]["messages"].as_object().unwrap();
    assert_eq!(messages.len(), EVENT_TYPES.len() + 1);
    for (name, message) in messages {
        let example = &message["examples"][0]["payload"];
        assert_eq!(&example["type"], name.as_str());
        assert_eq!(faults(&document, example), [] as [String; 0]);
        let mut strange = example.clone();
        strange["data"]["child"] = "Test Child 7".into();
        assert_ne!(faults(&document, &strange), [] as [String; 0], "closed");
    }
}

#[test]
fn its_references_resolve_and_it_reads_well() {
    let document = document();
    let mut found = Vec::new();
    collect(&document, &mut found);
    assert!(found.len() > 10);
    for reference in found {
        assert!(document.pointer(reference.strip_prefix('#').unwrap()).is_some(), "{reference}");
    }
    insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("asyncapi", serde_json::to_string_pretty(&document).unwrap());
    });
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(ToOwned::to_owned));
            members.values().for_each(|member| collect(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

/// Somebody is told of a look.
fn notice(world: &World, told: Noticed) -> Order {
    let (actor, via, action) = (world.hub.itself, Via::Hub, Action::Notice(vec![told]));
    Order::plain(Command { actor, via, permit: None, commitment: None, action }, Lane::Outcomes)
}

/// Each type, told by a hub.
#[tokio::test]
async fn what_is_told_is_what_is_described() {
    let world = World::start().await;
    refer(&world, "one").await;
    let store = &world.hub.store;
    let event: Value = serde_json::from_str(&listed(&world, "cpi-system", "").await[0]).unwrap();
    let (referral, delivery) = (event["subject"].as_str().unwrap(), &event["data"]["delivery"]["id"]);
    let (referral, delivery) = (referral.parse().unwrap(), delivery.as_str().unwrap().parse().unwrap());
    store.commit(claim(delivery)).await.unwrap();
    store.commit(outcome(delivery, 1, DeliveryStep::Undeliverable)).await.unwrap();
    let body = step("reject").to_string().into_bytes();
    let key = Key::new("two").unwrap();
    world
        .hub
        .answer_referral(&system("cpi"), referral, MessageKind::Reject, &body, &key, None)
        .await
        .unwrap();
    let body = step("close").to_string().into_bytes();
    let key = Key::new("three").unwrap();
    world
        .hub
        .answer_referral(&system("ictp"), referral, MessageKind::Close, &body, &key, None)
        .await
        .unwrap();
    // The dead letter's clock: nobody settles it for three weeks.
    store.advance_clock(21 * 86_400_000_000).unwrap();
    assert!(world.hub.escalate_overdue().await.unwrap() > 0);
    let told = Noticed {
        what: Notice::IdentityChecked,
        case: "cs_00000000000070008000000000000000".parse().unwrap(),
        whom: "cpi".parse().unwrap(),
        role: Role::Supervisor,
        by: "ictp".parse().unwrap(),
        by_role: "system".parse().unwrap(),
        about: "ic_00000000000070008000000000000000".to_owned(),
    };
    store.commit(notice(&world, told)).await.unwrap();
    let served = world.get("/asyncapi.json").send().await.body;
    let mut kinds = BTreeSet::new();
    for event in listed(&world, "cpi-system", "").await {
        let event: Value = serde_json::from_str(&event).unwrap();
        assert_eq!(faults(&served, &event), [] as [String; 0], "{event}");
        kinds.insert(event["type"].as_str().unwrap().to_owned());
    }
    let described: BTreeSet<String> = EVENT_TYPES.iter().map(|kind| kind.name.to_owned()).collect();
    assert_eq!(kinds, described);
}
