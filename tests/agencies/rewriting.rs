//! Programs mean what jq says, however they are written for speed: objects, paths and numbers at their edges.

use adapters::Registry;
use serde_json::{Value, json};

use super::{agency, changed};

/// The program stands in place of NADRA's inbound mapping, which no target schema narrows.
fn program(text: &str) -> Registry {
    changed("nadra", |folder| std::fs::write(folder.join("inbound.jq"), text).unwrap()).unwrap()
}

/// The text that comes out: two values that differ in the order of members are not the same.
fn check(text: &str, input: &Value, expect: &str) {
    let registry = program(text);
    let mapped = agency(&registry, "nadra").map_answer(input);
    let told = mapped.map_or_else(|error| error.slug().to_owned(), |value| value.json().to_string());
    assert_eq!(told, expect, "{text}");
}

#[test]
fn objects_keep_their_order_and_the_later_value() {
    let input = json!({"x": {"y": 5}, "l": [1, 2]});
    check("{a: .x.y, b: 1, a: 2}", &input, r#"{"a":2,"b":1}"#);
    check("{}", &input, "{}");
    check("{a: {}, b: null}", &input, r#"{"a":{},"b":null}"#);
    check(".x as $x | {$x, y: 1}", &input, r#"{"x":{"y":5},"y":1}"#);
    check("{l, y: .x.y}", &input, r#"{"l":[1,2],"y":5}"#);
    check(r#"{"a\(.x.y)": 1, b: 2}"#, &input, r#"{"a5":1,"b":2}"#);
    check("{a: 1} + {b: 2} + {a: 3}", &input, r#"{"a":3,"b":2}"#);
}

#[test]
fn a_member_with_several_values_gives_several_objects() {
    let input = json!({"l": [1, 2], "none": []});
    check("[{a: .l[], b: 3}]", &input, r#"[{"a":1,"b":3},{"a":2,"b":3}]"#);
    check("[{a: (1, 2), b: (3, 4)} | [.a, .b]]", &input, "[[1,3],[1,4],[2,3],[2,4]]");
    check("[{a: .none[], b: 3}]", &input, "[]");
    check("{a: .none[], b: 3}", &input, "mapping-failed");
    check("{a: [.l[]], b: (.l | map({c: .}))}", &input, r#"{"a":[1,2],"b":[{"c":1},{"c":2}]}"#);
    let many: Vec<String> = (0..40).map(|number| format!("m{number}: {number}")).collect();
    let members = (0..40).map(|number| format!("\"m{number}\":{number}")).collect::<Vec<_>>().join(",");
    check(&format!("{{{}}}", many.join(", ")), &input, &format!("{{{members}}}"));
    let two = format!("[{{a: .l[], {}}}]", many.join(", "));
    check(&two, &input, &format!("[{{\"a\":1,{members}}},{{\"a\":2,{members}}}]"));
}

#[test]
fn paths_end_in_nothing_or_in_an_error() {
    let input = json!({"x": {"y": {"z": "Test"}}, "text": "Test", "list": [1], "none": null, "odd.name": 1});
    check(".x.y.z", &input, "\"Test\"");
    check(".x.missing.z", &input, "null");
    check(".none.a.b", &input, "null");
    check(". as $m | $m.x | .y.z", &input, "\"Test\"");
    check(".\"odd.name\"", &input, "1");
    check(".text.a", &input, "mapping-failed");
    check(".list.a", &input, "mapping-failed");
    check("{a: 1, b: .text.a}", &input, "mapping-failed");
    check(".text[1:3]", &input, "\"es\"");
    check("if .x.y.z == \"Test\" then {a: .x.y.z} else {b: 1} end", &input, r#"{"a":"Test"}"#);
}

#[test]
fn numbers_and_texts_come_out_as_they_went_in() {
    let numbers = json!([0, -3, 1.5, 1e300, 12_345_678_901_234_567_890_u64, i64::MIN]);
    let input = json!({"n": numbers, "t": "\u{7f}\"\\پ\n"});
    check(".", &input, &input.to_string());
    check("{n: .n, t: .t}", &input, &input.to_string());
}
