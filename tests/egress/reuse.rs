//! Connections are kept: many calls to one origin open one, and clones of a client share it.

use std::time::Duration;

use egress::{Client, Request, Rules};

use super::responder::{Act, Responder, answer};

#[tokio::test]
async fn many_calls_share_a_connection() {
    let server = Responder::start(Act::Answer(answer("200 OK", "{}"))).await;
    let rules = Rules { allow: vec![server.address.to_string()], loopback_http: true, ..Rules::default() };
    let client = Client::new(rules).unwrap();
    for _ in 0..200 {
        let answered = client.clone().send(Request::post(server.url("/"), b"{}".to_vec())).await.unwrap();
        assert_eq!(answered.body, b"{}");
    }
    assert_eq!((server.connections(), server.requests()), (1, 200));
    // A shorter deadline has a pool of its own, because its connect time is shorter.
    for _ in 0..5 {
        let request = Request::get(server.url("/")).within(Duration::from_secs(2));
        client.send(request).await.unwrap();
    }
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn two_origins_do_not_share() {
    let first = Responder::start(Act::Answer(answer("200 OK", "first"))).await;
    let second = Responder::start(Act::Answer(answer("200 OK", "second"))).await;
    let allow = vec![first.address.to_string(), second.address.to_string()];
    let client = Client::new(Rules { allow, loopback_http: true, ..Rules::default() }).unwrap();
    for _ in 0..3 {
        assert_eq!(client.send(Request::get(first.url("/"))).await.unwrap().body, b"first");
        assert_eq!(client.send(Request::get(second.url("/"))).await.unwrap().body, b"second");
    }
    assert_eq!((first.connections(), second.connections()), (1, 1));
}
