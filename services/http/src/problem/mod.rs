//! A problem as it goes to the caller (RFC 9457): one kind of the table, a sentence about this occurrence,
//! and places in the message. It never repeats a submitted value.

mod closed;
mod consent;
mod deliveries;
mod erasure;
mod events;
mod from_hub;
mod limits;
mod people;
mod policies;
mod signatures;
mod statistics;
mod table;
mod urdu;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use casework::PolicyAsked;
use serde::Serialize;
use serde_json::{Map, Value, json};
pub use table::{Kind, PROBLEMS, Remedy, kind};
pub use urdu::{Translated, URDU};
/// What identifies a request, and its problem.
pub use uuid::Uuid as RequestId;

/// Media type of a problem.
pub const PROBLEM_JSON: &str = "application/problem+json";
/// A full line or an unanswered question is over in a second or is no matter of seconds.
const RETRY_AFTER_SECONDS: &str = "1";

/// One thing that is wrong in a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// JSON Pointer.
    pub pointer: String,
    /// A stable word.
    pub code: String,
    /// A sentence.
    pub detail: String,
}

/// A problem in the making.
#[derive(Debug, Clone)]
pub struct Problem {
    kind: &'static Kind,
    told: Box<Told>,
}

/// What is said about one occurrence. Boxed, because every fallible step carries a problem's place.
#[derive(Debug, Clone, Default)]
struct Told {
    detail: Option<String>,
    errors: Vec<Place>,
    more: Map<String, Value>,
    headers: Vec<(&'static str, String)>,
    asked: Option<Box<PolicyAsked>>,
}

impl Problem {
    /// A problem of this slug. One that the table does not have would be a fault of ours, and is answered so.
    #[must_use]
    pub fn new(slug: &'static str) -> Self {
        let kind = kind(slug).unwrap_or_else(|| {
            tracing::error!(slug, "a problem without a row in the table");
            table::internal()
        });
        let problem = Self { kind, told: Box::default() };
        match kind.remedy {
            Remedy::Retry => problem.header("Retry-After", RETRY_AFTER_SECONDS.to_owned()),
            Remedy::Mend | Remedy::Ask => problem,
        }
    }

    /// What is wrong this time.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.told.detail = Some(detail.into());
        self
    }
    /// One more place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.told.errors.push(place);
        self
    }
    /// A member of its own.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.told.more.insert(name.to_owned(), value);
        self
    }
    /// A header of its own.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: String) -> Self {
        self.told.headers.push((name, value));
        self
    }

    /// What the policies were asked that said no: for the ledger, never for the caller.
    #[must_use]
    pub fn asking(mut self, asked: Option<Box<PolicyAsked>>) -> Self {
        self.told.asked = asked;
        self
    }

    /// The same, for whoever writes the refusal down.
    #[must_use]
    pub fn asked(&self) -> Option<Box<PolicyAsked>> {
        self.told.asked.clone()
    }
    /// The slug.
    #[must_use]
    pub const fn slug(&self) -> &'static str {
        self.kind.slug
    }
    /// The status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.kind.status
    }

    /// The body.
    #[must_use]
    pub fn document(&self, base_url: &str, request: RequestId) -> Value {
        let mut body = json!({
            "type": type_uri(base_url, self.kind.slug),
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.told.detail.as_deref().unwrap_or(self.kind.meaning),
            "instance": format!("urn:uuid:{request}"),
        });
        if let Some(members) = body.as_object_mut() {
            if !self.told.errors.is_empty() {
                members.insert("errors".to_owned(), json!(self.told.errors));
            }
            members.extend(self.told.more.clone());
        }
        body
    }

    pub(crate) fn answer(&self, base_url: &str, request: RequestId) -> HttpResponse {
        let status = StatusCode::from_u16(self.kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = HttpResponse::build(status);
        for (name, value) in &self.told.headers {
            answer.insert_header((*name, value.as_str()));
        }
        answer.content_type(PROBLEM_JSON).body(self.document(base_url, request).to_string())
    }
}

/// The `type` of a problem: the address of its page.
#[must_use]
pub fn type_uri(base_url: &str, slug: &str) -> String {
    format!("{base_url}/problems/{slug}")
}
