//! A validator's errors told so that a developer knows what to change, without the value that was sent.
//! Words come from the schema and its lists only; the validator's own text is used masked.

use jsonschema::{ValidationError, Validator, error::ValidationErrorKind as Kind};
use serde_json::Value;

use crate::{
    classify::Classes,
    invalid::{ERRORS_MAX, FieldError, Invalid, problem, texts},
    nearest::nearest,
};

/// Lists up to this long are written out; longer ones are named.
const CODES_SHOWN_MAX: usize = 14;

/// Nothing if the body is valid; else what is wrong, under the most telling problem.
pub(crate) fn validate(
    validator: &Validator,
    document: &Value,
    classes: &Classes,
    body: &Value,
) -> Result<(), Invalid> {
    let told = |error: ValidationError<'_>| tell(document, classes, body, &error);
    let mut errors: Vec<FieldError> = validator.iter_errors(body).flat_map(told).collect();
    if errors.is_empty() {
        return Ok(());
    }
    without_echoes(&mut errors);
    let has = |code: &str| errors.iter().any(|error| error.code == code);
    let problem = [problem::UNKNOWN_FIELD, problem::UNKNOWN_CODE].into_iter().find(|slug| has(slug));
    errors.truncate(ERRORS_MAX);
    Err(Invalid { problem: problem.unwrap_or(problem::VALIDATION_FAILED), errors })
}

/// One error per place and defect, and no complaint about the code of something that is no text at all.
fn without_echoes(errors: &mut Vec<FieldError>) {
    errors.sort();
    let same_place = |a: &FieldError, b: &FieldError| a.pointer == b.pointer && a.code == b.code;
    errors.dedup_by(|a, b| a == b || (same_place(a, b) && a.code == problem::UNKNOWN_CODE));
    let mistyped: Vec<String> =
        errors.iter().filter(|error| error.code == "wrong-type").map(|error| error.pointer.clone()).collect();
    errors.retain(|error| error.code == "wrong-type" || !mistyped.contains(&error.pointer));
}

fn tell(document: &Value, classes: &Classes, body: &Value, error: &ValidationError<'_>) -> Vec<FieldError> {
    let pointer = error.instance_path().to_string();
    let schema = |up: usize| above(document, error.schema_path().as_str(), up);
    let one = |code: &str, detail: String| {
        vec![FieldError { pointer: pointer.clone(), code: code.to_owned(), detail }]
    };
    match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            let told = |name: &String| unknown_field(&pointer, name, classes);
            unexpected.iter().map(told).collect()
        }
        Kind::Enum { options } => {
            let list = schema(1).and_then(|node| node.get("x-codelist")).and_then(Value::as_str);
            let given = body.pointer(&pointer).and_then(Value::as_str).unwrap_or_default();
            one(problem::UNKNOWN_CODE, unknown_code(given, options, list))
        }
        Kind::Required { property } => {
            one("missing", format!("`{}` is missing", property.as_str().unwrap_or_default()))
        }
        Kind::AnyOf { .. } => one("missing", any_of(schema(0))),
        Kind::FalseSchema => one("not-allowed-here", "not allowed with the other values given".to_owned()),
        Kind::Custom { message, .. } => one("format", message.clone()),
        Kind::Format { format } => one("format", format_told(format)),
        Kind::Pattern { .. } => {
            let wanted = schema(1).and_then(|node| node.get("description")).and_then(Value::as_str);
            one("pattern", wanted.map_or_else(|| masked(error), |wanted| format!("expected {wanted}")))
        }
        _ => one(code_of(error.kind().keyword()), masked(error)),
    }
}

fn unknown_field(pointer: &str, name: &str, classes: &Classes) -> FieldError {
    let around = format!("{}/", pattern(pointer));
    let here = classes.keys().filter_map(|key| key.strip_prefix(&around));
    let names: Vec<&str> = here.filter(|key| !key.contains('/')).collect();
    let detail = match nearest(name, names).first() {
        Some(close) => format!("a member that this object does not have; did you mean `{close}`?"),
        None => "a member that this object does not have; see the schema for those it has".to_owned(),
    };
    FieldError { pointer: pointer.to_owned(), code: problem::UNKNOWN_FIELD.to_owned(), detail }
}

fn unknown_code(given: &str, options: &Value, list: Option<&str>) -> String {
    let codes = texts(Some(options));
    let close = nearest(given, codes.iter().copied());
    let place = list.map_or_else(|| "its list".to_owned(), |list| format!("codelists/{list}"));
    match (close.is_empty(), codes.len() <= CODES_SHOWN_MAX) {
        (false, _) => format!("not a code of {place}; the nearest: {}", quoted(&close)),
        (true, true) => format!("not a code of {place}; one of {}", quoted(&codes)),
        (true, false) => format!("not a code of {place}, and none of its {} is near", codes.len()),
    }
}

fn any_of(branches: Option<&Value>) -> String {
    let branches = branches.and_then(Value::as_array).into_iter().flatten();
    let names: Vec<&str> = branches.flat_map(|branch| texts(branch.get("required"))).collect();
    format!("at least one is needed: {}", quoted(&names))
}

fn format_told(format: &str) -> String {
    match format {
        "date" => "not a day: write YYYY-MM-DD".to_owned(),
        "x-partial-date" => "not a date: write YYYY, YYYY-MM or YYYY-MM-DD".to_owned(),
        other => format!("not in the form `{other}`"),
    }
}

/// The validator's sentence with the value replaced.
fn masked(error: &ValidationError<'_>) -> String {
    error.masked_with("the value").to_string()
}

fn code_of(keyword: &str) -> &'static str {
    match keyword {
        "type" => "wrong-type",
        "pattern" => "pattern",
        "minLength" => "too-short",
        "maxLength" => "too-long",
        "minItems" | "minProperties" => "too-few",
        "maxItems" | "maxProperties" => "too-many",
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => "out-of-range",
        "uniqueItems" => "not-unique",
        "const" => "not-the-constant",
        _ => "invalid",
    }
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// The schema node at `path`, or `up` steps above it.
fn above<'a>(document: &'a Value, path: &str, up: usize) -> Option<&'a Value> {
    let mut path = path;
    for _ in 0..up {
        path = path.rsplit_once('/')?.0;
    }
    document.pointer(path)
}

/// The pointer with `*` for each array index.
fn pattern(pointer: &str) -> String {
    let is_index = |step: &&str| !step.is_empty() && step.bytes().all(|b| b.is_ascii_digit());
    let steps: Vec<&str> = pointer.split('/').map(|step| if is_index(&step) { "*" } else { step }).collect();
    steps.join("/")
}
