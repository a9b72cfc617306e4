//! Bodies that are refused: not JSON, too large, too deep, not of the schema, not for this recipient. Each
//! is a good message, with every personal field filled, and one thing wrong.

use serde_json::{Value, json};

use super::refused::{Row, check_all, made};
use crate::journeys::messages::{canary_child, small_child, step};
use crate::journeys::sandbox::fresh_key;

const REFERRALS: &str = "/v1/referrals";
/// A picture's first letters in base64, and more letters.
const PICTURE: &str = "/9j/4AAQSkZJRgABAQAAAQABAAD4AAQ4AAQ4AAQ4AAQ4AAQ4AAQ4AAQ4AAQ4AAQ";

fn good() -> Value {
    canary_child(&[("cpi", "SVC-SHELTER")])
}

/// The good message with one thing changed.
fn changed(name: &str, status: u16, slug: &'static str, change: impl FnOnce(&mut Value)) -> Row {
    let mut body = good();
    change(&mut body);
    Row::post(name, REFERRALS, body.to_string().as_bytes(), status, slug)
}

/// The good message with its text changed.
fn rewritten(name: &str, status: u16, slug: &'static str, from: &str, to: &str) -> Row {
    let text = good().to_string();
    assert!(text.contains(from), "{name}: no {from} to change");
    Row::post(name, REFERRALS, text.replacen(from, to, 1).as_bytes(), status, slug)
}

#[test]
fn what_is_not_a_message_is_refused() {
    let nested = format!("{}{}", "[".repeat(33), "]".repeat(33));
    let deep_object = format!("{{\"narrative\":{}1{}}}", "{\"a\":".repeat(40), "}".repeat(40));
    let many: String = (0..1_001).map(|n| format!("\"m{n}\":1,")).collect();
    let mut latin = good().to_string().into_bytes();
    latin.extend_from_slice(b" \xff");
    let mut marked = b"\xef\xbb\xbf".to_vec();
    marked.extend_from_slice(good().to_string().as_bytes());
    check_all(vec![
        Row::post("nothing at all", REFERRALS, b"", 400, "malformed-json"),
        Row::post("not JSON", REFERRALS, b"zqx zqx", 400, "malformed-json"),
        rewritten("a comma too many", 400, "malformed-json", "\"priority\":", ",\"priority\":"),
        Row::post("cut off", REFERRALS, &good().to_string().as_bytes()[..400], 400, "malformed-json"),
        Row::post(
            "two messages",
            REFERRALS,
            format!("{}{}", good(), good()).as_bytes(),
            400,
            "malformed-json",
        ),
        Row::post("not UTF-8", REFERRALS, &latin, 400, "malformed-json"),
        Row::post("a byte-order mark", REFERRALS, &marked, 400, "malformed-json"),
        rewritten("NaN", 400, "malformed-json", "\"years\":9", "\"years\":NaN"),
        rewritten(
            "a member twice",
            400,
            "duplicate-key",
            "\"priority\":",
            "\"priority\":\"zqx\",\"priority\":",
        ),
        rewritten(
            "a member twice, one escaped",
            400,
            "duplicate-key",
            "\"sex\":\"F\"",
            "\"sex\":\"F\",\"\\u0073ex\":\"M\"",
        ),
        rewritten("a list 33 deep", 400, "too-deep", "\"EX-707\"", &nested),
        Row::post("an object 40 deep", REFERRALS, deep_object.as_bytes(), 400, "too-deep"),
        changed("over 1 MiB", 413, "payload-too-large", |body| {
            body["narrative"] = json!("zqx ".repeat(1 << 18))
        }),
        changed("a text over 64 KiB", 413, "payload-too-large", |body| {
            body["narrative"] = json!("zqx ".repeat(17_000))
        }),
        Row::post(
            "over 1000 members",
            REFERRALS,
            format!("{{{many}\"x\":1}}").as_bytes(),
            413,
            "payload-too-large",
        ),
        Row::post("a list", REFERRALS, b"[\"zqx\"]", 422, "unknown-schema"),
    ]);
}

