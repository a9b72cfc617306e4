//! Words that stand for a person's number or name: the same for one agency, another for the next, and nothing
//! without the key.

use seal::RootKey;

#[test]
fn one_value_has_one_word_per_agency_kind_and_root() {
    let root = RootKey::from_bytes([7; 32]);
    let word =
        |root: &RootKey, agency: &str, kind: &str, value: &str| root.word_key(agency).word(kind, value);
    let first = word(&root, "nccia", "id-number", "0000000000017");
    assert_eq!(first, word(&RootKey::from_bytes([7; 32]), "nccia", "id-number", "0000000000017"));
    let others = [
        word(&root, "laja", "id-number", "0000000000017"),
        word(&root, "nccia", "telephone", "0000000000017"),
        word(&root, "nccia", "id-number", "0000000000018"),
        word(&root, "nccia", "id-numbe", "r0000000000017"),
        word(&RootKey::generate(), "nccia", "id-number", "0000000000017"),
    ];
    assert!(others.iter().all(|other| *other != first), "{first} {others:?}");
    let hex = first.strip_prefix("pn_").unwrap();
    assert!(hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_eq!(format!("{:?}", root.word_key("nccia")), "WordKey(..)");
}
