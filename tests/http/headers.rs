//! Headers are read strictly: one value of the right form, or a problem.

use amaan_http::Takes;
use amaan_http::headers::{
    HeaderMap, HeaderName, HeaderValue, bearer, check_accept, check_content, idempotency_key, if_match,
};
use amaan_http::problem::Problem;

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in lines {
        map.append(HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    map
}

fn slug<T>(result: Result<T, Problem>) -> Result<T, &'static str> {
    result.map_err(|problem| problem.slug())
}

#[test]
fn a_version_is_quoted_or_plain() {
    let check = |lines: &[(&'static str, &str)], expect| assert_eq!(slug(if_match(&headers(lines))), expect);
    let malformed = Err("if-match-malformed");
    check(&[], Ok(None));
    check(&[("if-match", "\"3\"")], Ok(Some(3)));
    check(&[("if-match", "3")], Ok(Some(3)));
    for text in [
        "",
        "*",
        "W/\"3\"",
        "\"3",
        "3\"",
        "\"\"",
        "\"3\", \"4\"",
        "-3",
        "+3",
        "three",
        "99999999999999999999",
    ] {
        check(&[("if-match", text)], malformed);
    }
    check(&[("if-match", "3"), ("if-match", "4")], malformed);
    check(&[("if-match", "\u{663}")], malformed);
}

#[test]
fn a_key_is_one_visible_text() {
    let check = |lines: &[(&'static str, &str)], expect: Result<(), &str>| {
        assert_eq!(slug(idempotency_key(&headers(lines)).map(|_| ())), expect);
    };
    let malformed = Err("idempotency-key-malformed");
    check(&[], Err("idempotency-key-required"));
    check(&[("idempotency-key", "")], Err("idempotency-key-required"));
    check(&[("idempotency-key", "7c2f")], Ok(()));
    check(&[("idempotency-key", &"k".repeat(128))], Ok(()));
    check(&[("idempotency-key", &"k".repeat(129))], malformed);
    check(&[("idempotency-key", "two words")], malformed);
    check(&[("idempotency-key", "امان")], malformed);
    check(&[("idempotency-key", "a"), ("idempotency-key", "a")], malformed);
}

#[test]
fn a_token_stands_behind_its_scheme() {
    let check = |lines: &[(&'static str, &str)], expect: &str| assert_eq!(bearer(&headers(lines)), expect);
    check(&[], "");
    check(&[("authorization", "Bearer abc")], "abc");
    check(&[("authorization", "bearer  abc")], "abc");
    check(&[("authorization", "Basic abc")], "");
    check(&[("authorization", "abc")], "");
    check(&[("authorization", "Bearer abc"), ("authorization", "Bearer def")], "");
}

#[test]
fn a_body_is_plain_json() {
    let message = Takes::Message(&[]);
    let check = |lines: &[(&'static str, &str)], takes, expect: Result<(), &str>| {
        assert_eq!(slug(check_content(&headers(lines), takes)), expect, "{lines:?}");
    };
    check(&[], message, Ok(()));
    check(&[("content-type", "application/json")], message, Ok(()));
    check(&[("content-type", "Application/JSON; charset=utf-8")], message, Ok(()));
    check(&[("content-type", "application/x-www-form-urlencoded")], message, Err("content-type-refused"));
    check(&[("content-type", "multipart/form-data")], message, Err("content-type-refused"));
    check(&[("content-type", "text/plain")], Takes::Nothing, Ok(()));
    check(&[("content-encoding", "identity")], message, Ok(()));
    for encoding in ["gzip", "br", "identity, gzip", "x"] {
        check(&[("content-encoding", encoding)], message, Err("body-encoding-refused"));
    }
    check(
        &[("content-encoding", "identity"), ("content-encoding", "gzip")],
        message,
        Err("body-encoding-refused"),
    );
}

#[test]
fn an_answer_is_acceptable() {
    let check = |accept: &str, media, expect: Result<(), &str>| {
        assert_eq!(slug(check_accept(&headers(&[("accept", accept)]), media)), expect, "{accept}");
    };
    let refused = Err("not-acceptable");
    assert_eq!(slug(check_accept(&headers(&[]), "application/json")), Ok(()));
    check("*/*", "application/json", Ok(()));
    check("application/json, application/problem+json", "application/json", Ok(()));
    check("text/html, application/*;q=0.8", "application/json", Ok(()));
    check("application/json", "application/schema+json", Ok(()));
    check("text/plain;version=0.0.4;q=0.5", "text/plain; charset=utf-8", Ok(()));
    check("text/html", "application/json", refused);
    check("application/xml", "application/json", refused);
}
