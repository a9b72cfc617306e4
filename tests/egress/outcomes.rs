//! What a call ends as: an answer, nothing sent, or sent without an answer. Retries depend on the difference.

use std::time::Duration;

use egress::{Cause, Client, EgressError, Request, Response, Rules};

use super::responder::{Act, Responder, answer};

const BODY_BYTES_MAX: usize = 1000;

async fn call(act: Act, shape: impl Fn(Request) -> Request) -> (Result<Response, EgressError>, usize) {
    let server = Responder::start(act).await;
    let rules = Rules {
        allow: vec![server.address.to_string()],
        loopback_http: true,
        body_bytes_max: BODY_BYTES_MAX,
        ..Rules::default()
    };
    let client = Client::new(rules).unwrap();
    let request = shape(Request::post(server.url("/referrals"), b"{}".to_vec()));
    (client.send(request).await, server.requests())
}

/// A failed call: the error, and how many requests the server saw (never two).
async fn check(act: Act, expect: EgressError) {
    // The time to connect is in it.
    let patience = Duration::from_secs(if expect.code() == "timed-out" { 3 } else { 10 });
    let (ended, requests) = call(act, |request| request.within(patience)).await;
    assert_eq!(ended.unwrap_err(), expect);
    assert!(!expect.nothing_was_sent());
    assert_eq!(requests, 1);
}

#[tokio::test]
async fn sent_without_an_answer() {
    let lost = |cause, status| EgressError::NoAnswer { cause, status };
    check(Act::Close, lost(Cause::Closed, None)).await;
    check(Act::Hang, lost(Cause::TimedOut, None)).await;
    check(Act::AnswerAndClose(b"<html>gateway</html>\r\n\r\n".to_vec()), lost(Cause::Closed, None)).await;
    check(Act::AnswerAndClose(b"HTTP/1.1 20".to_vec()), lost(Cause::Closed, None)).await;
    let half = b"HTTP/1.1 201 Created\r\ncontent-length: 20\r\n\r\n{\"refer".to_vec();
    check(Act::AnswerAndClose(half.clone()), lost(Cause::Closed, Some(201))).await;
    check(Act::Answer(half), lost(Cause::TimedOut, Some(201))).await;
    let many = format!("HTTP/1.1 200 OK\r\n{}content-length: 0\r\n\r\n", "x: y\r\n".repeat(100));
    check(Act::Answer(many.into_bytes()), lost(Cause::Closed, None)).await;
}

#[tokio::test]
async fn an_answer_is_bounded() {
    let too_large = EgressError::TooLarge { status: 200, bytes_max: BODY_BYTES_MAX };
    check(Act::Answer(answer("200 OK", &"x".repeat(BODY_BYTES_MAX + 1))), too_large).await;
    check(Act::Answer(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n".to_vec()), too_large).await;
    let chunk = format!("{:x}\r\n{}\r\n", 600, "x".repeat(600));
    let chunked = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunk}{chunk}");
    check(Act::Answer(chunked.into_bytes()), too_large).await;
    let (exact, _) =
        call(Act::Answer(answer("200 OK", &"x".repeat(BODY_BYTES_MAX))), |request| request).await;
    assert_eq!(exact.unwrap().body.len(), BODY_BYTES_MAX);
}

#[tokio::test]
async fn nobody_listening_means_nothing_was_sent() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let rules = Rules { allow: vec![address.to_string()], loopback_http: true, ..Rules::default() };
    let url = format!("http://{address}/").parse().unwrap();
    let refused = Client::new(rules).unwrap().send(Request::post(url, b"{}".to_vec())).await.unwrap_err();
    assert_eq!(refused, EgressError::NotConnected { cause: Cause::Unreachable });
    assert!(refused.nothing_was_sent());
    assert_eq!(refused.to_string(), "not connected, nothing was sent: the address could not be reached");
}

#[tokio::test]
async fn every_status_is_an_answer_and_redirects_are_not_followed() {
    let elsewhere = Responder::start(Act::Answer(answer("200 OK", ""))).await;
    let moved =
        format!("HTTP/1.1 307 Moved\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", elsewhere.url("/"));
    let (answered, _) = call(Act::Answer(moved.into_bytes()), |request| request).await;
    let answered = answered.unwrap();
    assert_eq!((answered.status, answered.is_success()), (307, false));
    assert_eq!(answered.header("location"), Some(elsewhere.url("/").as_str()));
    assert_eq!(elsewhere.connections(), 0);
    for status in ["201 Created", "404 Not Found", "429 Too Many Requests", "500 Oops"] {
        let (answered, _) = call(Act::Answer(answer(status, "{}")), |request| request).await;
        assert_eq!(answered.unwrap().status.to_string(), status[..3]);
    }
}

#[tokio::test]
async fn compressed_answers_stay_compressed() {
    let bomb = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\n\x1f\x8b\x08".to_vec();
    let (answered, _) = call(Act::Answer(bomb), |request| request).await;
    assert_eq!(answered.unwrap().body, b"\x1f\x8b\x08");
}

#[tokio::test]
async fn a_request_that_cannot_be_written_is_not_sent() {
    for (name, value) in [
        ("host", "evil.example"),
        ("Content-Length", "0"),
        ("transfer-encoding", "chunked"),
        ("x y", "z"),
        ("x", "a\r\nb: c"),
        ("x", "a\0"),
        ("connection", "close"),
        ("cookie", "a=b"),
        ("", "z"),
    ] {
        let act = Act::Answer(answer("200 OK", ""));
        let (ended, requests) = call(act, |request| request.header(name, value)).await;
        let refused = ended.unwrap_err();
        assert!(matches!(refused, EgressError::BadRequest(_)), "{name}: {refused}");
        assert!(refused.nothing_was_sent());
        assert_eq!(requests, 0);
    }
    let act = Act::Answer(answer("200 OK", ""));
    let big = vec![b'x'; egress::REQUEST_BYTES_MAX + 1];
    let (ended, requests) = call(act, |request| Request { body: big.clone(), ..request }).await;
    assert!(ended.unwrap_err().nothing_was_sent());
    assert_eq!(requests, 0);
}

#[test]
fn nothing_of_a_message_is_printed() {
    let url: egress::Url = "http://127.0.0.1:9/cases/Test-Child-7".parse().unwrap();
    let request = Request::post(url, b"Test Child 7".to_vec()).header("authorization", "Bearer abc");
    assert_eq!(format!("{request:?}"), "Request(Post, 12 bytes)");
    let headers = vec![("x".to_owned(), "secret".to_owned())];
    let response = Response { status: 200, headers, body: b"Test Child 7".to_vec() };
    assert_eq!(format!("{response:?}"), "Response(200, 12 bytes)");
}
