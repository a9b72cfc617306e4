//! Documents into jaq's values and back, without a detour over text. Whatever is out of the ordinary (numbers
//! beyond 64 bits, keys that are no text) still takes it, so that there is one meaning. And the sizes of
//! documents, as compact JSON.

use jaq_json::{Num, Val};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::MappingError;

/// Longest form of a character in JSON: `\u001f`.
const ESCAPED_BYTES_MAX: usize = 6;
/// Longest form of a number: 64 bits, or a double with its exponent.
const NUMBER_BYTES_MAX: usize = 32;

/// The document as jaq's value.
pub fn into_jaq(document: &Value) -> Result<Val, MappingError> {
    Ok(match document {
        Value::Null => Val::Null,
        Value::Bool(truth) => Val::Bool(*truth),
        Value::String(text) => self::text(text.clone()),
        Value::Array(elements) => elements.iter().map(into_jaq).collect::<Result<_, _>>()?,
        Value::Object(members) => {
            let pair = |(key, value): (&String, &Value)| Ok((self::text(key.clone()), into_jaq(value)?));
            Val::obj(members.iter().map(pair).collect::<Result<_, MappingError>>()?)
        }
        Value::Number(_) => Val::deserialize(document).map_err(|_| MappingError::Failed)?,
    })
}

/// A text as jaq's value.
pub fn text(text: String) -> Val {
    Val::utf8_str(text.into_bytes())
}

/// jaq's value as a document.
pub fn from_jaq(value: &Val) -> Result<Value, MappingError> {
    let whole = || serde_json::from_str(&value.to_string()).map_err(|_| MappingError::Failed);
    plain(value).map_or_else(whole, Ok)
}

/// `None` where only jaq knows how it is written.
fn plain(value: &Val) -> Option<Value> {
    Some(match value {
        Val::Null => Value::Null,
        Val::Bool(truth) => Value::Bool(*truth),
        Val::Num(Num::Int(number)) => Value::from(i64::try_from(*number).ok()?),
        Val::TStr(_) => Value::String(text_of(value)?),
        Val::Arr(elements) => Value::Array(elements.iter().map(plain).collect::<Option<_>>()?),
        Val::Obj(members) => {
            let mut object = Map::with_capacity(members.len());
            for (key, value) in members.iter() {
                object.insert(text_of(key)?, plain(value)?);
            }
            Value::Object(object)
        }
        _ => return None,
    })
}

/// The text that a value is, if it is one.
pub fn text_of(value: &Val) -> Option<String> {
    match value {
        Val::TStr(bytes) => String::from_utf8(bytes.to_vec()).ok(),
        _ => None,
    }
}

/// Whether a document takes at most so many bytes as compact JSON. It is only written out where a look at its
/// parts does not settle it.
pub fn fits(document: &Value, bytes_max: usize) -> bool {
    at_most(document) <= bytes_max || document.to_string().len() <= bytes_max
}

/// Never less than the document's length as compact JSON.
fn at_most(document: &Value) -> usize {
    let text = |text: &str| text.len().saturating_mul(ESCAPED_BYTES_MAX).saturating_add(2);
    let sum = |sizes: &mut dyn Iterator<Item = usize>| sizes.fold(2, usize::saturating_add);
    match document {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => NUMBER_BYTES_MAX,
        Value::String(value) => text(value),
        // An element brings a comma, a member also a colon.
        Value::Array(elements) => sum(&mut elements.iter().map(|element| at_most(element).saturating_add(1))),
        Value::Object(members) => sum(&mut members
            .iter()
            .map(|(key, value)| text(key).saturating_add(at_most(value)).saturating_add(2))),
    }
}
