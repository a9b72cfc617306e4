//! No refusal repeats what was sent. A canary is planted in every place of every example, as value and as
//! member name, and no error may contain it.

use serde_json::{Map, Value, json};

use super::{SCHEMAS, examples};

const CANARY: &str = "Canary Child 7731";
const CANARY_NUMBER: u64 = 77_317_731;

fn check(text: &str) {
    if let Err(invalid) = SCHEMAS.check(None, text.as_bytes()) {
        let told = format!("{invalid:?} {invalid}").to_lowercase();
        for canary in ["canary", "7731"] {
            assert!(!told.contains(canary), "{told}");
        }
    }
}

/// Every copy of `value` with `planted` in one place: in place of a value, and as one more member.
fn planted(value: &Value, plant: &Value) -> Vec<Value> {
    let mut copies = vec![plant.clone()];
    match value {
        Value::Object(members) => {
            let mut more = members.clone();
            more.insert(CANARY.to_owned(), plant.clone());
            copies.push(Value::Object(more));
            for (name, member) in members {
                let put = |copy: Value| {
                    let mut changed: Map<String, Value> = members.clone();
                    changed.insert(name.clone(), copy);
                    Value::Object(changed)
                };
                copies.extend(planted(member, plant).into_iter().map(put));
            }
        }
        Value::Array(items) => {
            for index in 0..items.len() {
                let put = |copy: Value| {
                    let mut changed = items.clone();
                    changed[index] = copy;
                    Value::Array(changed)
                };
                copies.extend(planted(&items[index], plant).into_iter().map(put));
            }
        }
        _ => {}
    }
    copies
}

#[test]
fn no_error_repeats_a_value_or_a_member_name() {
    let deep = json!({CANARY: {CANARY: [CANARY, CANARY_NUMBER]}});
    for (_, _, body) in examples("valid") {
        for plant in [json!(CANARY), json!(CANARY_NUMBER), json!([CANARY]), deep.clone()] {
            for copy in planted(&body, &plant) {
                check(&copy.to_string());
            }
        }
    }
}

#[test]
fn no_error_of_reading_repeats_the_text() {
    let twice = format!(r#"{{"{CANARY}": 1, "{CANARY}": 2}}"#);
    let twice_inside = format!(r#"{{"{CANARY}": {{"{CANARY}": 1, "{CANARY}": 2}}}}"#);
    let cut = format!(r#"{{"schema": "{CANARY}"#);
    let bad_word = format!(r#"{{"schema": {CANARY}}}"#);
    let media = format!(r#"{{"{CANARY}": {{"image {CANARY}": "data:,{CANARY}"}}}}"#);
    let deep = format!(r#"{{"{CANARY}": {}"{CANARY}"{}}}"#, "[".repeat(40), "]".repeat(40));
    for text in [twice, twice_inside, cut, bad_word, media, deep] {
        assert!(SCHEMAS.check(None, text.as_bytes()).is_err());
        check(&text);
    }
}

#[test]
fn a_checked_message_is_not_printed() {
    let body = json!({"schema": "referral.feedback/v1", "note": CANARY});
    let checked = SCHEMAS.check(None, body.to_string().as_bytes()).unwrap();
    assert_eq!(format!("{checked:?}"), "Checked(referral.feedback/v1)");
}
