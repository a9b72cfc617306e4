//! JSON read strictly: no member twice, bounded in depth, size, members and string length, no control
//! characters, nothing after the end. Sits on serde's `Deserializer`, so that a defect is found while reading
//! and not after. It knows no schema.

use std::{cell::RefCell, fmt};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value, map::Entry};

use crate::invalid::{Invalid, Names, Step, pointer, problem};

/// A message is at most this long: 1 MiB.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Objects and arrays inside each other, the outermost counted.
pub const DEPTH_MAX: usize = 32;
/// Members of one object.
pub const MEMBERS_MAX: usize = 1000;
/// A member name or string value: 64 KiB.
pub const STRING_BYTES_MAX: usize = 64 * 1024;

/// The document, or what is wrong with it as JSON.
pub(crate) fn parse(bytes: &[u8], names: &Names) -> Result<Value, Invalid> {
    if bytes.len() > BODY_BYTES_MAX {
        let detail = format!("a message may have {BODY_BYTES_MAX} bytes; send less");
        return Err(Invalid::one(problem::PAYLOAD_TOO_LARGE, String::new(), detail));
    }
    let reading = Reading { names, way: RefCell::default(), defect: RefCell::default() };
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let outcome = Part { reading: &reading, depth: 0 }.deserialize(&mut json);
    let outcome = outcome.and_then(|value| json.end().map(|()| value));
    outcome.map_err(|error| reading.told().unwrap_or_else(|| malformed(&error)))
}

/// Only the place: the parser's own words might hold a piece of the text.
fn malformed(error: &serde_json::Error) -> Invalid {
    let (line, column) = (error.line(), error.column());
    let what = if error.is_eof() { "ends too early" } else { "is not JSON in UTF-8" };
    let detail = format!("the text {what} at line {line}, column {column}");
    Invalid::one(problem::MALFORMED_JSON, String::new(), detail)
}

/// What all parts of one reading share.
struct Reading<'a> {
    names: &'a Names,
    /// The way to the defect, innermost step first: each part adds its step when the one inside it stopped.
    way: RefCell<Vec<Step>>,
    defect: RefCell<Option<Defect>>,
}

/// What stopped the reading; its place is known once every part around it has stopped too.
struct Defect {
    slug: &'static str,
    code: &'static str,
    detail: String,
}

impl Reading<'_> {
    /// Keeps the defect and gives the parser an error that stops it.
    fn stop<E: Error>(&self, slug: &'static str, detail: String) -> E {
        self.stop_coded(slug, slug, detail)
    }

    fn stop_coded<E: Error>(&self, slug: &'static str, code: &'static str, detail: String) -> E {
        self.defect.replace(Some(Defect { slug, code, detail }));
        E::custom("stopped")
    }

    /// The defect with its place, where one of ours stopped the reading.
    fn told(&self) -> Option<Invalid> {
        let Defect { slug, code, detail } = self.defect.take()?;
        let mut way = self.way.take();
        way.reverse();
        Some(Invalid::coded(slug, code, pointer(&way, self.names), detail))
    }

    fn bound<E: Error>(&self, text: &str) -> Result<(), E> {
        if text.len() > STRING_BYTES_MAX {
            let detail = format!("a text may have {STRING_BYTES_MAX} bytes; send less");
            return Err(self.stop(problem::PAYLOAD_TOO_LARGE, detail));
        }
        // XML 1.0 section 2.2 has no such characters, and half the agencies' systems speak XML.
        if text.bytes().any(|b| b.is_ascii_control() && !matches!(b, b'\t' | b'\n' | b'\r')) {
            let detail = "a control character; remove it".to_owned();
            return Err(self.stop_coded(problem::VALIDATION_FAILED, "control-character", detail));
        }
        Ok(())
    }
}

/// A value yet to be read, `depth` containers below the start.
struct Part<'a> {
    reading: &'a Reading<'a>,
    depth: usize,
}

impl<'a> Part<'a> {
    /// The part one level further in.
    const fn inner(&self) -> Part<'a> {
        Part { reading: self.reading, depth: self.depth + 1 }
    }

    /// The part reached by `step` stopped.
    fn stopped<E>(&self, step: Step, error: E) -> E {
        self.reading.way.borrow_mut().push(step);
        error
    }

    fn enter<E: Error>(&self) -> Result<(), E> {
        if self.depth < DEPTH_MAX {
            return Ok(());
        }
        let detail = format!("nested deeper than {DEPTH_MAX} levels; no message needs more than six");
        Err(self.reading.stop(problem::TOO_DEEP, detail))
    }
}

impl<'de> DeserializeSeed<'de> for Part<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a number"))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        self.reading.bound(text)?;
        Ok(Value::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        self.enter()?;
        let mut list = Vec::new();
        loop {
            let next = items.next_element_seed(self.inner());
            match next.map_err(|error| self.stopped(Step::Index(list.len()), error))? {
                Some(value) => list.push(value),
                None => return Ok(Value::Array(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        self.enter()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            self.reading.bound(&name)?;
            let full = object.len() == MEMBERS_MAX;
            let place = match object.entry(name) {
                Entry::Vacant(place) => place,
                Entry::Occupied(held) => {
                    let detail = duplicate(held.key(), self.reading.names);
                    return Err(self.reading.stop(problem::DUPLICATE_KEY, detail));
                }
            };
            if full {
                let detail = format!("an object may have {MEMBERS_MAX} members; send fewer");
                return Err(self.reading.stop(problem::PAYLOAD_TOO_LARGE, detail));
            }
            let value = members.next_value_seed(self.inner());
            let step = || Step::Member(place.key().to_owned());
            let value = value.map_err(|error| self.stopped(step(), error))?;
            place.insert(value);
        }
        Ok(Value::Object(object))
    }
}

fn duplicate(name: &str, names: &Names) -> String {
    let shown = names.get(name).map_or_else(String::new, |known| format!(" `{known}`"));
    format!("the member{shown} stands twice in this object; keep one")
}
