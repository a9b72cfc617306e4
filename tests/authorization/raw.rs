//! What no HTTP library sends: bytes written by hand onto a connection. The hub answers with a problem or
//! closes the connection; it never hangs, and it stores nothing but a refusal.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use super::refused::check_ledger;
use crate::journeys::messages::canary_child;
use crate::journeys::sandbox::sandbox;

/// The hub closes a broken connection well within this.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(20);

/// Writes these bytes, ends the writing side if told, and reads what comes: a status and a text.
fn exchange(bytes: &[u8], end: bool) -> (u16, String) {
    let address = sandbox().api.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(ANSWER_TIME_MAX)).unwrap();
    // The hub may have answered and closed before all is written.
    let _ = stream.write_all(bytes);
    if end {
        let _ = stream.shutdown(Shutdown::Write);
    }
    let mut answer = Vec::new();
    let mut part = [0; 4096];
    loop {
        match stream.read(&mut part) {
            Ok(0) => break,
            Ok(count) => {
                answer.extend_from_slice(&part[..count]);
                if whole(&answer) {
                    break;
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(error) => panic!("the hub left the connection hanging: {error}"),
        }
    }
    let text = String::from_utf8_lossy(&answer).into_owned();
    let status = text.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    (status, text)
}

/// Head and as many bytes as it announces.
fn whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    length.is_some_and(|length: usize| body.len() >= length)
}

/// Of a request whose body is to be read as this.
fn head(more: &str, body: &str) -> String {
    let token = sandbox().token("ictp");
    let signature = sandbox().signature("ictp", "/v1/referrals", "raw-zqx", body.as_bytes()).unwrap();
    format!(
        "POST /v1/referrals HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {token}\r\n\
         Idempotency-Key: raw-zqx\r\nAmaan-Signature: {signature}\r\n\
         Content-Type: application/json\r\n{more}\r\n"
    )
}

/// The hub answers this status, or closes without a word (status 0), and stores at most a refusal.
#[track_caller]
fn check(name: &str, bytes: &[u8], end: bool, expect: &[u16], slug: &str) {
    let before = sandbox().ledger_size();
    let (status, text) = exchange(bytes, end);
    assert!(expect.contains(&status), "{name}: {status} {text}");
    assert!(!text.contains("Canary") && !text.contains("raw-zqx"), "{name} repeats what was sent: {text}");
    if status != 0 && !slug.is_empty() && text.contains("/problems/") {
        assert!(text.contains(&format!("/problems/{slug}")), "{name}: {text}");
    }
    check_ledger(name, before, "ictp", slug);
}

#[test]
fn broken_framing_stores_nothing() {
    let _turn = sandbox().alone();
    let body = canary_child(&[("cpi", "SVC-SHELTER")]).to_string();
    let length = body.len();
    let with = |more: &str, body: &str| format!("{}{body}", head(more, body)).into_bytes();
    let announced = |length: usize| format!("Content-Length: {length}\r\n");
    check(
        "a body that breaks off",
        &with(&announced(length + 10), &body),
        true,
        &[0, 400],
        "body-incomplete",
    );
    let cut = format!("{}{body}", head(&announced(40), &body[..40])).into_bytes();
    check("more than announced", &cut, true, &[400], "malformed-json");
    check("over 1 MiB announced", &with(&announced(2 << 20), ""), false, &[413], "payload-too-large");
    let large = format!("{:x}\r\n{}\r\n", 2 << 20, " ".repeat(2 << 20));
    let chunked = with("Transfer-Encoding: chunked\r\n", &format!("{large}0\r\n\r\n"));
    check("over 1 MiB in chunks", &chunked, false, &[413], "payload-too-large");
    let bad_chunk = with("Transfer-Encoding: chunked\r\n", "zqx\r\n");
    check("a chunk without a size", &bad_chunk, true, &[0, 400], "body-incomplete");
    let both = format!("{}Transfer-Encoding: chunked\r\n", announced(length));
    check("two lengths that differ", &with(&both, &body), true, &[0, 400], "body-incomplete");
    let twice = format!("{}{}", announced(length), announced(4));
    check("a length twice", &with(&twice, &body), true, &[0, 400], "");
    check("a length below nought", &with("Content-Length: -1\r\n", ""), true, &[0, 400], "");
}

#[test]
fn doubled_headers_are_not_guessed_at() {
    let _turn = sandbox().alone();
    let body = canary_child(&[("cpi", "SVC-SHELTER")]).to_string();
    let with = |more: &str| {
        let head = head(&format!("Content-Length: {}\r\n{more}", body.len()), &body);
        format!("{head}{body}").into_bytes()
    };
    check("two keys", &with("Idempotency-Key: raw-other\r\n"), false, &[400], "idempotency-key-malformed");
    check("two types", &with("Content-Type: text/plain\r\n"), false, &[415], "content-type-refused");
    let before = sandbox().ledger_size();
    let (status, text) = exchange(&with("Authorization: Bearer zqx\r\n"), false);
    assert_eq!(status, 401, "two tokens: {text}");
    assert_eq!(sandbox().ledger_size(), before, "two tokens are none");
}

#[test]
fn what_is_not_http_is_closed() {
    let _turn = sandbox().alone();
    let before = sandbox().ledger_size();
    for bytes in
        [&b"zqx\r\n\r\n"[..], b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET / HTTP/9.9\r\n\r\n"]
    {
        let (status, text) = exchange(bytes, true);
        assert!(matches!(status, 0 | 400 | 505), "{status} {text}");
    }
    let large = format!("GET / HTTP/1.1\r\nHost: hub\r\nX-Large: {}\r\n\r\n", "z".repeat(1 << 20));
    let (status, text) = exchange(large.as_bytes(), true);
    assert!(matches!(status, 0 | 400 | 431), "{status} {text}");
    assert_eq!(sandbox().ledger_size(), before);
}
