//! A schema made ready to validate: 2020-12, offline, formats asserted, regular expressions in linear time,
//! and two checks of our own.

use chrono::NaiveDate;
use jsonschema::{Draft, Keyword, PatternOptions, ValidationError, Validator};
use serde_json::Value;

use crate::LoadError;

/// The schema's validator. `file` only names it in an error.
pub(crate) fn compile(file: &str, document: &Value) -> Result<Validator, LoadError> {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .offline()
        .with_pattern_options(PatternOptions::regex())
        .should_validate_formats(true)
        .should_ignore_unknown_formats(false)
        .with_format("x-partial-date", is_partial_date)
        .with_keyword("x-cnic", |_, _, _| Ok(Box::new(IdentityNumber)))
        .build(document)
        .map_err(|error| LoadError::bad(file, error.instance_path(), format!("not a usable schema: {error}")))
}

/// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, a day that exists: a child without papers often has a year only.
fn is_partial_date(text: &str) -> bool {
    let fits =
        |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    let whole = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        10 => text.to_owned(),
        _ => return false,
    };
    text.bytes().enumerate().all(fits) && NaiveDate::parse_from_str(&whole, "%Y-%m-%d").is_ok()
}

/// A CNIC, B-Form or juvenile card number: 13 digits, bare or written 5-7-1. There is no check digit, and
/// neither province nor sex may be read from it or tested (codelists/id_formats.json).
struct IdentityNumber;

impl<'i> Keyword<'i> for IdentityNumber {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) {
            return Ok(());
        }
        Err(ValidationError::custom("an identity number has 13 digits, bare or written 5-7-1"))
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        let Some(text) = instance.as_str() else { return true };
        let groups: Vec<usize> = text.split('-').map(str::len).collect();
        let shaped = matches!(groups.as_slice(), [13] | [5, 7, 1]);
        shaped && text.bytes().all(|b| b.is_ascii_digit() || b == b'-')
    }
}
