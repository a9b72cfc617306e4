//! One of everything that an endpoint's path can name, made by the agencies it belongs to, and a body that
//! the endpoint would take. What is asked of it is in `objects.rs`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::http::world::World;
use crate::journeys::messages::{small_child, step};
use crate::journeys::sandbox::fresh_key;

/// Whoever asks for what is there asks in vain for these, which nobody ever made.
const ABSENT: &str = "00000000000070008000000000000000";
/// Steps of a referral, each an endpoint of its own in this area.
pub const STEPS: &[&str] = &[
    "accept",
    "reject",
    "hold",
    "information",
    "progress",
    "outcome",
    "close",
    "feedback",
    "resume",
    "send",
    "cancel-request",
    "cancel-confirm",
    "cancel-refuse",
    "purged",
    "cease",
    "received",
];

/// What a path names: a word for its kind, and the agencies that have to do with it.
pub struct Kind {
    pub word: &'static str,
    /// How its ids begin.
    prefix: &'static str,
    pub parties: &'static [&'static str],
}

const BOTH: &[&str] = &["ictp", "cpi"];
const SENDER: &[&str] = &["ictp"];

/// The kind of thing that this endpoint's path names.
pub fn kind_of(path: &str) -> Option<Kind> {
    let kind = |word, prefix, parties| Some(Kind { word, prefix, parties });
    let fixed = path.split('/').nth(2)?;
    match fixed {
        _ if !path.contains('{') => None,
        "referrals" => kind("referral", "rf", BOTH),
        "requests" => kind("request", "rq", SENDER),
        "cases" => kind("case", "cs", BOTH),
        "deliveries" => kind("delivery", "dl", SENDER),
        "dead-letters" => kind("letter", "dl", SENDER),
        "inbox" => kind("inbox", "dl", SENDER),
        "approvals" => kind("approval", "ap", SENDER),
        _ => None,
    }
}

impl Kind {
    /// An id of this kind that nothing has.
    pub fn absent(&self) -> String {
        format!("{}_{ABSENT}", self.prefix)
    }
}

/// One of everything, fresh.
pub struct Placed(BTreeMap<&'static str, String>);

impl Placed {
    pub fn id(&self, kind: &Kind) -> &str {
        &self.0[kind.word]
    }

    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }

    /// ICT Police refer a child to CPI, whose system is not connected; CPI refers one to the police, who
    /// fetch their messages; and the police ask to void a third referral.
    pub async fn make(world: &World) -> Self {
        let sent = refer(world, "ictp", "cpi", "SVC-SHELTER").await;
        let (referral, case, request) =
            (text(&sent, "/referrals/0/id"), text(&sent, "/case/id"), text(&sent, "/request"));
        let delivery = delivery_of(world, "ictp", &referral).await;
        let lost = refer(world, "ictp", "cpi", "SVC-SHELTER").await;
        let letter = delivery_of(world, "ictp", &text(&lost, "/referrals/0/id")).await;
        world.hub.hand_over(letter.parse().unwrap(), None).await.unwrap();
        let given = refer(world, "cpi", "ictp", "SVC-POLICE").await;
        let inbox = delivery_of(world, "cpi", &text(&given, "/referrals/0/id")).await;
        let doubtful = refer(world, "ictp", "cpi", "SVC-SHELTER").await;
        let path = format!("/v1/referrals/{}/void", text(&doubtful, "/referrals/0/id"));
        let approval = text(&post(world, "ictp", &path, &step("void")).await, "/id");
        Self(BTreeMap::from([
            ("referral", referral),
            ("case", case),
            ("request", request),
            ("delivery", delivery),
            ("letter", letter),
            ("inbox", inbox),
            ("approval", approval),
        ]))
    }
}

/// A body that this endpoint takes.
pub fn body_for(path: &str) -> Value {
    let last = path.rsplit('/').next().unwrap_or_default();
    match path {
        "/v1/referrals" | "/v1/drafts" | "/v1/referrals/preview" => small_child("laja", "SVC-LEGAL"),
        "/v1/break-glass" => json!({
            "case": format!("cs_{ABSENT}"), "reason": "danger-to-life", "why": "Invented for this test only.",
        }),
        _ if path.contains("/break-glass/") && last == "review" => json!({ "verdict": "justified" }),
        "/v1/policies" | "/v1/policies/compare" => json!({ "set": "0123456789abcdef" }),
        "/v1/persons" => json!({ "subject": "objects-officer", "roles": ["caseworker"] }),
        _ if path.contains("/dead-letters/") && last == "discard" => json!({ "reason": "told-otherwise" }),
        _ if path.contains("/dead-letters/") && last == "resolve" => {
            json!({ "as": "delivered", "reason": "agency-confirmed" })
        }
        _ if path.contains("/deliveries/") => json!({ "reason": "child-found-safe" }),
        _ if path.contains("/consent/") => revoked(),
        _ if path.contains("/cases/") && last == "erase" => json!({ "reason": "retention-over" }),
        _ if path.contains("/cases/") && last == "hold" => json!({ "reason": "court-order" }),
        _ if path.contains("/referrals/") => step(last),
        _ => json!({}),
    }
}

/// The schema's own smallest example.
fn revoked() -> Value {
    let text = include_str!("../../schemas/messages/consent.revoked/examples/valid/least.json");
    serde_json::from_str(text).unwrap()
}

async fn refer(world: &World, from: &str, to: &str, service: &str) -> Value {
    post(world, from, "/v1/referrals", &small_child(to, service)).await
}

async fn post(world: &World, agency: &str, path: &str, body: &Value) -> Value {
    let call = world.post(path, body.to_string()).key(&fresh_key()).calling_as(&format!("{agency}.system"));
    let answer = call.send().await;
    assert!(answer.response.status < 300, "{path} by {agency}: {}", answer.text());
    answer.body
}

async fn delivery_of(world: &World, agency: &str, referral: &str) -> String {
    let path = format!("/v1/referrals/{referral}");
    let shown = world.get(&path).calling_as(&format!("{agency}.system")).send().await.body;
    text(&shown, "/deliveries/0/id")
}

fn text(value: &Value, pointer: &str) -> String {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("{pointer} in {value}"))
        .to_owned()
}
