//! `Sensitive` cannot be printed or serialised. Most of it is held at compile time: with such an
//! implementation this file would not compile.

use casework::Sensitive;

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
}

#[test]
fn its_debug_shows_nothing() {
    let name = Sensitive::new("Test Child 7".to_owned());
    assert_eq!(format!("{name:?} {:#?}", [&name]), "Sensitive(..) [\n    Sensitive(..),\n]");
    assert_eq!(name.expose(), "Test Child 7");
}
