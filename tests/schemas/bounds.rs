//! The bounds of a document: bytes, depth, members, text length. Each with the last that is taken and the
//! first that is not.

use schemas::{BODY_BYTES_MAX, DEPTH_MAX, MEMBERS_MAX, STRING_BYTES_MAX};

use super::{check, lines};

const FEEDBACK: &str = r#""schema": "referral.feedback/v1""#;

fn nested(levels: usize) -> String {
    // The outermost object is the first level.
    format!("{{{FEEDBACK}, \"note\": {}1{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1))
}

#[test]
fn depth() {
    check(&nested(DEPTH_MAX), Err("validation-failed /note wrong-type"));
    let too_deep = format!("too-deep /note{} too-deep", "/0".repeat(DEPTH_MAX - 1));
    check(&nested(DEPTH_MAX + 1), Err(&too_deep));
    check(&nested(5000), Err(&too_deep));
}

#[test]
fn members_of_one_object() {
    let filled = |count: usize| {
        let members: Vec<String> = (0..count - 1).map(|i| format!("\"m{i}\": 1")).collect();
        format!("{{{FEEDBACK}, {}}}", members.join(", "))
    };
    check(&filled(MEMBERS_MAX), Err("unknown-field  unknown-field"));
    check(&filled(MEMBERS_MAX + 1), Err("payload-too-large  payload-too-large"));
}

#[test]
fn length_of_a_text() {
    let noted = |bytes: usize| format!("{{{FEEDBACK}, \"note\": \"{}\"}}", "a ".repeat(bytes / 2));
    check(&noted(STRING_BYTES_MAX), Err("validation-failed /note too-long"));
    check(&noted(STRING_BYTES_MAX + 2), Err("payload-too-large /note payload-too-large"));
    let named = format!("{{{FEEDBACK}, \"{}\": 1}}", "a ".repeat(STRING_BYTES_MAX / 2 + 1));
    check(&named, Err("payload-too-large  payload-too-large"));
}

#[test]
fn bytes_of_a_body() {
    let filled = |bytes: usize| {
        let start = format!("{{{FEEDBACK}}}");
        format!("{start}{}", " ".repeat(bytes - start.len()))
    };
    check(&filled(BODY_BYTES_MAX), Ok("referral.feedback"));
    check(&filled(BODY_BYTES_MAX + 1), Err("payload-too-large  payload-too-large"));
}

#[test]
fn text_that_is_no_json() {
    for text in ["", " ", "nul", "{'a': 1}", "[1,]", "\u{feff}{}", "{\"a\": 1e999}", "{\"a\": \"\\ud800\"}"] {
        check(text, Err("malformed-json  malformed-json"));
    }
    let not_utf8 = super::SCHEMAS.check(None, b"{\"schema\": \"\xff\"}").unwrap_err();
    assert_eq!(lines(&not_utf8), ["malformed-json  malformed-json"]);
}

#[test]
fn json_that_is_no_message() {
    for text in ["null", "7", "\"referral.feedback/v1\"", "[]", "{}"] {
        check(text, Err("unknown-schema /schema unknown-schema"));
    }
}

#[test]
fn a_list_of_words_and_a_hash_are_no_media() {
    let noted = |note: &str| format!("{{{FEEDBACK}, \"note\": {}}}", serde_json::json!(note));
    for note in [
        "one\ntwo\nthree\n".repeat(40).as_str(),
        "data: the child was seen on Monday, and again on Tuesday",
        &"7".repeat(64),
        "بچی محفوظ ہے",
    ] {
        check(&noted(note), Ok("referral.feedback"));
    }
    for note in ["DATA:,x", "look: data:video/mp4,AAAA", &"ab+/".repeat(64), "x;base64,AAAA"] {
        check(&noted(note), Err("media-refused /note media-refused"));
    }
}
