//! Queries are read strictly: unknown parameters, wrong forms and repetitions are refused, and no value is
//! ever repeated in the answer.

use amaan_http::query::object;
use amaan_http::{ROUTES, Verb};

const BASE: &str = "https://hub.example";

/// Reads a query of `GET path`; `Ok` is the object, `Err` the slug and detail.
fn check(path: &str, query: &str, expect: Result<&str, &str>) {
    let route = ROUTES.iter().find(|route| route.path == path && route.method == Verb::Get).unwrap();
    let got = object(route.query, query).map(|object| serde_json::to_string(&object).unwrap());
    let got = got.map_err(|problem| {
        let document = problem.document(BASE, amaan_http::problem::RequestId::nil());
        format!("{}: {}", problem.slug(), document["detail"].as_str().unwrap())
    });
    assert_eq!(got.as_deref().map_err(String::as_str), expect, "{path}?{query}");
}

#[test]
fn known_parameters_take_their_form() {
    check("/v1/referrals", "", Ok("{}"));
    check(
        "/v1/referrals",
        "limit=20&status=accepted&status=on-hold",
        Ok(r#"{"limit":20,"status":["accepted","on-hold"]}"#),
    );
    check(
        "/v1/indicators/{id}",
        "by=sex&by=service&from=2026-01",
        Ok(r#"{"by":["sex","service"],"from":"2026-01"}"#),
    );
    check("/v1/audit/proof", "index=0&size=12", Ok(r#"{"index":0,"size":12}"#));
    check("/v1/indicators/{id}", "by=age%2Dband", Ok(r#"{"by":["age-band"]}"#));
}

#[test]
fn unknown_parameters_are_refused_by_name_of_the_known() {
    let known =
        "unknown-query-parameter: this address takes `status`, `overdue`, `awaiting`, `cursor`, `limit`";
    check("/v1/referrals", "stauts=accepted", Err(known));
    check("/v1/referrals", "limit=5&name=Test%20Child%207", Err(known));
    check(
        "/v1/cases/{id}",
        "verbose=1",
        Err("unknown-query-parameter: this address takes no query parameters"),
    );
}

#[test]
fn wrong_values_are_refused_without_repeating_them() {
    check("/v1/referrals", "limit=ten", Err("query-malformed: `limit` is a whole number"));
    check("/v1/referrals", "limit=-1", Err("query-malformed: `limit` is a whole number"));
    check("/v1/referrals", "limit=+1", Err("query-malformed: `limit` is a whole number"));
    check("/v1/referrals", "limit=99999999999999999999", Err("query-malformed: `limit` is a whole number"));
    check("/v1/referrals", "limit=1&limit=2", Err("query-malformed: `limit` stands once"));
    check("/v1/audit/proof", "size=3", Err("query-malformed: `index` is required: the entry's index"));
    check("/v1/referrals", "cursor=a&cursor=b", Err("query-malformed: `cursor` stands once"));
    let many = "status=a&".repeat(33);
    check("/v1/referrals", &many, Err("query-malformed: a query may have 32 parameters"));
}
