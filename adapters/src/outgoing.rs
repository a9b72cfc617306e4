//! One message on its way to one agency, already minimised. Not a delivery: its state, its attempts and its
//! evidence are `casework`'s and `store`'s.

use crate::copied::Copied;
use casework::{
    AgencyCode, CaseId, Categories, CheckId, Code, DeliveryId, Document, MessageKind, Priority, ReferralId,
    Timestamp,
};
use serde_json::{Map, Value, json};

/// What hand-over gives an adapter. `body` holds personal data and is dropped with this value; there is no
/// `Debug`, so that it cannot be logged.
pub struct Outgoing {
    /// The delivery: the agency's idempotency key where it has one.
    pub delivery: DeliveryId,
    /// Counted before the call, from 1. Not part of the mapped form: every attempt sends the same bytes.
    pub attempt: u32,
    /// What kind of message it is.
    pub message: MessageKind,
    /// Its schema's version.
    pub version: u16,
    /// The referral it belongs to; `None` for an identity check.
    pub referral: Option<ReferralId>,
    /// The identity check it asks; `None` otherwise.
    pub check: Option<CheckId>,
    /// The child's case.
    pub case: CaseId,
    /// The case's spoken reference.
    pub reference: String,
    /// Who sent it.
    pub from: AgencyCode,
    /// Who receives it.
    pub to: AgencyCode,
    /// The service asked for.
    pub service: Option<Code>,
    /// How urgent.
    pub priority: Priority,
    /// When the sender's message was taken.
    pub sent_at: Timestamp,
    /// Categories that are shown less exactly than they were sent.
    pub reduced: Categories,
    /// Categories the recipient was not shown.
    pub withheld: Categories,
    /// What it is a copy of, to be signed with it; none for an identity check.
    pub copy: Option<Copied>,
    /// The minimised message.
    pub body: Document,
}

impl Outgoing {
    /// The document an `outbound.jq` gets, and what a pull agency fetches from its inbox. Members without a
    /// value are absent, never null; `sent_at` is RFC 3339.
    #[must_use]
    pub fn document(&self) -> Document {
        Document::of(Value::Object(self.members()))
    }

    fn members(&self) -> Map<String, Value> {
        let mut document = Map::new();
        let mut put = |key: &str, value: Value| {
            document.insert(key.to_owned(), value);
        };
        put("delivery", json!(self.delivery));
        put("message", json!(self.message.schema_name()));
        put("version", json!(self.version));
        if let Some(referral) = &self.referral {
            put("referral", json!(referral));
        }
        if let Some(check) = &self.check {
            put("check", json!(check));
        }
        put("case", json!(self.case));
        put("reference", json!(self.reference));
        put("from", json!(self.from));
        put("to", json!(self.to));
        if let Some(service) = &self.service {
            put("service", json!(service));
        }
        put("priority", json!(self.priority));
        put("sent_at", json!(self.sent_at.to_string()));
        put("withheld", json!(self.withheld));
        if !self.reduced.is_empty() {
            put("reduced", json!(self.reduced));
        }
        put("body", self.body.json().clone());
        document
    }

    /// The same for an inbox, with the hub's signature beside the message (`signed`): a JWS whose payload are
    /// the bytes of `body`, so that no reader has to write them again to check it.
    #[must_use]
    pub fn to_inbox(&self) -> Document {
        let mut members = self.members();
        if let Some(copy) = &self.copy {
            let bytes = self.body.to_bytes();
            let signed = copy.attached(self.to.as_str(), &self.delivery.to_string(), bytes.expose());
            members.insert("signed".to_owned(), Value::String(signed));
        }
        Document::of(Value::Object(members))
    }

    /// The hub's signature over these bytes, which the message has become on its way to the agency.
    #[must_use]
    pub fn signature_over(&self, bytes: &[u8]) -> Option<String> {
        self.copy.as_ref()?.detached(self.to.as_str(), &self.delivery.to_string(), bytes)
    }
}
