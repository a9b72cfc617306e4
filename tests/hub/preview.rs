//! A preview is what arrives: generated referrals are previewed, sent, and fetched by each recipient through
//! the same preparation that a push goes through.

use std::collections::BTreeSet;

use hub::{Becomes, NO_WORD, Preview, Previewed};
use policies::Policies;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::world::{World, key, system};

const CASES: u32 = 40;

/// Members of the example with everything that a sender may leave out.
const OPTIONAL: &[&str] = &[
    "/child/name",
    "/child/national_id",
    "/child/refugee_id",
    "/child/address",
    "/child/address/line",
    "/child/phone",
    "/child/nationality",
    "/child/health",
    "/child/photo_reference",
    "/child/languages",
    "/child/age/birth_date",
    "/child/age/years",
    "/caregiver",
    "/siblings",
    "/incident",
    "/incident/occurred_on",
    "/offender",
    "/evidence",
    "/legal",
    "/consent/withheld",
    "/consent/given_by",
    "/narrative",
    "/follow_up_on",
];

#[derive(Debug, Clone)]
struct Sent {
    from: &'static str,
    left_out: BTreeSet<usize>,
    priority: &'static str,
    purpose: &'static str,
    withheld: BTreeSet<&'static str>,
}

fn sent() -> impl Strategy<Value = Sent> {
    let left_out = proptest::collection::btree_set(0..OPTIONAL.len(), 0..6);
    let withheld = proptest::collection::btree_set(
        proptest::sample::select(vec!["name", "address", "age-sex", "id-number", "contact", "routing"]),
        0..3,
    );
    let from = proptest::sample::select(vec!["ictp", "cpi", "laja"]);
    let priority = proptest::sample::select(vec!["emergency", "urgent", "normal"]);
    let purpose = proptest::sample::select(vec!["protection", "justice"]);
    (from, left_out, priority, purpose, withheld).prop_map(|(from, left_out, priority, purpose, withheld)| {
        Sent { from, left_out, priority, purpose, withheld }
    })
}

impl Sent {
    fn message(&self) -> Value {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../schemas/messages/referral.request/examples/valid/everything.json");
        let mut body: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        for member in ["case", "replaces"] {
            body.as_object_mut().unwrap().remove(member);
        }
        body["consent"]["withheld"] = json!(self.withheld);
        for pointer in self.left_out.iter().map(|at| OPTIONAL[*at]) {
            let (object, name) = pointer.rsplit_once('/').unwrap();
            if let Some(object) = body.pointer_mut(object).and_then(Value::as_object_mut) {
                object.remove(name);
            }
        }
        if body["child"]["age"].as_object().unwrap().len() == 1 {
            body["child"]["age"]["years"] = json!(9);
        }
        if self.withheld.is_empty() {
            body["consent"].as_object_mut().unwrap().remove("withheld");
        }
        body["priority"] = json!(self.priority);
        body["purpose"] = json!(self.purpose);
        let all =
            [("ictp", "SVC-POLICE"), ("cpi", "SVC-SHELTER"), ("laja", "SVC-LEGAL"), ("fia-ccw", "SVC-CYBER")];
        let to = all.iter().filter(|(agency, _)| *agency != self.from);
        body["recipients"] =
            to.map(|(agency, service)| json!({ "agency": agency, "service": service })).collect();
        body
    }
}

/// Every word as zeros: the preview does not tell them.
fn without_words(value: &mut Value) {
    match value {
        Value::String(text) if text.starts_with("pn_") => *text = NO_WORD.to_owned(),
        Value::Array(items) => items.iter_mut().for_each(without_words),
        Value::Object(members) => members.values_mut().for_each(without_words),
        _ => {}
    }
}

fn leaves(value: &Value) -> usize {
    match value {
        Value::Object(members) => members.values().map(leaves).sum(),
        Value::Array(items) if items.iter().any(Value::is_object) => items.iter().map(leaves).sum(),
        _ => 1,
    }
}

/// What is said of each field is true of the message.
fn told_truly(original: &Value, previewed: &Previewed) {
    let kept = previewed.fields.iter().filter(|field| field.becomes != Becomes::Removed);
    assert_eq!(kept.count(), leaves(previewed.message.json()));
    assert_eq!(previewed.fields.len(), leaves(original));
    let in_list = |pointer: &str| pointer.split('/').any(|part| part.parse::<usize>().is_ok());
    for field in previewed.fields.iter().filter(|field| !in_list(&field.pointer)) {
        let (sent, at) = (original.pointer(&field.pointer), field.at.as_deref().unwrap_or(&field.pointer));
        let shown = previewed.message.json().pointer(at);
        match field.becomes {
            Becomes::Kept => assert_eq!(shown, sent, "{field:?}"),
            Becomes::Removed => assert_eq!(shown, None, "{field:?}"),
            Becomes::Generalised | Becomes::Pseudonymised => {
                assert!(shown.is_some() && shown != sent, "{field:?}");
            }
        }
    }
}

