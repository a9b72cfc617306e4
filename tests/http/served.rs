//! The edge as it answers on loopback: what anyone may see, who is turned away and how, how bodies are
//! bounded, and one referral there and back. The long table of bad input runs against a whole hub
//! elsewhere.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::world::World;

const REFERRAL: &str = include_str!("../../schemas/messages/referral.request/examples/valid/least.json");

/// A referral that ICT Police may send: shelter at CPI.
pub fn referral() -> String {
    let mut message: Value = serde_json::from_str(REFERRAL).unwrap();
    message["recipients"] = json!([{ "agency": "cpi", "service": "SVC-SHELTER" }]);
    message["purpose"] = json!("protection");
    message.to_string()
}

#[tokio::test]
async fn anyone_may_see_what_runs() {
    let world = World::start().await;
    for (path, line, media) in [
        ("/healthz", "200", "text/plain; charset=utf-8"),
        ("/readyz", "200", "application/json"),
        ("/openapi.json", "200", "application/json"),
        ("/metrics", "200", "text/plain; charset=utf-8"),
        ("/v1/audit/key", "200", "text/plain; charset=utf-8"),
        ("/v1/schemas/referral.accept/v1", "200", "application/schema+json"),
        ("/v1/schemas/referral.accept/v9", "404 not-found", "application/problem+json"),
        ("/", "200", "text/html; charset=utf-8"),
        ("/problems", "200", "text/html; charset=utf-8"),
        ("/problems/not-found", "200", "text/html; charset=utf-8"),
        ("/problems/no-such", "404", "text/html; charset=utf-8"),
        ("/assets/style.css", "200", "text/css; charset=utf-8"),
        ("/nowhere", "404 not-found", "application/problem+json"),
        ("/v1/referrals/rf_1/accept", "405 method-not-allowed", "application/problem+json"),
        ("/v1/validate", "405 method-not-allowed", "application/problem+json"),
    ] {
        let answer = world.get(path).send().await;
        assert_eq!((answer.line().as_str(), answer.header("content-type")), (line, media), "{path}");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("request-id").len(), 36, "{path}");
    }
    assert_eq!(
        world.get("/readyz").send().await.body,
        json!({ "ready": true, "degraded": [], "roles": ["api", "pages", "delivery", "oversight"] })
    );
    assert_eq!(world.get("/v1/validate").send().await.header("allow"), "POST");
    let page = world.get("/").send().await.text();
    assert!(page.contains("Synthetic data only") && page.contains("Tokens come from"));
    // Of the helplines only the one that is beyond doubt.
    assert!(page.contains("<strong>15</strong>") && !page.contains("1121"));
    assert!(!page.contains("<script") && !page.contains("style=\""));
    assert_eq!(world.entries().await, 0);
}

/// Without its broker the hub takes referrals as ever: ready, and it says what it does without.
#[tokio::test]
async fn ready_without_a_broker() {
    let world = World::start().await;
    world.without_broker.store(true, std::sync::atomic::Ordering::Relaxed);
    let answer = world.get("/readyz").send().await;
    let every = ["api", "pages", "delivery", "oversight"];
    assert_eq!(
        (answer.line().as_str(), answer.body),
        ("200", json!({ "ready": true, "degraded": ["broker"], "roles": every }))
    );
}

#[tokio::test]
async fn a_stranger_touches_no_store() {
    let world = World::start().await;
    let bare = world.get("/v1/referrals").send().await;
    assert_eq!((bare.line().as_str(), bare.header("www-authenticate")), ("401 unauthorized", "Bearer"));
    let unknown = world.get("/v1/referrals").calling_as("nobody-here").send().await;
    let wrong = world.get("/v1/referrals").header("authorization", "Bearer a.b.c").send().await;
    for answer in [&unknown, &wrong] {
        assert_eq!(answer.line(), "401 unauthorized");
        assert_eq!(answer.header("www-authenticate"), "Bearer error=\"invalid_token\"");
        assert_eq!(answer.body["detail"], bare.body["detail"]);
    }
    assert_eq!(world.entries().await, 0);
}

