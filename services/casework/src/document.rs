//! A JSON document about a person, as [`Sensitive`] holds it: its texts are wiped when it is dropped, and the
//! only way in is [`Sensitive::json`], which a reviewer can search for.

use serde_json::Value;
use zeroize::Zeroize;

use crate::Sensitive;

/// A JSON value that can be wiped. Not for use by itself.
#[derive(Default, PartialEq)]
pub struct Json(Value);

/// A message about a person, or a part of one.
pub type Document = Sensitive<Json>;

impl Zeroize for Json {
    fn zeroize(&mut self) {
        wipe(&mut self.0);
    }
}

impl Sensitive<Json> {
    /// Wraps a value.
    #[must_use]
    pub fn of(value: Value) -> Self {
        Self::new(Json(value))
    }

    /// The value, for the few places that read, minimise or send it.
    #[must_use]
    pub fn json(&self) -> &Value {
        &self.expose().0
    }

    /// Its text as bytes, wiped like it.
    #[must_use]
    pub fn to_bytes(&self) -> Sensitive<Vec<u8>> {
        Sensitive::new(self.json().to_string().into_bytes())
    }

    /// The value itself, for whoever sends it.
    #[must_use]
    pub fn into_json(mut self) -> Value {
        std::mem::take(&mut self.exposed_mut().0)
    }
}

impl Clone for Json {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl std::fmt::Debug for Json {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Json(..)")
    }
}

/// Texts and numbers; names of members are the schema's.
fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        _ => *value = Value::Null,
    }
}