#[test]
fn what_its_schema_does_not_allow_is_refused() {
    check_all(vec![
        changed("an unknown member", 422, "unknown-field", |body| body["colour"] = json!("zqx")).at(""),
        changed("an unknown member inside", 422, "unknown-field", |body| {
            body["child"]["colour"] = json!("zqx")
        })
        .at("/child"),
        changed("religion", 422, "unknown-field", |body| body["child"]["religion"] = json!("zqx"))
            .at("/child"),
        changed("a code of no list", 422, "unknown-code", |body| body["priority"] = json!("zqx"))
            .at("/priority"),
        changed("a code misspelt", 422, "unknown-code", |body| body["reasons"] = json!(["RSN-FOUNDZQX"]))
            .at("/reasons/0"),
        changed("a service of no list", 422, "unknown-code", |body| {
            body["recipients"] = json!([{ "agency": "cpi", "service": "SVC-ZQX" }]);
        })
        .at("/recipients/0/service"),
        changed("a member missing", 422, "validation-failed", |body| body["consent"] = json!({}))
            .at("/consent"),
        changed("a wrong type", 422, "validation-failed", |body| {
            body["child"]["age"]["years"] = json!("zqx")
        })
        .at("/child/age/years"),
        changed("a wrong number", 422, "validation-failed", |body| body["child"]["age"]["years"] = json!(18))
            .at("/child/age/years"),
        changed("an identity number", 422, "validation-failed", |body| {
            body["child"]["national_id"] = json!("zqx")
        })
        .at("/child/national_id"),
        changed("no schema", 422, "unknown-schema", |body| body["schema"] = Value::Null),
        changed("a schema of nobody", 422, "unknown-schema", |body| body["schema"] = json!("zqx.message/v1")),
        changed("a version to come", 422, "unknown-schema-version", |body| {
            body["schema"] = json!("referral.request/v7");
        }),
        Row::post("another message", REFERRALS, step("accept").to_string().as_bytes(), 422, "wrong-message"),
    ]);
}

#[test]
fn media_are_refused_wherever_they_stand() {
    let blob = "QUJDzqx1".repeat(40);
    check_all(vec![
        changed("a picture in the narrative", 422, "media-refused", |body| {
            body["narrative"] = json!(PICTURE)
        })
        .at("/narrative"),
        changed("a data address", 422, "media-refused", |body| {
            body["incident"]["district"] = json!("data:image/png;base64,iVBORw0KGgo=");
        })
        .at("/incident/district"),
        changed("a blob", 422, "media-refused", |body| body["offender"]["name"] = json!(blob))
            .at("/offender/name"),
        changed("a member called photo", 422, "media-refused", |body| {
            body["incident"]["photo"] = json!("zqx")
        })
        .at("/incident/*"),
        changed("an attachment", 422, "media-refused", |body| body["evidence"][0]["file"] = json!("zqx"))
            .at("/evidence/0/*"),
    ]);
}

#[test]
fn what_goes_nowhere_is_refused() {
    let to = |agency: &str, service: &str| json!([{ "agency": agency, "service": service }]);
    check_all(vec![
        changed("an unknown agency", 422, "unknown-agency", |body| {
            body["recipients"] = to("zqx", "SVC-SHELTER")
        })
        .at("/recipients/0/agency"),
        changed("the second of two", 422, "unknown-agency", |body| {
            body["recipients"]
                .as_array_mut()
                .unwrap()
                .push(json!({ "agency": "zqx", "service": "SVC-LEGAL" }));
        })
        .at("/recipients/1/agency"),
        changed("no mandate", 422, "recipient-without-mandate", |body| {
            body["recipients"] = to("cpi", "SVC-LEGAL")
        })
        .at("/recipients/0/agency"),
        changed("no agreement with it", 403, "not-permitted", |body| {
            body["recipients"] = to("mofept", "SVC-EDU")
        }),
        changed("no agreement for this purpose", 403, "not-permitted", |body| {
            body["recipients"] = to("nccia", "SVC-CYBER");
            body["purpose"] = json!("health");
        }),
        changed("no agreement of this sender", 403, "not-permitted", |body| {
            body["recipients"] = to("pta", "SVC-CYBER")
        })
        .by("cpi", "cpi"),
        changed("a case of nobody", 404, "not-found", |body| {
            body["case"] = json!("cs_00000000000040008000000000000000");
        }),
        changed("a referral of nobody to replace", 404, "not-found", |body| {
            body["replaces"] = json!("rf_00000000000070008000000000000000");
        }),
    ]);
}