#[tokio::test]
async fn refusals_of_a_known_caller_are_entered() {
    let world = World::start().await;
    let post = |body: &str| world.post("/v1/referrals", body).calling_as("ictp-system");
    let absent = "/v1/referrals/rf_0190a1b2c3d4e5f60718293a4b5c6d7e";
    let get = |path: &str| world.get(path).calling_as("ictp-system");
    let scoped = world.get("/v1/inbox").with_scopes("ictp-system", "referral.send").send().await;
    assert_eq!(scoped.line(), "403 missing-scope");
    assert!(scoped.body["detail"].as_str().unwrap().contains("`referral.receive`"));
    let checks = [
        (post("{}").send().await, "400 idempotency-key-required"),
        (post("{}").key("two words").send().await, "400 idempotency-key-malformed"),
        (post("{\"a\":1,\"a\":2}").key("k1").send().await, "400 duplicate-key"),
        (post("{").key("k1").send().await, "400 malformed-json"),
        (post("{}").key("k1").header("content-encoding", "gzip").send().await, "415 body-encoding-refused"),
        (get("/v1/referrals?stauts=x").send().await, "400 unknown-query-parameter"),
        (get("/v1/referrals?limit=0").send().await, "400 query-malformed"),
        (get("/v1/referrals?status=done").send().await, "400 query-malformed"),
        (get(absent).header("accept", "text/html").send().await, "406 not-acceptable"),
    ];
    let expected = u64::try_from(checks.len()).unwrap() + 1;
    for (answer, line) in checks {
        assert_eq!(answer.line(), line);
        assert_eq!(answer.body["instance"], format!("urn:uuid:{}", answer.header("request-id")));
    }
    assert_eq!(world.entries().await, expected);
}

#[tokio::test]
async fn absent_malformed_and_foreign_look_alike() {
    let world = World::start().await;
    let sent = world.post("/v1/referrals", referral()).key("s1").calling_as("ictp-system").send().await;
    assert_eq!(sent.line(), "201", "{}", sent.text());
    let foreign = sent.body["referrals"][0]["id"].as_str().unwrap();
    let mut seen = Vec::new();
    for id in [foreign, "rf_0190a1b2c3d4e5f60718293a4b5c6d7e", "rf_1", "..%2f", "Test%20Child%207"] {
        let answer = world.get(&format!("/v1/referrals/{id}")).calling_as("nccia-system").send().await;
        assert_eq!(answer.line(), "404 not-found", "{id}");
        let mut body = answer.body;
        body.as_object_mut().unwrap().remove("instance");
        seen.push(body);
    }
    assert!(seen.iter().all(|body| *body == seen[0]));
}

#[tokio::test]
async fn a_referral_there_and_back() {
    let world = World::start().await;
    let body = referral();
    let submit = |key: &str, body: &str| world.post("/v1/referrals", body).key(key).calling_as("ictp-system");
    let first = submit("s1", &body).send().await;
    assert_eq!((first.line().as_str(), first.header("etag")), ("201", "\"1\""), "{}", first.text());
    let id = first.body["referrals"][0]["id"].as_str().unwrap();
    assert_eq!(first.header("location"), format!("/v1/referrals/{id}"));
    let again = submit("s1", &body).send().await;
    assert_eq!((again.line().as_str(), again.header("idempotency-replayed")), ("201", "true"));
    assert_eq!(again.response.body, first.response.body);
    let other = submit("s1", &body.replace("16", "17")).send().await;
    assert_eq!(other.line(), "422 idempotency-key-reused");

    let path = format!("/v1/referrals/{id}");
    let take = |step: &str, key: &str, body: Value| {
        world.post(&format!("{path}/{step}"), body.to_string()).key(key).calling_as("cpi-system")
    };
    let officer = json!({ "name": "Test Officer 7", "position": "Desk officer" });
    let received = json!({ "schema": "referral.received/v1", "officer": officer });
    let accept = json!({ "schema": "referral.accept/v1", "officer": officer });
    let answer = take("received", "r1", received.clone()).header("if-match", "\"1\"").send().await;
    assert_eq!((answer.line().as_str(), answer.header("etag")), ("200", "\"2\""), "{}", answer.text());
    let stale = take("accept", "r2", accept.clone()).header("if-match", "1").send().await;
    assert_eq!((stale.line().as_str(), &stale.body["current_version"]), ("412 version-conflict", &json!(2)));
    let feedback = take("feedback", "r3", json!({ "schema": "referral.feedback/v1" })).send().await;
    assert_eq!(feedback.line(), "409 invalid-transition");
    assert!(feedback.body["allowed_actions"].as_array().unwrap().contains(&json!("accept")));
    assert_eq!(take("accept", "r4", received).send().await.line(), "422 wrong-message");
    assert_eq!(take("dance", "r5", json!({})).send().await.line(), "404 unknown-action");
    assert_eq!(
        take("accept", "r6", accept).header("if-match", "*").send().await.line(),
        "400 if-match-malformed"
    );

    let shown = world.get(&path).calling_as("cpi-system").send().await;
    assert_eq!((shown.line().as_str(), shown.header("etag")), ("200", "\"2\""), "{}", shown.text());
    let listed = world.get("/v1/referrals?limit=1").calling_as("ictp-system").send().await;
    assert_eq!(listed.body["data"].as_array().unwrap().len(), 1);
    assert_eq!(listed.body["next_cursor"], id);
    let rest =
        world.get(&format!("/v1/referrals?limit=1&cursor={id}")).calling_as("ictp-system").send().await;
    assert_eq!(rest.body, json!({ "data": [], "next_cursor": null }));
    let history = world.get(&format!("{path}/history")).calling_as("ictp-system").send().await;
    assert_eq!(history.line(), "200");
    assert!(history.body["data"].as_array().unwrap().len() >= 2);
}

