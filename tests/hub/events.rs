//! What events tell, and whom: a closed set of members without a word about the child, and nothing to a
//! receiver of what is held.

use casework::MessageKind;
use hub::EventPage;
use policies::Policies;
use serde_json::{Value, json};

use super::held::request;
use super::world::{World, failing_policies, key, system};
use crate::journeys::messages::{CANARIES, canary_child};

/// Every member an event may have. A new one is looked at here: does it say anything of a child?
const MEMBERS: &[&str] = &[
    "/specversion",
    "/type",
    "/source",
    "/subject",
    "/id",
    "/time",
    "/datacontenttype",
    "/data",
    "/data/request",
    "/data/from",
    "/data/to",
    "/data/step",
    "/data/status",
    "/data/owner",
    "/data/version",
    "/data/delivery",
    "/data/delivery/id",
    "/data/delivery/message",
    "/data/delivery/to",
    "/data/delivery/status",
    "/data/delivery/attempt",
    "/data/delivery/reason",
];

async fn events(world: &World, agency: &str) -> EventPage {
    world.hub.list_events(&system(agency), None, 200).await.unwrap()
}

fn parsed(page: &EventPage) -> Vec<Value> {
    page.events.iter().map(|event| serde_json::from_str(event.body.get()).unwrap()).collect()
}

fn members(at: &str, value: &Value, found: &mut Vec<String>) {
    for (name, value) in value.as_object().into_iter().flatten() {
        let path = format!("{at}/{name}");
        members(&path, value, found);
        found.push(path);
    }
}

#[tokio::test]
async fn no_event_carries_child_data() {
    let world = World::new(Policies::embedded().unwrap());
    let (police, shelter) = (system("ictp"), system("cpi"));
    let body = canary_child(&[("cpi", "SVC-SHELTER")]).to_string().into_bytes();
    let sent = world.hub.submit_referral(&police, &body, &key("one")).await.unwrap();
    let referral = sent.referrals[0].id;
    for (step, body) in [
        (
            MessageKind::Received,
            json!({ "officer": { "name": "Test Officer Canaryofficer", "position": "In charge" } }),
        ),
        (
            MessageKind::Hold,
            json!({
                "reason": "information-requested", "question": "Canaryquestion?", "review_on": "2026-12-01",
            }),
        ),
    ] {
        let mut body = body;
        body["schema"] = json!(format!("{step}/v1"));
        let body = body.to_string().into_bytes();
        world.hub.answer_referral(&shelter, referral, step, &body, &key(step.action()), None).await.unwrap();
    }
    for agency in ["ictp", "cpi"] {
        let page = events(&world, agency).await;
        assert_eq!(page.events.len(), 3, "{agency}");
        let text: String = page.events.iter().map(|event| event.body.get()).collect();
        for (what, canary) in CANARIES {
            assert!(!text.contains(canary), "{what} reached an event: {text}");
        }
        for word in
            ["Canary", &sent.case.id.to_string(), &sent.case.reference, "SVC-", "information-requested"]
        {
            assert!(!text.contains(word), "`{word}` reached an event: {text}");
        }
        for event in parsed(&page) {
            let mut found = Vec::new();
            members("", &event, &mut found);
            let strange: Vec<&String> =
                found.iter().filter(|path| !MEMBERS.contains(&path.as_str())).collect();
            assert!(strange.is_empty(), "{strange:?}");
        }
    }
    assert_eq!(events(&world, "laja").await.events.len(), 0, "no other's");
}

#[tokio::test]
async fn an_event_is_a_cloud_event_of_its_entry() {
    let world = World::new(Policies::embedded().unwrap());
    let body = canary_child(&[("cpi", "SVC-SHELTER")]).to_string().into_bytes();
    let sent = world.hub.submit_referral(&system("ictp"), &body, &key("one")).await.unwrap();
    let event = parsed(&events(&world, "cpi").await).remove(0);
    assert_eq!(event["specversion"], "1.0");
    assert_eq!(event["type"], "amaan.referral.requested.v1");
    assert_eq!(
        (&event["source"], &event["id"]),
        (&json!("urn:amaan:test.example"), &json!("test.example/1"))
    );
    assert_eq!(event["subject"], json!(sent.referrals[0].id));
    let data = &event["data"];
    assert_eq!((&data["from"], &data["to"], &data["owner"]), (&json!("ictp"), &json!("cpi"), &json!("ictp")));
    assert_eq!((&data["step"], &data["status"]), (&json!("referral.request"), &json!("requested")));
    assert_eq!(data["delivery"]["status"], "queued");
}

#[tokio::test]
async fn events_hide_what_is_held() {
    let world = World::new(failing_policies());
    let sent = world.hub.submit_referral(&system("ictp"), &request(), &key("one")).await.unwrap();
    assert_eq!(events(&world, "cpi").await.events.len(), 0);
    assert_eq!(parsed(&events(&world, "ictp").await)[0]["data"]["delivery"]["status"], "held");
    let delivery = world.hub.store.deliveries_of(sent.referrals[0].id).await.unwrap().remove(0);
    let world = world.under(Policies::embedded().unwrap());
    world.hub.replay_dead_letter(&system("ictp"), delivery.id, &key("two")).await.unwrap();
    let seen = parsed(&events(&world, "cpi").await);
    let told: Vec<&Value> = seen.iter().map(|event| &event["data"]["step"]).collect();
    assert_eq!(told, ["replayed"], "it begins with its release");
}