async fn one(world: &World, asked: &Sent, number: u32) {
    let (body, sender) = (asked.message(), system(asked.from));
    let bytes = body.to_string().into_bytes();
    let size = world.hub.store.checkpoint().await.unwrap().map(|(size, _)| size);
    let Preview { recipients, .. } = world.hub.preview_referral(&sender, &bytes).unwrap();
    assert_eq!(world.hub.store.checkpoint().await.unwrap().map(|(size, _)| size), size, "it wrote something");
    let made = world.hub.submit_referral(&sender, &bytes, &key(&format!("preview-{number}"))).await.unwrap();
    assert_eq!(made.referrals.len(), recipients.len());
    for (referral, previewed) in made.referrals.iter().zip(&recipients) {
        assert_eq!((&referral.to, &referral.addressed), (&previewed.to, &previewed.addressed));
        assert!(previewed.may_receive);
        told_truly(&body, previewed);
        let fetched = world.hub.list_inbox(&system(referral.to.as_str()), 50).await.unwrap();
        let id = referral.id.to_string();
        let mut arrived = fetched
            .into_iter()
            .map(casework::Document::into_json)
            .find(|one| one["referral"] == json!(id))
            .unwrap();
        let words = arrived["body"].to_string().matches("pn_").count();
        without_words(&mut arrived);
        assert_eq!(&arrived["body"], previewed.message.json(), "{} of {asked:?}", referral.to);
        assert_eq!(arrived["withheld"], json!(previewed.beside.withheld));
        let reduced = arrived.get("reduced").cloned().unwrap_or(json!([]));
        assert_eq!(reduced, json!(previewed.beside.reduced));
        let told = previewed.fields.iter().filter(|field| field.becomes == Becomes::Pseudonymised).count();
        assert_eq!(words, told, "words of {}", referral.to);
        let shown = world.hub.show_referral(&system(referral.to.as_str()), referral.id).await.unwrap();
        let mut shown = shown.message.unwrap().into_json();
        without_words(&mut shown);
        assert_eq!(&shown, previewed.message.json(), "what the API shows {}", referral.to);
    }
}

#[test]
fn a_preview_is_what_arrives() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(async { World::new(Policies::embedded().unwrap()) });
    let mut runner = TestRunner::new(Config { cases: CASES, ..Config::default() });
    let number = std::cell::Cell::new(0);
    let ran = runner.run(&sent(), |asked| {
        number.set(number.get() + 1);
        runtime.block_on(one(&world, &asked, number.get()));
        Ok(())
    });
    ran.unwrap();
}

/// Two messages about one child are seen to be one by the investigators, and by nobody else.
#[tokio::test]
async fn two_messages_about_one_child_meet_in_one_agency_only() {
    let world = World::new(Policies::embedded().unwrap());
    let plain = Sent {
        from: "ictp",
        left_out: [].into(),
        priority: "urgent",
        purpose: "justice",
        withheld: [].into(),
    };
    let mut words = Vec::new();
    for (from, number) in [("ictp", "0000000000017"), ("cpi", "00000-0000001-7"), ("laja", "0000000000018")] {
        let mut body = Sent { from, ..plain.clone() }.message();
        body["child"]["national_id"] = json!(number);
        let bytes = body.to_string().into_bytes();
        let made = world.hub.submit_referral(&system(from), &bytes, &key(from)).await.unwrap();
        let to = made.referrals.iter().find(|one| one.to.as_str() == "nccia").unwrap();
        let shown = world.hub.show_referral(&system("nccia"), to.id).await.unwrap();
        let message = shown.message.unwrap().into_json();
        assert!(!message.to_string().contains(number));
        words.push(message["child"]["national_id_pseudonym"].as_str().unwrap().to_owned());
        for one in made.referrals.iter().filter(|one| one.to.as_str() != "nccia") {
            let shown = world.hub.show_referral(&system(one.to.as_str()), one.id).await.unwrap();
            assert!(!shown.message.unwrap().json().to_string().contains("pn_"), "{} got a word", one.to);
        }
    }
    assert_eq!(words[0], words[1]);
    assert_ne!(words[0], words[2]);
}

/// Refused as a submission would be, and nothing is written.
#[tokio::test]
async fn a_preview_is_refused_as_a_submission_would_be() {
    let world = World::new(Policies::embedded().unwrap());
    let plain = Sent {
        from: "ictp",
        left_out: [].into(),
        priority: "normal",
        purpose: "protection",
        withheld: [].into(),
    };
    let mut body = plain.message();
    body["recipients"] = json!([{ "agency": "zarra", "service": "SVC-LEGAL" }]);
    let bytes = body.to_string().into_bytes();
    let previewed = world.hub.preview_referral(&system("ictp"), &bytes).err().unwrap();
    let sent = world.hub.submit_referral(&system("ictp"), &bytes, &key("one")).await.err().unwrap();
    assert_eq!((previewed.slug(), previewed.to_string()), (sent.slug(), sent.to_string()));
}
