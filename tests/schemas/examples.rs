//! Every example file: valid ones are taken, invalid ones are refused as they say, and the words of each
//! refusal are kept in a snapshot for people to read.

use std::{collections::BTreeSet, fmt::Write};

use casework::MessageKind;
use schemas::problem;

use super::{SCHEMAS, check, examples, folder, names};

#[test]
fn message_folders_are_message_kinds() {
    let folders: BTreeSet<String> = names(&folder().join("messages")).into_iter().collect();
    let kinds: BTreeSet<String> = MessageKind::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(folders, kinds);
    assert_eq!(SCHEMAS.list().count(), kinds.len());
}

#[test]
fn every_message_has_examples_of_both_sorts() {
    for sort in ["valid", "invalid"] {
        let shown: BTreeSet<String> = examples(sort).into_iter().map(|(message, ..)| message).collect();
        assert_eq!(shown.len(), MessageKind::ALL.len(), "{sort} examples");
    }
}

#[test]
fn valid_examples_are_taken() {
    for (message, _, body) in examples("valid") {
        check(&body.to_string(), Ok(&message));
        let kind: MessageKind = message.parse().unwrap();
        let checked = SCHEMAS.check(Some(kind), body.to_string().as_bytes()).unwrap();
        assert_eq!((checked.version, checked.value.json()), (1, &body));
    }
}

#[test]
fn invalid_examples_are_refused_as_they_say() {
    let mut told = String::new();
    let mut shown = BTreeSet::new();
    for (message, file, example) in examples("invalid") {
        let text = example["text"].as_str().map_or_else(|| example["message"].to_string(), ToOwned::to_owned);
        let expect = &example["expect"];
        let word = |member: &str| expect[member].as_str().unwrap().to_owned();
        let line = format!("{} {} {}", word("problem"), word("pointer"), word("code"));
        check(&text, Err(&line));
        shown.insert(word("problem"));
        let invalid = SCHEMAS.check(None, text.as_bytes()).unwrap_err();
        writeln!(told, "{message}/{file}: {}", invalid.problem).unwrap();
        for error in &invalid.errors {
            writeln!(told, "    {:?} {}: {}", error.pointer, error.code, error.detail).unwrap();
        }
    }
    let without_example = [problem::WRONG_MESSAGE, problem::PAYLOAD_TOO_LARGE];
    let wanted = problem::ALL.iter().filter(|slug| !without_example.contains(slug));
    assert_eq!(shown, wanted.map(ToString::to_string).collect());
    insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("refusals", told);
    });
}

#[test]
fn another_message_than_the_address_takes_is_refused() {
    let body = r#"{"schema": "referral.feedback/v1"}"#;
    let invalid = SCHEMAS.check(Some(MessageKind::Accept), body.as_bytes()).unwrap_err();
    assert_eq!(super::lines(&invalid), ["wrong-message /schema wrong-message"]);
}

#[test]
fn a_schema_may_be_embedded_in_openapi() {
    let components = SCHEMAS.openapi_components();
    let text = serde_json::to_string(&components).unwrap();
    assert!(components.contains_key("referral.request.v1"), "{:?}", components.keys());
    assert!(!text.contains("\"$id\"") && !text.contains("#/$defs/"));
    for target in text.split("\"$ref\":\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        let name = target.strip_prefix("#/components/schemas/").unwrap();
        assert!(components.contains_key(name), "{target} points nowhere");
    }
}