#[tokio::test]
async fn an_analyst_reads_statistics_and_the_trail() {
    let world = World::start().await;
    let get = |path: &str| world.get(path).calling_as("ncrc-analyst");
    assert_eq!(get("/v1/audit/checkpoint").send().await.line(), "404 not-found");
    let list = get("/v1/indicators").send().await;
    assert_eq!(list.line(), "200");
    let id = list.body["data"][0]["id"].as_str().unwrap();
    let table = get(&format!("/v1/indicators/{id}?by=sex&by=service")).send().await;
    assert_eq!(table.line(), "200", "{}", table.text());
    for (query, line) in [
        ("?by=sex&by=sex", "400 indicator-query"),
        ("?by=religion", "400 indicator-query"),
        ("?by=sex&by=service&by=to", "400 query-malformed"),
        ("?from=August", "400 query-malformed"),
    ] {
        assert_eq!(get(&format!("/v1/indicators/{id}{query}")).send().await.line(), line, "{query}");
    }
    assert_eq!(get("/v1/indicators/none-such").send().await.line(), "404 unknown-indicator");
    let page = get("/v1/audit/entries?limit=2").send().await;
    assert_eq!(
        (page.line().as_str(), page.body["data"].as_array().unwrap().len()),
        ("200", 2),
        "{}",
        page.text()
    );
    let cursor = page.body["next_cursor"].as_str().unwrap();
    let next = get(&format!("/v1/audit/entries?limit=2&cursor={cursor}")).send().await;
    assert_ne!(next.body["data"][0], page.body["data"][0]);
    let note = get("/v1/audit/checkpoint").send().await;
    assert!(note.text().starts_with("hub.example/ledger\n"), "{}", note.text());
    assert!(note.header("amaan-verifier-key").starts_with("hub.example/ledger+"));
    assert_eq!(get("/v1/audit/proof?index=0").send().await.line(), "200");
    assert_eq!(get("/v1/audit/proof?index=999999").send().await.line(), "404 not-found");
    assert_eq!(get("/v1/audit/proof").send().await.line(), "400 query-malformed");
    assert_eq!(
        world.get("/v1/audit/entries").calling_as("cpi-system").send().await.line(),
        "403 not-permitted"
    );
}

#[tokio::test]
async fn validating_stores_nothing() {
    let world = World::start().await;
    let validate = |body: &str| world.post("/v1/validate", body).calling_as("ictp-system");
    let good = validate(&referral()).send().await;
    assert_eq!((good.line().as_str(), &good.body["schema"]), ("200", &json!("referral.request/v1")));
    let bad = validate(&referral().replace("\"M\"", "\"Test Child 7\"")).send().await;
    assert_eq!(bad.line(), "422 unknown-code");
    assert!(!bad.text().contains("Test Child 7"));
    assert_eq!(world.entries().await, 0);
}

