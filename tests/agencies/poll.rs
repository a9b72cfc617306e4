//! Polling Primero: what changed, whose it is, where to go on, and what waits for a person.

use adapters::{ExchangeError, OpenReferral, Polled, Registry};
use serde_json::{Value, json};

use super::{
    agency, id,
    responder::{Asked, Reply, Responder},
};

const TRANSITION: &str = "11111111-2222-4333-8444-555555555555";

fn ours() -> Vec<OpenReferral> {
    vec![OpenReferral { referral: id("rf", 7), local_reference: Some(TRANSITION.to_owned()) }]
}

/// A Primero with two changed cases: one with our referral in this status, one of somebody else's.
fn primero(status: &'static str) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    move |asked| {
        let answer = |data: Value| Reply::Answer(200, "", json!({ "data": data }).to_string());
        match asked.path.split('?').next().unwrap() {
            "/api/v2/tokens" => Reply::Answer(200, "", json!({"token": "t-1"}).to_string()),
            "/api/v2/cases" => answer(json!([
                {"id": "aaaa", "name": "Test Child 7", "last_updated_at": "2026-11-21T05:00:00.000Z"},
                {"id": "bbbb", "name": "Test Child 8", "last_updated_at": "2026-11-21T06:00:00.000Z"},
            ])),
            "/api/v2/cases/aaaa/referrals" => answer(json!([
                {"id": "99999999-2222-4333-8444-555555555555", "status": "accepted", "notes": "within CPI"},
                {"id": TRANSITION, "status": status, "transitioned_to": "cpi_intake",
                 "rejected_reason": "no_capacity", "rejection_note": "Full. [amaan suggests pbm]",
                 "notes": "[amaan dl_1] [amaan rf_00000000000000000000000000000007] from ictp"},
            ])),
            "/api/v2/cases/bbbb/referrals" => answer(json!([])),
            "/api/v2/cases/aaaa" => {
                answer(json!({"id": "aaaa", "name": "Test Child 7", "services_section": []}))
            }
            other => panic!("nobody should ask for {other}"),
        }
    }
}

async fn polled(
    reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    cursor: Option<&str>,
) -> (Result<Polled, ExchangeError>, Vec<String>) {
    // Its own registry: an agency keeps one login, and another test's, at another address, would displace it
    // in the middle of a round.
    let registry = Registry::embedded().unwrap();
    let responder = Responder::start(reply).await;
    let polled = agency(&registry, "cpi").poll(&responder.link(), &ours(), cursor.map(str::to_owned)).await;
    (polled, responder.calls())
}

#[tokio::test]
async fn an_acceptance_is_found() {
    let (polled, calls) = polled(primero("accepted"), Some("2026-11-21T04:00:00.000Z")).await;
    let polled = polled.unwrap();
    let [answer] = polled.answers.as_slice() else { panic!("one answer") };
    assert_eq!((answer.referral, answer.action.action()), (id("rf", 7), "accept"));
    assert_eq!(answer.body.json()["local_reference"], TRANSITION);
    assert_eq!(polled.cursor.as_deref(), Some("2026-11-21T06:00:00.000Z"));
    assert!(polled.triage.is_empty());
    let listing = "GET /api/v2/cases?fields=short&order_by=last_updated_at&order=asc&page=1&per=100\
        &last_updated_at_from=2026-11-21T04%3A00%3A00.000Z";
    assert_eq!(
        calls,
        [
            "POST /api/v2/tokens",
            listing,
            "GET /api/v2/cases/aaaa/referrals",
            "GET /api/v2/cases/aaaa",
            "GET /api/v2/cases/bbbb/referrals"
        ]
    );
}

#[tokio::test]
async fn a_rejection_names_the_better_receiver_and_not_the_tag() {
    let polled = polled(primero("rejected"), None).await.0.unwrap();
    assert_eq!(
        *polled.answers[0].body.json(),
        json!({"schema": "referral.reject/v1", "reason": "no-capacity", "suggested_receiver": "pbm",
            "note": "Full."})
    );
}

#[tokio::test]
async fn awaiting_a_reply_is_no_news() {
    let polled = polled(primero("in_progress"), None).await.0.unwrap();
    assert!(polled.answers.is_empty() && polled.triage.is_empty());
}

#[tokio::test]
async fn users_ask_04_an_unknown_code_waits_for_a_person_and_moves_nothing() {
    let polled = polled(primero("on_ice"), None).await.0.unwrap();
    let [triage] = polled.triage.as_slice() else { panic!("one waits") };
    assert_eq!((triage.referral, triage.local_reference.as_deref()), (id("rf", 7), Some(TRANSITION)));
    assert_eq!(triage.error.slug(), "unmapped-code");
    assert!(polled.cursor.is_some());
}

#[tokio::test]
async fn a_failed_round_moves_nothing() {
    let garbage = |_: &Asked| Reply::Answer(200, "", "<html>".to_owned());
    let later = |class: &str| ExchangeError::Later { class: class.parse().unwrap(), retry_after_s: None };
    assert_eq!(polled(garbage, None).await.0.err(), Some(later("unreadable-answer")));
    assert_eq!(polled(|_: &Asked| Reply::Reset, None).await.0.err(), Some(later("connection-closed")));
    let missing = |asked: &Asked| match asked.path.as_str() {
        "/api/v2/tokens" => Reply::Answer(200, "", json!({"token": "t-1"}).to_string()),
        _ => Reply::Answer(404, "", String::new()),
    };
    let broken = ExchangeError::Broken { class: "rejected-by-agency".parse().unwrap() };
    assert_eq!(polled(missing, None).await.0.err(), Some(broken));
}

#[tokio::test]
async fn nothing_is_asked_for_where_nothing_is_open() {
    let registry = super::embedded();
    let responder = Responder::start(primero("accepted")).await;
    let polled = agency(registry, "cpi").poll(&responder.link(), &[], Some("x".to_owned())).await.unwrap();
    assert_eq!(polled.cursor.as_deref(), Some("x"));
    let polled = agency(registry, "nccia").poll(&responder.link(), &ours(), None).await.unwrap();
    assert!(polled.answers.is_empty());
    assert!(responder.calls().is_empty());
}
