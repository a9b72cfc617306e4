//! What Primero's records say: lists, referrals of a case, and the hub's ids in their notes. Pure. Nothing of
//! the agency's vocabulary is read here; that is `inbound.jq`'s.

use std::str::FromStr;

use casework::{AgencyCode, DeliveryId, Document, ReferralId};
use serde_json::{Map, Value, json};

use super::config::Config;
use crate::exchange::OpenReferral;

/// Begins every tag the hub writes into a note.
const TAG: &str = "[amaan ";
/// Begins the tag by which CPI names a better receiver (assumed: Primero has no field for one).
const SUGGESTS: &str = "[amaan suggests ";

/// The `data` of an answer; none where the body is no Primero answer, a portal's page for example.
pub fn data(body: &[u8]) -> Option<Value> {
    let mut body: Value = serde_json::from_slice(body).ok()?;
    let data = body.get_mut("data").map(Value::take);
    data.filter(|data| data.is_object() || data.is_array())
}

/// The same, where it must be a list of records.
pub fn list(body: &[u8]) -> Option<Vec<Map<String, Value>>> {
    let Value::Array(rows) = data(body)? else { return None };
    let record = |row| match row {
        Value::Object(row) => Some(row),
        _ => None,
    };
    rows.into_iter().map(record).collect()
}

/// A record's id: a UUID, as Primero makes them.
pub fn id(record: &Map<String, Value>) -> Option<&str> {
    let id = record.get("id")?.as_str()?;
    let shaped =
        matches!(id.len(), 1..=40) && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    shaped.then_some(id)
}

/// The id of the referral that a delivery made, where it did.
pub fn made_by(referrals: &[Map<String, Value>], delivery: DeliveryId) -> Option<String> {
    let made = referrals.iter().find(|referral| tags::<DeliveryId>(referral).any(|tag| tag == delivery));
    made.and_then(id).map(str::to_owned)
}

/// The open referral a record belongs to.
pub fn belongs_to<'o>(record: &Map<String, Value>, open: &'o [OpenReferral]) -> Option<&'o OpenReferral> {
    let tagged = tags::<ReferralId>(record).next();
    open.iter().find(|open| match tagged {
        Some(tagged) => tagged == open.referral,
        None => open.local_reference.is_some() && open.local_reference.as_deref() == id(record),
    })
}

/// The document `inbound.jq` gets for one referral of a case: the record, the note of a rejection without the
/// hub's tags, and of the case only the fields its configuration names.
pub fn document(
    referral: ReferralId,
    mut record: Map<String, Value>,
    case: &Map<String, Value>,
    config: &Config,
) -> Document {
    let note = record.remove("rejection_note");
    let note = note.as_ref().and_then(Value::as_str).unwrap_or_default();
    // The hub's own note came with the referral; nothing in it is news.
    record.remove("notes");
    let fields = config.case_fields.iter();
    let fields = fields.filter_map(|field| Some((field.clone(), case.get(field)?.clone())));
    let mut document = Map::new();
    document.insert("referral".to_owned(), json!(referral));
    document.insert("transition".to_owned(), Value::Object(record));
    if let Some(receiver) = suggested(note) {
        document.insert("suggested_receiver".to_owned(), json!(receiver));
    }
    let said = without_tags(note);
    if !said.is_empty() {
        document.insert("rejection_note".to_owned(), json!(said));
    }
    document.insert("case".to_owned(), Value::Object(fields.collect()));
    Document::of(Value::Object(document))
}

fn tags<T: FromStr>(record: &Map<String, Value>) -> impl Iterator<Item = T> {
    let notes = record.get("notes").and_then(Value::as_str).unwrap_or_default();
    let tags = notes.split(TAG).skip(1).filter_map(|rest| rest.split(']').next());
    tags.filter_map(|tag| tag.trim().parse().ok())
}

fn suggested(note: &str) -> Option<AgencyCode> {
    note.split(SUGGESTS).nth(1)?.split(']').next()?.trim().parse().ok()
}

fn without_tags(note: &str) -> String {
    let mut parts = note.split(TAG);
    let mut said = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        said.push_str(part.split_once(']').map_or("", |(_, rest)| rest));
    }
    said.trim().to_owned()
}