#[test]
fn a_case_of_others_is_refused_like_one_of_nobody() {
    let mut theirs = small_child("laja", "SVC-LEGAL");
    theirs["purpose"] = json!("protection");
    let case = made("cpi", &fresh_key(), &theirs)["case"]["id"].clone();
    check_all(vec![changed("a case of others", 404, "not-found", |body| body["case"] = case)]);
}

#[test]
fn bad_answers_are_refused() {
    let made = made("ictp", &fresh_key(), &small_child("laja", "SVC-LEGAL"));
    let id = made["referrals"][0]["id"].as_str().unwrap();
    let answer = |name: &str, action: &str, body: Value, status: u16, slug| {
        let path = format!("/v1/referrals/{id}/{action}");
        Row::post(name, &path, body.to_string().as_bytes(), status, slug).by("laja", "laja")
    };
    let of_no_list = json!({ "schema": "referral.reject/v1", "reason": "zqx" });
    check_all(vec![
        answer("a reason of no list", "reject", of_no_list, 422, "unknown-code").at("/reason"),
        answer("another step's message", "accept", step("reject"), 422, "wrong-message"),
        answer("a step there is none of", "zqx", step("accept"), 404, "unknown-action"),
        answer("a step of the other side", "information", step("information"), 409, "invalid-transition"),
        answer("a step too early", "outcome", step("outcome"), 409, "invalid-transition"),
    ]);
}

#[test]
fn bad_identity_checks_are_refused() {
    let good = json!({
        "schema": "identity.check/v1", "case": "cs_00000000000070008000000000000000",
        "purpose": "guardian-verification", "basis": "best-interests",
        "subject": { "id_number": "0000000000707" },
    });
    let with = |name: &str, member: &str, value: Value, slug| {
        let mut body = good.clone();
        body[member] = value;
        Row::post(name, "/v1/identity-checks", body.to_string().as_bytes(), 422, slug)
    };
    let short = json!({ "id_number": "707zqx" });
    check_all(vec![
        with("a number too short", "subject", short, "validation-failed").at("/subject/id_number"),
        with("a purpose of referrals", "purpose", json!("protection"), "unknown-code").at("/purpose"),
        with("no case", "case", Value::Null, "validation-failed").at("/case"),
        with("no patience", "deadline_ms", json!(1), "validation-failed").at("/deadline_ms"),
        Row::post("by LAJA", "/v1/identity-checks", good.to_string().as_bytes(), 403, "missing-scope")
            .by("laja", "laja"),
    ]);
}

#[test]
fn bad_settlements_are_refused() {
    let letter = "/v1/dead-letters/dl_00000000000070008000000000000000";
    let settle = |name: &str, body: &str, status: u16, slug| {
        Row::post(name, &format!("{letter}/resolve"), body.as_bytes(), status, slug)
    };
    let replay = |name: &str, body: &str, status: u16, slug| {
        Row::post(name, &format!("{letter}/replay"), body.as_bytes(), status, slug)
    };
    check_all(vec![
        settle("no resolution", "{}", 422, "validation-failed"),
        settle("a resolution of no list", r#"{"as":"zqx","reason":"other"}"#, 422, "validation-failed"),
        settle(
            "a reason that is no code",
            r#"{"as":"delivered","reason":"zqx zqx"}"#,
            422,
            "validation-failed",
        ),
        settle(
            "a member too many",
            r#"{"as":"delivered","reason":"other","by":"zqx"}"#,
            422,
            "validation-failed",
        ),
        settle("not JSON", "zqx", 400, "malformed-json"),
        settle("a reason of no list", r#"{"as":"delivered","reason":"zqx"}"#, 422, "unknown-code")
            .at("/reason"),
        settle("nothing to settle", r#"{"as":"delivered","reason":"other"}"#, 404, "not-found"),
        replay("a replay with a body", r#"{"as":"zqx"}"#, 422, "validation-failed"),
        replay("nothing to replay", "{}", 404, "not-found"),
    ]);
}
