//! A leaf as the judge reads it: JSON, by the few members that tie a bundle together. Looser than the hub's
//! own reading, so that leaves of later versions with members more can be judged too.

use casework::{LEAF_BYTES_MAX, MessageKind};
use serde::Deserialize;
use serde_json::Value;

use super::author::author;
use super::lines::Side;

/// More brackets than any leaf or header has; readers differ in how deep they go.
const BRACKETS_MAX: usize = 64;

/// A JSON object in text, without what readers differ in: depth, numbers that are large or not whole. `None`
/// where it is none.
pub(super) fn object(text: &str) -> Option<Value> {
    let brackets = text.bytes().filter(|byte| matches!(byte, b'{' | b'[')).count();
    let value: Value = (brackets <= BRACKETS_MAX).then(|| serde_json::from_str(text).ok())??;
    (value.is_object() && is_whole(&value)).then_some(value)
}

fn is_whole(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_u64() || number.is_i64(),
        Value::Array(items) => items.iter().all(is_whole),
        Value::Object(members) => members.values().all(is_whole),
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}

/// A leaf.
#[derive(Debug, Clone)]
pub struct Leaf {
    value: Value,
}

impl Leaf {
    /// The leaf in its bytes, which have one spelling: version 1, with an event that has a kind, and
    /// commitments that are texts.
    pub(super) fn read(text: &str) -> Option<Self> {
        if text.len() > LEAF_BYTES_MAX {
            return None;
        }
        let leaf = Self { value: object(text)? };
        let digests =
            ["commitment", "signature"].iter().all(|name| leaf.value.get(*name).is_none_or(Value::is_string));
        let whole = leaf.value.get("v").and_then(Value::as_u64) == Some(1);
        let exact = serde_json::to_string(&leaf.value).is_ok_and(|again| again == text);
        (exact && whole && digests && leaf.event("kind").is_some()).then_some(leaf)
    }

    /// A text of the event.
    pub fn event(&self, name: &str) -> Option<&str> {
        self.value.get("event")?.get(name)?.as_str()
    }

    /// What kind of fact.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.event("kind").unwrap_or_default()
    }

    /// A number of the event.
    pub fn number(&self, name: &str) -> Option<u64> {
        self.value.get("event")?.get(name)?.as_u64()
    }

    /// Categories of the event.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<&str> {
        let items = self.value.get("event").and_then(|event| event.get(name)).and_then(Value::as_array);
        items.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// The delivery that a step made.
    pub(super) fn made(&self) -> Option<&str> {
        self.value.get("event")?.get("delivery")?.get("delivery")?.as_str()
    }

    /// To whom.
    #[must_use]
    pub fn told(&self) -> Option<&str> {
        self.value.get("event")?.get("delivery")?.get("to")?.as_str()
    }

    /// Which side wrote the message that it commits to; `None` where it is of no such message.
    pub(super) fn author(&self) -> Option<Side> {
        match self.kind() {
            "request.submitted" => Some(Side::Sender),
            "referral.moved" => author(MessageKind::deserialize(self.value.get("event")?.get("step")?).ok()?),
            _ => None,
        }
    }

    /// The commitment to its message.
    pub(super) fn commitment(&self) -> Option<&str> {
        self.value.get("commitment").and_then(Value::as_str)
    }

    /// The commitment to the agency's signature.
    pub(super) fn signature(&self) -> Option<&str> {
        self.value.get("signature").and_then(Value::as_str)
    }

    /// When, in microseconds.
    #[must_use]
    pub fn at(&self) -> Option<i64> {
        self.value.get("at").and_then(Value::as_i64)
    }

    /// Whose act, as a stand-in.
    #[must_use]
    pub fn actor(&self) -> Option<&str> {
        self.value.get("actor").and_then(Value::as_str)
    }
}