#[tokio::test]
async fn dead_letters_are_for_operators() {
    let world = World::start().await;
    let letters = world.get("/v1/dead-letters").calling_as("hub-operator").send().await;
    assert_eq!((letters.line().as_str(), &letters.body["data"]), ("200", &json!([])));
    for wrong in ["limit=0", "limit=201", "cursor=7", "cursor=rf_0190a1b2c3d4e5f60718293a4b5c6d7e", "page=2"]
    {
        let answer = world.get(&format!("/v1/dead-letters?{wrong}")).calling_as("hub-operator").send().await;
        assert!(answer.line().starts_with("400 ") && !answer.text().contains("5c6d7e"), "{wrong}");
    }
    let path = "/v1/dead-letters/dl_0190a1b2c3d4e5f60718293a4b5c6d7e";
    let post = |end: &str, body: &str| {
        world.post(&format!("{path}/{end}"), body).key("k").calling_as("hub-operator")
    };
    assert_eq!(post("replay", "").send().await.line(), "404 not-found");
    assert_eq!(post("replay", "{\"x\":1}").send().await.line(), "422 validation-failed");
    let good = "{\"as\":\"delivered\",\"reason\":\"agency-confirmed\"}";
    assert_eq!(post("resolve", good).send().await.line(), "404 not-found");
    let bad = post("resolve", "{\"as\":\"perhaps Test Child 7\",\"reason\":\"x\"}").send().await;
    assert_eq!(bad.line(), "422 validation-failed");
    assert!(!bad.text().contains("Test Child 7"));
    assert_eq!(post("resolve", "{").send().await.line(), "400 malformed-json");
}

#[tokio::test]
async fn a_body_is_bounded() {
    let world = World::start().await;
    let large = vec![b' '; 3 * 1024 * 1024];
    let answer = world.post("/v1/referrals", large).key("k1").calling_as("ictp-system").send().await;
    assert_eq!(answer.line(), "413 payload-too-large");
    // Chunked, so that no length warns.
    let token = world.token("ictp-system", None);
    let head = format!(
        "POST /v1/validate HTTP/1.1\r\nhost: hub\r\nauthorization: Bearer {token}\r\n\
         transfer-encoding: chunked\r\nconnection: close\r\n\r\n"
    );
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x1_0000));
    let said = raw(&world, &[head, chunk.repeat(17), "0\r\n\r\n".to_owned()]).await;
    assert!(said.starts_with("HTTP/1.1 413"), "{said}");
    // A length that lies is found out.
    let head = format!(
        "POST /v1/validate HTTP/1.1\r\nhost: hub\r\nauthorization: Bearer {token}\r\n\
         content-length: 100\r\nconnection: close\r\n\r\n{{}}"
    );
    let mut stream = TcpStream::connect(world.socket()).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut said = String::new();
    let _ = stream.read_to_string(&mut said).await;
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 400"), "{said}");
}

/// The caller hangs up while NADRA is asked: the check is still brought to its end.
#[tokio::test]
async fn hanging_up_stops_nothing_half_way() {
    let world = World::limited(hub::LimitSettings::without_rates()).await;
    let sent = world.post("/v1/referrals", referral()).key("r1").calling_as("ictp-system").send().await;
    let check = json!({
        "schema": "identity.check/v1",
        "case": sent.body["case"]["id"],
        "purpose": "guardian-verification",
        "basis": "best-interests",
        "deadline_ms": 500,
        "subject": { "id_number": "0000000000000" },
    })
    .to_string();
    let head = format!(
        "POST /v1/identity-checks HTTP/1.1\r\nhost: hub\r\nauthorization: Bearer {}\r\n\
         idempotency-key: c1\r\ncontent-length: {}\r\n\r\n{check}",
        world.token("ictp-system", None),
        check.len()
    );
    let mut stream = TcpStream::connect(world.socket()).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let silent = world.silent.try_clone().unwrap();
    let call = tokio::task::spawn_blocking(move || silent.accept().unwrap()).await.unwrap();
    // With an RST, not a FIN: nobody will read the answer.
    stream.set_zero_linger().unwrap();
    drop(stream);
    let repeat =
        || world.post("/v1/identity-checks", check.clone()).key("c1").calling_as("ictp-system").send();
    let ended = async {
        loop {
            let answer = repeat().await;
            if answer.line() != "409 request-in-progress" {
                return answer;
            }
            tokio::task::yield_now().await;
        }
    };
    let answer = tokio::time::timeout(Duration::from_secs(5), ended).await.expect("the check never ended");
    assert_eq!(
        (answer.line().as_str(), &answer.body["status"]),
        ("200", &json!("timed-out")),
        "{}",
        answer.text()
    );
    drop(call);
}

/// Sends these bytes and reads to the end.
async fn raw(world: &World, parts: &[String]) -> String {
    let mut stream = TcpStream::connect(world.socket()).await.unwrap();
    for part in parts {
        stream.write_all(part.as_bytes()).await.unwrap();
    }
    let mut said = String::new();
    let _ = stream.read_to_string(&mut said).await;
    said
}
