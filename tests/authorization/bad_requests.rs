//! Requests whose dress is wrong: headers, query, address, key, version.

use egress::Method;
use serde_json::json;

use super::refused::{Row, check_all, made, request};
use crate::journeys::messages::{small_child, step};
use crate::journeys::sandbox::{fresh_key, sandbox};

const REFERRALS: &str = "/v1/referrals";

fn good() -> Vec<u8> {
    small_child("laja", "SVC-LEGAL").to_string().into_bytes()
}

fn post(name: &str, status: u16, slug: &'static str) -> Row {
    Row::post(name, REFERRALS, &good(), status, slug)
}

#[test]
fn wrong_headers_are_refused() {
    let long = "k".repeat(129);
    check_all(vec![
        post("no key", 400, "idempotency-key-required").without("idempotency-key"),
        post("an empty key", 400, "idempotency-key-required").header("idempotency-key", ""),
        post("a key with a blank", 400, "idempotency-key-malformed").header("idempotency-key", "zqx zqx"),
        post("a key too long", 400, "idempotency-key-malformed").header("idempotency-key", &long),
        post("text", 415, "content-type-refused").header("content-type", "text/plain"),
        post("a form", 415, "content-type-refused")
            .header("content-type", "application/x-www-form-urlencoded"),
        post("many parts", 415, "content-type-refused")
            .header("content-type", "multipart/form-data; boundary=zqx"),
        post("compressed", 415, "body-encoding-refused").header("content-encoding", "gzip"),
        post("nothing acceptable", 406, "not-acceptable").header("accept", "image/png"),
    ]);
}

#[test]
fn wrong_queries_are_refused() {
    let get = |name: &str, path: &str, slug| Row::get(name, path, 400, slug);
    let analyst = |row: Row| row.by("ncrc-analyst", "ncrc");
    check_all(vec![
        get("an unknown parameter", "/v1/referrals?zqx=zqx", "unknown-query-parameter"),
        get("a mistyped one", "/v1/referrals?state=requested", "unknown-query-parameter"),
        get("one where there are none", "/v1/dead-letters?all=zqx", "unknown-query-parameter"),
        get("a token in the address", "/v1/referrals?access_token=zqx", "unknown-query-parameter"),
        Row::post(
            "one beside a message",
            "/v1/referrals?dry_run=zqx",
            &good(),
            400,
            "unknown-query-parameter",
        ),
        get("a limit of nought", "/v1/referrals?limit=0", "query-malformed"),
        get("a limit that is none", "/v1/referrals?limit=zqx", "query-malformed"),
        get("a limit twice", "/v1/referrals?limit=1&limit=2", "query-malformed"),
        get("a limit too high", "/v1/referrals?limit=201", "query-malformed"),
        get("a state there is none of", "/v1/referrals?status=zqx", "query-malformed"),
        get("a cursor of nobody", "/v1/referrals?cursor=zqx", "query-malformed"),
        analyst(get("no index", "/v1/audit/proof", "query-malformed")),
        analyst(get("an index below nought", "/v1/audit/proof?index=-1", "query-malformed")),
        analyst(get("three dimensions", "/v1/indicators/referrals?by=sex&by=to&by=month", "query-malformed")),
        analyst(get("a dimension of none", "/v1/indicators/referrals?by=zqx", "indicator-query")),
        analyst(get("a month of none", "/v1/indicators/referrals?from=2026-zq", "indicator-query")),
        analyst(Row::get("an indicator of none", "/v1/indicators/zqx", 404, "unknown-indicator")),
        analyst(Row::get("an entry to come", "/v1/audit/proof?index=99999999", 404, "not-found")),
    ]);
}

#[test]
fn a_wrong_key_or_version_is_refused() {
    let key = fresh_key();
    let made = made("ictp", &key, &small_child("laja", "SVC-LEGAL"));
    let path =
        |action: &str| format!("/v1/referrals/{}/{action}", made["referrals"][0]["id"].as_str().unwrap());
    let accept = step("accept").to_string().into_bytes();
    let step = |name: &str, status: u16, slug, version: &str| {
        Row::post(name, &path("accept"), &accept, status, slug).by("laja", "laja").header("if-match", version)
    };
    let mut other = small_child("laja", "SVC-LEGAL");
    other["child"]["name"] = json!({ "full": "Test Child 7 Canaryname" });
    let other = other.to_string();
    check_all(vec![
        Row::post("a key with another body", REFERRALS, other.as_bytes(), 422, "idempotency-key-reused")
            .header("idempotency-key", &key),
        Row::post(
            "a key with other spacing",
            REFERRALS,
            &[good(), b" ".to_vec()].concat(),
            422,
            "idempotency-key-reused",
        )
        .header("idempotency-key", &key),
        step("a version to come", 412, "version-conflict", "\"7\""),
        step("any version", 400, "if-match-malformed", "*"),
        step("a weak version", 400, "if-match-malformed", "W/\"1\""),
        step("two versions", 400, "if-match-malformed", "\"1\", \"2\""),
        step("a word", 400, "if-match-malformed", "zqx"),
        Row::post("a stranger's step", &path("accept"), &accept, 404, "not-found").by("nccia", "nccia"),
    ]);
}

#[test]
fn wrong_addresses_are_refused() {
    let absent = "/v1/referrals/rf_00000000000070008000000000000000";
    let nowhere = |name: &str, method, path: &str, status: u16, slug| {
        let request =
            request(method, path).header("authorization", &format!("Bearer {}", sandbox().token("ictp")));
        Row { name: name.to_owned(), agency: "", request, status, slug, pointer: None }
    };
    check_all(vec![
        Row::get("a referral of nobody", absent, 404, "not-found"),
        Row::get(
            "an id of another kind",
            "/v1/referrals/dl_00000000000070008000000000000000",
            404,
            "not-found",
        ),
        Row::get("no id", "/v1/referrals/zqx", 404, "not-found"),
        nowhere("a path of nowhere", Method::Get, "/v1/zqx", 404, "not-found"),
        nowhere("a path upwards", Method::Get, "/v1/../../etc/zqx", 404, "not-found"),
        nowhere("a method there is none of", Method::Delete, REFERRALS, 405, "method-not-allowed"),
        nowhere("another method", Method::Get, "/v1/identity-checks", 405, "method-not-allowed"),
        nowhere("a write to a page", Method::Post, "/", 405, "method-not-allowed"),
    ]);
}
