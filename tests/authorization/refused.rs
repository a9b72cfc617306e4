//! The one check of this area: a request is refused with this status and this problem, the problem repeats
//! nothing that was sent, and the ledger holds nothing new but the refusal of a known caller.

use egress::{Method, Request};
use serde_json::Value;

use crate::journeys::answer::Answer;
use crate::journeys::messages::CANARIES;
use crate::journeys::sandbox::{fresh_key, sandbox, url};

/// Part of every wrong value in the tables: found in no answer.
pub const WRONG: &str = "zqx";

/// A request that must be refused.
pub struct Row {
    pub name: String,
    /// Whose refusal is entered; empty for a stranger, of whom nothing is.
    pub agency: &'static str,
    pub request: Request,
    pub status: u16,
    pub slug: &'static str,
    /// The place in the message, where there is one.
    pub pointer: Option<&'static str>,
}

impl Row {
    /// A request of ICT Police under a fresh key.
    pub fn post(name: &str, path: &str, body: &[u8], status: u16, slug: &'static str) -> Self {
        let request = request(Method::Post, path).header("idempotency-key", &fresh_key());
        let mut request = request.header("content-type", "application/json");
        request.body = body.to_vec();
        Self { name: name.to_owned(), agency: "ictp", request, status, slug, pointer: None }
            .by("ictp", "ictp")
    }

    pub fn get(name: &str, path: &str, status: u16, slug: &'static str) -> Self {
        let request = request(Method::Get, path);
        Self { name: name.to_owned(), agency: "ictp", request, status, slug, pointer: None }
            .by("ictp", "ictp")
    }

    pub fn at(mut self, pointer: &'static str) -> Self {
        self.pointer = Some(pointer);
        self
    }

    /// Sent by this client, which is this agency's.
    pub fn by(self, client: &str, agency: &'static str) -> Self {
        Self { agency, ..self.header("authorization", &format!("Bearer {}", sandbox().token(client))) }
    }

    /// With this header instead of the usual one.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request.headers.retain(|(held, _)| held != name);
        self.request = self.request.header(name, value);
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.request.headers.retain(|(held, _)| held != name);
        self
    }
}

pub fn request(method: Method, path: &str) -> Request {
    Request::new(method, url(&format!("{}{path}", sandbox().api)))
}

/// A good request of this client, made before the rows that speak of it; its answer.
pub fn made(client: &str, key: &str, body: &Value) -> Value {
    let _turn = sandbox().beside();
    sandbox().post(client, "/v1/referrals", key, body).ok().json()
}

/// Checks every row, while nobody else acts.
pub fn check_all(rows: Vec<Row>) {
    let _turn = sandbox().alone();
    for row in rows {
        check(row);
    }
}

#[track_caller]
fn check(row: Row) {
    let before = sandbox().ledger_size();
    let answer = sandbox().send(sandbox().signed(row.agency, row.request));
    let found = (answer.status, answer.slug());
    assert_eq!(found, (row.status, row.slug.to_owned()), "{}: {}", row.name, answer.text());
    if let Some(pointer) = row.pointer {
        let places = answer.json()["errors"].clone();
        let named = places.as_array().is_some_and(|all| all.iter().any(|one| one["pointer"] == pointer));
        assert!(named, "{}: no `{pointer}` in {places}", row.name);
    }
    check_problem(&row.name, &answer);
    check_ledger(&row.name, before, row.agency, row.slug);
}

/// RFC 9457's members, a page for its type, and no word of what was sent.
#[track_caller]
pub fn check_problem(name: &str, answer: &Answer) {
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{name}");
    let (body, text) = (answer.json(), answer.text().to_lowercase());
    assert_eq!(body["status"], answer.status, "{name}");
    assert_eq!(body["type"], format!("{}/problems/{}", sandbox().api, answer.slug()), "{name}");
    for member in ["title", "detail", "instance"] {
        assert!(body[member].as_str().is_some_and(|text| !text.is_empty()), "{name}: no {member} in {body}");
    }
    assert!(!text.contains(WRONG), "{name}: the problem repeats what was sent: {text}");
    for (what, word) in CANARIES {
        assert!(!text.contains(&word.to_lowercase()), "{name}: the problem repeats the {what}: {text}");
    }
}

/// At most one refusal of this agency (past ten a minute they are counted), and nothing else.
#[track_caller]
pub fn check_ledger(name: &str, before: u64, agency: &str, slug: &str) {
    let events: Vec<Value> =
        sandbox().entries_from(before).into_iter().map(|line| line["entry"]["event"].clone()).collect();
    // The count of an earlier minute may be entered with any refusal.
    let mine: Vec<&Value> = events.iter().filter(|event| event["problem"] != "refused-often").collect();
    let most = usize::from(!agency.is_empty());
    let looks = mine.iter().filter(|event| event["kind"] == "read").count();
    assert!(mine.len() <= most + looks, "{name} stored {events:?}");
    for event in mine {
        // A look at what is not there is a look, too.
        let look = event["kind"] == "read" && slug == "not-found";
        let refusal = event["kind"] == "refused" && event["problem"] == slug && event["agency"] == agency;
        assert!(look || refusal, "{name} stored {event}");
    }
}
