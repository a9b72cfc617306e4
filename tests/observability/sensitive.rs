//! `Sensitive` cannot be printed or serialised. Most of it is held at compile time: with such an
//! implementation this file would not compile.

use casework::{Document, Json, Sensitive};

/// Has one meaning for every type, and a second for types that implement a trait: for them, a call without
/// saying which is ambiguous.
trait Once<Which> {
    fn only() {}
}

impl<T: ?Sized> Once<()> for T {}

struct Shown;
impl<T: ?Sized + std::fmt::Display> Once<Shown> for T {}

struct Written;
impl<T: ?Sized + serde::Serialize> Once<Written> for T {}

struct Read;
impl<T: ?Sized + AsRef<str>> Once<Read> for T {}

#[test]
fn it_has_neither_display_nor_serialize() {
    <Sensitive<String> as Once<_>>::only();
    <Sensitive<Vec<u8>> as Once<_>>::only();
    <Document as Once<_>>::only();
    <Json as Once<_>>::only();
    <adapters::Outgoing as Once<_>>::only();
    <schemas::Checked as Once<_>>::only();
}

#[test]
fn its_debug_shows_nothing() {
    let name = Sensitive::new("Test Child 7".to_owned());
    assert_eq!(format!("{name:?} {:#?}", [&name]), "Sensitive(..) [\n    Sensitive(..),\n]");
    assert_eq!(name.expose(), "Test Child 7");
}

/// What holds a message holds it so; a `Debug` of the whole shows nothing of it.
#[test]
fn a_message_is_wrapped_wherever_it_goes() {
    let value = serde_json::json!({ "child": { "name": { "full": "Test Child 7" }, "years": 9 } });
    let document = Document::of(value.clone());
    assert_eq!(format!("{document:?}"), "Sensitive(..)");
    assert_eq!((document.json(), document.clone().into_json()), (&value, value.clone()));
    let schemas = schemas::Schemas::embedded().unwrap();
    let text = include_str!("../../schemas/messages/referral.request/examples/valid/everything.json");
    let checked = schemas.check(None, text.as_bytes()).unwrap();
    assert_eq!(format!("{checked:?}"), "Checked(referral.request/v1)");
    let _: &Document = &checked.value;
}
