//! `Sensitive` cannot be printed or serialised. Most of it is held at compile time: with such an
//! implementation this file would not compile.

use adapters::{Contact, Exchange, Inbound, Outgoing, Polled};
use casework::{Document, Json, Sensitive};
use schemas::{Checked, Minimised};

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

/// The same for what may not even be put into a line for those who debug.
trait Silent<Which> {
    fn silent() {}
}

impl<T: ?Sized> Silent<()> for T {}

struct Debugged;
impl<T: ?Sized + std::fmt::Debug> Silent<Debugged> for T {}

#[test]
fn it_has_neither_display_nor_serialize() {
    <Sensitive<String> as Once<_>>::only();
    <Sensitive<Vec<u8>> as Once<_>>::only();
    <Document as Once<_>>::only();
    <Json as Once<_>>::only();
    <Checked as Once<_>>::only();
    <Exchange as Once<_>>::only();
    <Contact as Once<_>>::only();
}

/// What holds what an agency said, or what is about to be sent to one, has no `Debug` either.
#[test]
fn what_comes_and_goes_has_no_debug() {
    <Outgoing as Once<_>>::only();
    <Outgoing as Silent<_>>::silent();
    <Inbound as Once<_>>::only();
    <Inbound as Silent<_>>::silent();
    <Polled as Silent<_>>::silent();
    <Minimised as Once<_>>::only();
    <Minimised as Silent<_>>::silent();
}

/// Where somebody needs the debug of the whole (an exchange that a test did not expect, a contact of an
/// agency's folder), nothing of the value stands in it.
#[test]
fn the_debug_of_answers_and_contacts_shows_nothing() {
    let answer = Document::of(serde_json::json!({ "status": "answered", "result": "match" }));
    let exchange = Exchange::Delivered { local_reference: None, answer: Some(answer), evidence: [0; 32] };
    let contact = Contact {
        role: "helpdesk".into(),
        channel: "phone".into(),
        value: Sensitive::new("0300 0000007".into()),
        last_verified: String::new(),
        source: String::new(),
    };
    let told = format!("{exchange:?} {contact:?}");
    assert!(told.contains("Sensitive(..)"), "{told}");
    assert!(!["answered", "match", "0300"].iter().any(|word| told.contains(word)), "{told}");
}

/// The types of what is kept of a person: another one would not compile here.
#[test]
fn answers_and_forms_are_documents() {
    let _: fn(&Inbound) -> &Document = |inbound| &inbound.body;
    let _: fn(&Outgoing) -> &Document = |outgoing| &outgoing.body;
    let _: fn(&Minimised) -> &Document = |minimised| &minimised.value;
    let _: fn(&Contact) -> &Sensitive<String> = |contact| &contact.value;
    let _: fn(&hub::ContactView) -> &Sensitive<String> = |contact| &contact.value;
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
