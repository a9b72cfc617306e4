//! Names: every address is vetted, and the vetted one is dialled.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use egress::{Cause, Client, EgressError, Forbidden, Looking, Names, Request, Rules};

use super::responder::{Act, Responder, answer};

/// Answers each look-up with the next of its lists, the last one for ever; an empty script never answers.
struct Script {
    answers: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

impl Names for Script {
    fn addresses(&self, _host: String) -> Looking {
        let turn = self.asked.fetch_add(1, Ordering::SeqCst);
        let found = self.answers.get(turn).or(self.answers.last()).cloned();
        Box::pin(async move {
            match found {
                Some(found) => Ok(found),
                None => std::future::pending().await,
            }
        })
    }
}

fn client(entry: String, answers: &[&[&str]]) -> (Client, Arc<Script>) {
    let parse = |list: &&[&str]| list.iter().map(|ip| ip.parse().unwrap()).collect();
    let script =
        Arc::new(Script { answers: answers.iter().map(parse).collect(), asked: AtomicUsize::new(0) });
    let rules = Rules { allow: vec![entry], loopback_http: true, ..Rules::default() };
    (Client::with_names(rules, Arc::clone(&script) as Arc<dyn Names>).unwrap(), script)
}

async fn check(url: &str, addresses: &[&str], expect: EgressError) {
    let parsed: egress::Url = url.parse().unwrap();
    let entry = format!("{}:{}", parsed.host_str().unwrap(), parsed.port_or_known_default().unwrap());
    let (client, _) = client(entry, &[addresses]);
    let refused = client.send(Request::get(parsed)).await.unwrap_err();
    assert_eq!(refused, expect, "{url} at {addresses:?}");
    assert!(refused.nothing_was_sent());
}

#[tokio::test]
async fn a_name_with_any_special_address_is_refused() {
    let forbidden = EgressError::NotAllowed(Forbidden::Address);
    for addresses in [
        &["10.0.0.1"][..],
        &["169.254.169.254"],
        &["127.0.0.1"],
        &["::1"],
        &["8.8.8.8", "192.168.0.1"],
        &["fd00:ec2::254", "8.8.8.8"],
        &["::ffff:10.0.0.1"],
        &["100.64.0.1"],
        &["224.0.0.1"],
        &["0.0.0.0"],
        &[],
    ] {
        check("https://agency.example/", addresses, forbidden).await;
    }
    check("https://agency.example/", &["8.8.8.8"; 17], forbidden).await;
}

#[tokio::test]
async fn localhost_may_only_be_loopback() {
    let forbidden = EgressError::NotAllowed(Forbidden::Address);
    for addresses in [&["10.0.0.1"][..], &["8.8.8.8"], &["127.0.0.1", "8.8.8.8"]] {
        check("http://localhost:9301/", addresses, forbidden).await;
    }
}

#[tokio::test]
async fn the_vetted_address_is_dialled_and_a_changed_answer_is_vetted_anew() {
    let server = Responder::start_on("127.0.0.2:0", Act::AnswerAndClose(answer("200 OK", ""))).await;
    let port = server.address.port();
    let (client, script) = client(format!("localhost:{port}"), &[&["127.0.0.2"], &["10.0.0.1"]]);
    let url: egress::Url = format!("http://localhost:{port}/").parse().unwrap();
    assert_eq!(client.send(Request::get(url.clone())).await.unwrap().status, 200);
    assert_eq!(script.asked.load(Ordering::SeqCst), 1);
    let mut refused = client.send(Request::get(url.clone())).await;
    if matches!(refused, Err(EgressError::NoAnswer { .. })) {
        // The closed connection was still in the pool; the next call opens a new one.
        refused = client.send(Request::get(url)).await;
    }
    assert_eq!(refused.unwrap_err(), EgressError::NotAllowed(Forbidden::Address));
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_resolver_that_never_answers_means_nothing_was_sent() {
    // A deadline far below the rules' connect time: still not an unknown outcome.
    let (client, _) = client("localhost:9301".to_owned(), &[]);
    let request = Request::get("http://localhost:9301/".parse().unwrap());
    let refused = client.send(request.within(Duration::from_secs(1))).await.unwrap_err();
    assert_eq!(refused, EgressError::NotConnected { cause: Cause::TimedOut });
}

#[tokio::test]
async fn a_name_without_addresses_is_not_connected() {
    struct Nowhere;
    impl Names for Nowhere {
        fn addresses(&self, _host: String) -> Looking {
            Box::pin(async { Err(std::io::Error::other("no such name")) })
        }
    }
    let rules = Rules { allow: vec!["localhost:9301".to_owned()], loopback_http: true, ..Rules::default() };
    let client = Client::with_names(rules, Arc::new(Nowhere)).unwrap();
    let refused = client.send(Request::get("http://localhost:9301/".parse().unwrap())).await.unwrap_err();
    assert_eq!(refused, EgressError::NotConnected { cause: Cause::NameUnresolved });
    assert_eq!(refused.code(), "name-unresolved");
}
