//! What every concern does: say what is wrong with its values once their form is right.

use serde::de::DeserializeOwned;
use validator::Validate;

use super::key::{Kind, Section};
use super::problem::Fault;

/// Faults by key path.
pub type Faults = Vec<(String, Fault)>;

/// The values of one section.
pub trait Concern: DeserializeOwned {
    const SECTION: &'static Section;
    fn faults(&self) -> Faults;
}

/// What `validator` finds, in the words of the declarations. Only field names are taken from it: its errors
/// carry the rejected values.
pub fn held_to_form(section: &Section, path: &str, values: &impl Validate) -> Faults {
    let Err(errors) = values.validate() else { return Vec::new() };
    let mut fields: Vec<String> = errors.field_errors().keys().map(ToString::to_string).collect();
    fields.sort_unstable();
    fields.into_iter().map(|field| (format!("{path}.{field}"), out_of_form(section, &field))).collect()
}

fn out_of_form(section: &Section, field: &str) -> Fault {
    let Some(key) = section.key(field) else {
        return Fault::new("is not accepted", "the program refuses its value", "see the reference");
    };
    let what = match &key.kind {
        Kind::Number(_) => "is out of bounds",
        _ => "does not have the right form",
    };
    Fault::new(what, because(key.about), format!("write {}", key.kind.form()))
}

/// The first sentence of what a setting is for, as it stands in an error.
fn because(about: &str) -> String {
    let sentence = about.split_once(". ").map_or(about, |(first, _)| first).trim_end_matches('.');
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}", first.to_lowercase(), letters.as_str()))
}
