//! What is wrong with a message, said without repeating it: a problem, and for each error a JSON Pointer,
//! a code and a sentence made of our own words, member names and list codes only.

use std::collections::HashSet;

use serde_json::Value;

/// Slugs of the problems a message can have; each has a page of its own under `/problems/`.
pub mod problem {
    /// Not JSON, or not UTF-8.
    pub const MALFORMED_JSON: &str = "malformed-json";
    /// A member name stands twice in one object.
    pub const DUPLICATE_KEY: &str = "duplicate-key";
    /// Nested deeper than [`crate::DEPTH_MAX`].
    pub const TOO_DEEP: &str = "too-deep";
    /// Over one of the size bounds.
    pub const PAYLOAD_TOO_LARGE: &str = "payload-too-large";
    /// A member the schema does not have.
    pub const UNKNOWN_FIELD: &str = "unknown-field";
    /// A word that is not in its code list.
    pub const UNKNOWN_CODE: &str = "unknown-code";
    /// A message we know, in a version we do not.
    pub const UNKNOWN_SCHEMA_VERSION: &str = "unknown-schema-version";
    /// No message of that name, or none named.
    pub const UNKNOWN_SCHEMA: &str = "unknown-schema";
    /// A valid name, but not the message this address takes.
    pub const WRONG_MESSAGE: &str = "wrong-message";
    /// Media, or something that looks like it.
    pub const MEDIA_REFUSED: &str = "media-refused";
    /// Anything else the schema says no to.
    pub const VALIDATION_FAILED: &str = "validation-failed";
    /// All of them.
    pub const ALL: &[&str] = &[
        MALFORMED_JSON,
        DUPLICATE_KEY,
        TOO_DEEP,
        PAYLOAD_TOO_LARGE,
        UNKNOWN_FIELD,
        UNKNOWN_CODE,
        UNKNOWN_SCHEMA_VERSION,
        UNKNOWN_SCHEMA,
        WRONG_MESSAGE,
        MEDIA_REFUSED,
        VALIDATION_FAILED,
    ];
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldError {
    /// JSON Pointer to the value or, where a member is unknown, duplicate or missing, to the object around
    /// it. A segment that is no member name of ours is written `*`.
    pub pointer: String,
    /// A stable word, for example `missing` or `unknown-code`.
    pub code: String,
    /// A sentence for a person. It never contains a submitted value.
    pub detail: String,
}

/// A message that is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct Invalid {
    /// A slug of [`problem`]; the most telling one where several apply.
    pub problem: &'static str,
    /// At least one, sorted by pointer, at most [`ERRORS_MAX`].
    pub errors: Vec<FieldError>,
}

/// More errors than this help nobody.
pub(crate) const ERRORS_MAX: usize = 50;

impl Invalid {
    /// A refusal for one reason, whose code is the problem itself.
    pub(crate) fn one(problem: &'static str, pointer: String, detail: impl Into<String>) -> Self {
        Self::coded(problem, problem, pointer, detail)
    }

    /// A refusal for one reason.
    pub(crate) fn coded(
        problem: &'static str,
        code: &str,
        pointer: String,
        detail: impl Into<String>,
    ) -> Self {
        let error = FieldError { pointer, code: code.to_owned(), detail: detail.into() };
        Self { problem, errors: vec![error] }
    }
}

/// Member names that stand in some schema. Only these may appear in a pointer: any other name is the
/// sender's own text and might be a child's name.
pub(crate) type Names = HashSet<String>;

/// A step of the way into a submitted document.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Member(String),
    Index(usize),
}

/// The pointer of that way, unknown names masked.
pub(crate) fn pointer(steps: &[Step], names: &Names) -> String {
    let mut text = String::new();
    for step in steps {
        text.push('/');
        match step {
            Step::Index(index) => text.push_str(&index.to_string()),
            Step::Member(name) if names.contains(name) => text.push_str(name),
            Step::Member(_) => text.push('*'),
        }
    }
    text
}

/// Parts of a schema, read leniently: a missing one is empty.
pub(crate) fn texts(value: Option<&Value>) -> Vec<&str> {
    let items = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    items.iter().filter_map(Value::as_str).collect()
}
