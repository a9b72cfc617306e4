//! One contract for every protocol that calls: the same thing happening on the wire means the same to
//! delivery, whichever protocol it happened to. Then what only one of them does.

use adapters::{Asked, Exchange, Registry};
use serde_json::{Value, json};

use super::{
    agency, changed, edit, id, outgoing,
    responder::{self, Reply, Responder},
};

/// Agency, an example message for it, the call that hands it over, and the answer that takes it.
const PROTOCOLS: &[(&str, &str, &str, u16, &str)] = &[
    (
        "nccia",
        "nccia/examples/1-outbound.in.json",
        "POST /referrals",
        201,
        r#"{"reference":"NCCIA-2026-000017"}"#,
    ),
    (
        "nccia",
        "nccia/examples/3-outbound.in.json",
        "POST /messages",
        202,
        r#"{"reference":"NCCIA-2026-000017"}"#,
    ),
    ("laja", "laja/examples/1-outbound.in.json", "POST /referrals", 202, r#"{"reference":"LAJA/17"}"#),
    (
        "cpi",
        "cpi/examples/1-outbound.in.json",
        "POST /api/v2/cases/00000000-0000-0000-0000-000000000005/referrals",
        200,
        r#"{"data":{"id":"11111111-2222-4333-8444-555555555555","status":"in_progress"}}"#,
    ),
    ("nadra", "nadra/examples/1-outbound.in.json", "POST /", 200, super::soap::MATCH),
];

/// An agency that waits two seconds at most; the time to connect is in them.
fn impatient(code: &str) -> Registry {
    let timeouts = ["10000", "15000", "20000"];
    let registry = changed(code, |folder| {
        let file = folder.join("agency.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        let timeout = timeouts.iter().find(|timeout| text.contains(**timeout)).unwrap();
        edit(&file, &format!("timeout_ms = {timeout}"), "timeout_ms = 2000");
    });
    registry.unwrap()
}

fn told(exchange: &Exchange) -> String {
    match exchange {
        Exchange::Delivered { local_reference, .. } => {
            format!("delivered {}", local_reference.as_deref().unwrap_or("-"))
        }
        Exchange::Refused { code } => format!("refused {code}"),
        Exchange::Later { class, retry_after_s: None } => format!("later {class}"),
        Exchange::Later { class, retry_after_s: Some(seconds) } => format!("later {class} after {seconds} s"),
        Exchange::Unknown { class } => format!("unknown {class}"),
        Exchange::Broken { class } => format!("broken {class}"),
    }
}

/// The call that hands over gets `reply`; the calls before it get what takes them.
async fn check(reply: Reply, expect: &str) {
    for (code, example, call, ..) in PROTOCOLS {
        let silent = matches!(reply, Reply::Silence).then(|| impatient(code));
        let registry = silent.as_ref().unwrap_or_else(|| super::embedded());
        let given = reply.clone();
        let responder = Responder::start(move |asked| match format!("{} {}", asked.method, asked.path) {
            this if this == *call => given.clone(),
            this => primero_before(&this),
        });
        let responder = responder.await;
        let exchange = agency(registry, code).exchange(&responder.link(), &outgoing(example, 1)).await;
        assert_eq!(told(&exchange), expect, "{example}");
        assert_eq!(responder.calls().last().unwrap(), call);
    }
}

/// Primero's login and its cases.
fn primero_before(call: &str) -> Reply {
    match call {
        "POST /api/v2/tokens" => {
            Reply::Answer(200, "", json!({"id": 1, "user_name": "amaan", "token": "t-1"}).to_string())
        }
        "POST /api/v2/cases" => Reply::Answer(204, "", String::new()),
        other => Reply::Answer(
            404,
            "",
            json!({"errors": [{"status": 404, "resource": other, "message": "Not Found"}]}).to_string(),
        ),
    }
}

#[tokio::test]
async fn taken() {
    for (code, example, call, status, body) in PROTOCOLS {
        let registry = super::embedded();
        let responder = Responder::start(move |asked| match format!("{} {}", asked.method, asked.path) {
            this if this == *call => Reply::Answer(*status, "", (*body).to_owned()),
            this => primero_before(&this),
        });
        let responder = responder.await;
        let exchange = agency(registry, code).exchange(&responder.link(), &outgoing(example, 1)).await;
        let Exchange::Delivered { local_reference: Some(_), evidence, answer } = exchange else {
            panic!("{example}: {}", told(&exchange));
        };
        assert_eq!(evidence, seal::sha256(body.as_bytes()));
        assert_eq!(answer.is_some(), *code == "nadra");
        let last = responder.seen().pop().unwrap();
        let delivery = outgoing(example, 1).delivery;
        assert!(last.headers.contains(&format!("idempotency-key: {delivery}")), "{}", last.headers);
        assert!(last.headers.contains(&format!("x-amaan-delivery: {delivery}")));
        assert!(last.headers.contains("x-amaan-attempt: 1"));
        let bearer = if *code == "cpi" { "t-1" } else { "test-secret" };
        assert!(last.headers.contains(&format!("authorization: bearer {bearer}")));
    }
}

#[tokio::test]
async fn sent_and_no_answer() {
    check(Reply::Silence, "unknown timed-out").await;
    check(Reply::Reset, "unknown connection-closed").await;
}

#[tokio::test]
async fn not_connected() {
    for (code, example, ..) in PROTOCOLS {
        let registry = super::embedded();
        let link = responder::link(&responder::nobody().await);
        let exchange = agency(registry, code).exchange(&link, &outgoing(example, 1)).await;
        assert_eq!(told(&exchange), "later unreachable", "{example}");
    }
}

#[tokio::test]
async fn not_allowed() {
    for (code, example, ..) in PROTOCOLS {
        let registry = super::embedded();
        let mut link = responder::link("127.0.0.1:1");
        link.endpoint = "http://127.0.0.1:2/".parse().unwrap();
        let exchange = agency(registry, code).exchange(&link, &outgoing(example, 1)).await;
        assert_eq!(told(&exchange), "broken not-allowed", "{example}");
    }
}

fn status(status: u16, headers: &'static str) -> Reply {
    Reply::Answer(status, headers, r#"{"error":"whatever_it_says"}"#.to_owned())
}

#[tokio::test]
async fn not_taken_for_now() {
    check(status(500, ""), "later agency-unavailable").await;
    check(status(503, "retry-after: 30\r\n"), "later agency-unavailable after 30 s").await;
    check(status(429, "retry-after: 7\r\n"), "later too-many-requests after 7 s").await;
    check(status(429, "retry-after: 99999999\r\n"), "later too-many-requests after 3600 s").await;
    check(status(429, "retry-after: soon\r\n"), "later too-many-requests").await;
    let dated = "date: Sat, 21 Nov 2026 09:00:00 GMT\r\nretry-after: Sat, 21 Nov 2026 09:02:00 GMT\r\n";
    check(status(503, dated), "later agency-unavailable after 120 s").await;
    let past = "date: Sat, 21 Nov 2026 09:00:00 GMT\r\nretry-after: Sat, 21 Nov 2026 08:00:00 GMT\r\n";
    check(status(503, past), "later agency-unavailable after 0 s").await;
    check(status(403, ""), "later credentials").await;
}

#[tokio::test]
async fn refused_or_broken() {
    check(status(422, ""), "refused refused-422").await;
    check(status(410, ""), "refused refused-410").await;
    check(status(400, ""), "broken rejected-by-agency").await;
    check(status(404, ""), "broken rejected-by-agency").await;
    check(status(405, ""), "broken rejected-by-agency").await;
}

#[tokio::test]
async fn somebody_in_between() {
    check(status(502, ""), "unknown unclear-answer").await;
    check(status(504, ""), "unknown unclear-answer").await;
    check(status(302, "location: /login\r\n"), "unknown redirected").await;
    check(status(303, "location: /done\r\n"), "unknown redirected").await;
}

#[tokio::test]
async fn a_page_is_never_delivered() {
    let page = |body: &str| Reply::Answer(200, "content-type: text/html\r\n", body.to_owned());
    check(page("<html><body>Please log in to the network</body></html>"), "unknown unreadable-answer").await;
    check(page(""), "unknown unreadable-answer").await;
    check(page("[]"), "unknown unreadable-answer").await;
    check(page("{\"reference\":null,\"data\":null}"), "unknown unreadable-answer").await;
    check(page("{\"reference\":\"<script>\",\"data\":\"x\"}"), "unknown unreadable-answer").await;
    check(Reply::Answer(204, "", String::new()), "unknown unreadable-answer").await;
}

#[tokio::test]
async fn the_agency_s_own_refusal_comes_in_our_words() {
    let registry = super::embedded();
    let responder = Responder::start(|_| Reply::Answer(422, "", r#"{"error":"NOT_CYBER"}"#.to_owned())).await;
    let out = outgoing("nccia/examples/1-outbound.in.json", 1);
    let exchange = agency(registry, "nccia").exchange(&responder.link(), &out).await;
    assert_eq!(told(&exchange), "refused refused-not-cyber");
}

#[tokio::test]
async fn an_error_class_can_be_the_agency_s_own() {
    let registry =
        changed("nccia", |folder| edit(&folder.join("agency.toml"), "409 = \"later\"", "409 = \"unknown\""));
    let responder = Responder::start(|_| status(409, "")).await;
    let out = outgoing("nccia/examples/1-outbound.in.json", 1);
    let exchange = agency(&registry.unwrap(), "nccia").exchange(&responder.link(), &out).await;
    assert_eq!(told(&exchange), "unknown unclear-answer");
}

#[tokio::test]
async fn a_pull_agency_is_never_called() {
    let registry = super::embedded();
    let link = responder::link("127.0.0.1:1");
    let exchange =
        agency(registry, "ictp").exchange(&link, &outgoing("ictp/examples/1-outbound.in.json", 1)).await;
    assert_eq!(told(&exchange), "broken pull-only");
}

#[tokio::test]
async fn a_mapping_error_is_broken_before_anything_is_sent() {
    let registry = super::embedded();
    let responder = Responder::start(|_| Reply::Reset).await;
    let mut out = outgoing("nccia/examples/1-outbound.in.json", 1);
    super::change_body(&mut out, |body| body["reasons"] = json!(["RSN-NEW"]));
    let exchange = agency(registry, "nccia").exchange(&responder.link(), &out).await;
    assert_eq!(told(&exchange), "broken unmapped-code");
    assert!(responder.calls().is_empty());
}

#[tokio::test]
async fn asking_nccia() {
    let ask = async |status: u16, body: &'static str| {
        let registry = super::embedded();
        let responder = Responder::start(move |_| Reply::Answer(status, "", body.to_owned())).await;
        let asked = agency(registry, "nccia").ask(&responder.link(), id("dl", 1), id("cs", 5)).await;
        assert_eq!(responder.calls(), ["GET /referrals/by-delivery/dl_00000000000000000000000000000001"]);
        asked
    };
    let Asked::Delivered { local_reference, .. } = ask(200, r#"{"reference":"NCCIA-2026-000017"}"#).await
    else {
        panic!("it has it");
    };
    assert_eq!(local_reference.as_deref(), Some("NCCIA-2026-000017"));
    assert_eq!(ask(404, r#"{"error":"not-found"}"#).await, Asked::NotThere);
    assert_eq!(ask(404, "<html>no such page</html>").await, Asked::CannotTell);
    assert_eq!(ask(200, "<html>log in</html>").await, Asked::CannotTell);
    assert_eq!(ask(500, "").await, Asked::CannotTell);
}

#[tokio::test]
async fn laja_cannot_be_asked() {
    let registry = super::embedded();
    let responder = Responder::start(|_| Reply::Reset).await;
    let asked = agency(registry, "laja").ask(&responder.link(), id("dl", 1), id("cs", 5)).await;
    assert_eq!(asked, Asked::CannotTell);
    assert!(responder.calls().is_empty());
}

const CASE_REFERRALS: &str = "/api/v2/cases/00000000-0000-0000-0000-000000000005/referrals";

#[tokio::test]
async fn a_second_try_at_primero_looks_before_it_refers() {
    let registry = super::embedded();
    let made = json!({"data": [{"id": "11111111-2222-4333-8444-555555555555", "status": "in_progress",
        "notes": "from ictp [amaan dl_00000000000000000000000000000001]"}]});
    let responder = Responder::start(move |asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("GET", CASE_REFERRALS) => Reply::Answer(200, "", made.to_string()),
        (method, path) => primero_before(&format!("{method} {path}")),
    });
    let responder = responder.await;
    let out = outgoing("cpi/examples/1-outbound.in.json", 2);
    let exchange = agency(registry, "cpi").exchange(&responder.link(), &out).await;
    assert_eq!(told(&exchange), "delivered 11111111-2222-4333-8444-555555555555");
    assert!(!responder.calls().contains(&format!("POST {CASE_REFERRALS}")));
    let asked = agency(registry, "cpi").ask(&responder.link(), id("dl", 2), id("cs", 5)).await;
    assert_eq!(asked, Asked::NotThere);
}

#[tokio::test]
async fn steps_before_the_referral_may_be_repeated() {
    let registry = impatient("cpi");
    for (broken, expect) in [
        ("POST /api/v2/tokens", "later connection-closed"),
        ("POST /api/v2/cases", "later connection-closed"),
    ] {
        let responder = Responder::start(move |asked| match format!("{} {}", asked.method, asked.path) {
            this if this == broken => Reply::Reset,
            this => primero_before(&this),
        });
        let responder = responder.await;
        let out = outgoing("cpi/examples/1-outbound.in.json", 1);
        let exchange = agency(&registry, "cpi").exchange(&responder.link(), &out).await;
        assert_eq!(told(&exchange), expect, "{broken}");
    }
}

#[tokio::test]
async fn a_further_message_to_primero_is_a_note_that_cannot_double() {
    let registry = super::embedded();
    let patched = "PATCH /api/v2/cases/00000000-0000-0000-0000-000000000005";
    let responder = Responder::start(move |asked| match format!("{} {}", asked.method, asked.path) {
        this if this == patched => Reply::Answer(200, "", json!({"data": {}}).to_string()),
        this if this == "POST /api/v2/cases" => Reply::Answer(409, "", String::new()),
        this => primero_before(&this),
    });
    let responder = responder.await;
    let out = outgoing("cpi/examples/3-outbound.in.json", 1);
    let exchange = agency(registry, "cpi").exchange(&responder.link(), &out).await;
    assert_eq!(told(&exchange), "delivered -");
    let note: Value = serde_json::from_str(&responder.seen().pop().unwrap().body).unwrap();
    assert_eq!(note["data"]["notes_section"][0]["unique_id"], "00000000-0000-0000-0000-000000000003");
}

#[tokio::test]
async fn primero_s_login_is_used_again_and_renewed_once_when_refused() {
    // Its own registry: another test's login would be counted.
    let registry = Registry::embedded().unwrap();
    let cpi = agency(&registry, "cpi");
    let responder =
        Responder::start(|asked| match (asked.path.as_str(), asked.headers.contains("bearer t-1")) {
            (CASE_REFERRALS, true) => Reply::Answer(401, "", r#"{"errors":[{"status":401}]}"#.to_owned()),
            _ => primero_before(&format!("{} {}", asked.method, asked.path)),
        });
    let responder = responder.await;
    let out = outgoing("cpi/examples/1-outbound.in.json", 1);
    for _ in 0..2 {
        assert_eq!(told(&cpi.exchange(&responder.link(), &out).await), "later credentials");
    }
    let logins = responder.calls().into_iter().filter(|call| call == "POST /api/v2/tokens").count();
    assert_eq!(logins, 3, "one at first, one renewal for each refused call");
    assert!(
        !responder
            .seen()
            .iter()
            .any(|asked| asked.path != "/api/v2/tokens" && asked.body.contains("test-secret"))
    );
}

/// Beside the body of a call: over the very bytes that the agency's system gets, after the mapping.
#[tokio::test]
async fn a_json_call_carries_the_hub_s_signature() {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let registry = Registry::embedded().unwrap();
    let given = Reply::Answer(201, "", r#"{"reference":"NCCIA-2026-000017"}"#.to_owned());
    let responder = Responder::start(move |_| given.clone()).await;
    let key = seal::RootKey::from_bytes([7; 32]).copy_key().unwrap();
    let mut out = outgoing("nccia/examples/1-outbound.in.json", 1);
    out.copy = Some(adapters::Copied {
        hub: "hub.example".to_owned(),
        original: "ab".repeat(32),
        removed: vec!["/child/name".to_owned()],
        changed: Vec::new(),
        at: 1_795_235_400,
        key: std::sync::Arc::new(key),
    });
    let done = agency(&registry, "nccia").exchange(&responder.link(), &out).await;
    assert_eq!(told(&done), "delivered NCCIA-2026-000017");
    let asked = responder.seen().pop().unwrap();
    // The head as it came: what is signed tells capitals from small letters.
    let line = asked.head.lines().find_map(|line| line.strip_prefix("amaan-signature: ")).unwrap();
    let (head, signature) = line.split_once("..").unwrap();
    let public = seal::RootKey::from_bytes([7; 32]).copy_key().unwrap().public();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let input = format!("{head}.{}", URL_SAFE_NO_PAD.encode(&asked.body));
    assert!(seal::verify_note_signature(&public, &input, &signature));
    assert!(!seal::verify_note_signature(&public, &format!("{input}A"), &signature));
    let said: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(head).unwrap()).unwrap();
    let expected = (json!("nccia"), json!(out.delivery), json!(["/child/name"]), json!("ab".repeat(32)));
    let found = (said["aud"].clone(), said["jti"].clone(), said["removed"].clone(), said["original"].clone());
    assert_eq!(found, expected);
    // With more cuts than a header holds, the call goes without.
    out.copy.as_mut().unwrap().removed = (0..600).map(|n| format!("/children/{n}")).collect();
    agency(&registry, "nccia").exchange(&responder.link(), &out).await;
    assert!(!responder.seen().pop().unwrap().headers.contains("amaan-signature"));
}
