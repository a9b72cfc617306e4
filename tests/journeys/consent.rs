//! A child takes consent back, as both agencies' systems meet it: over the API and in LAJA's own letters.

use serde_json::json;

use super::messages::{small_child, step};
use super::sandbox::{fresh_key, sandbox, until};

#[test]
fn consent_taken_back_reaches_the_receivers_own_system() {
    let sandbox = sandbox();
    let _beside = sandbox.beside();
    let mut body = small_child("laja", "SVC-LEGAL");
    body["consent"] = json!({ "basis": "consent", "given_by": "child", "scope": "this-case" });
    let made = sandbox.post("ictp", "/v1/referrals", &fresh_key(), &body).ok().json();
    let (id, case) = (made["referrals"][0]["id"].as_str().unwrap(), made["case"]["id"].as_str().unwrap());
    sandbox.rests("ictp", id, "referral.request", "delivered");
    sandbox.step("laja", id, "accept", &step("accept")).ok();

    let path = format!("/v1/cases/{case}/consent/revoke");
    let said = json!({ "schema": "consent.revoked/v1", "said_by": "child", "said_on": "2026-11-20" });
    assert_eq!(sandbox.post("laja", &path, &fresh_key(), &said).slug(), "not-found");
    let key = fresh_key();
    let revoked = sandbox.post("ictp", &path, &key, &said).ok();
    let again = sandbox.post("ictp", &path, &key, &said).ok();
    assert_eq!(revoked.json(), again.json());
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(sandbox.post("ictp", &path, &fresh_key(), &said).slug(), "nothing-to-revoke");

    let seen = sandbox.get("laja", &format!("/v1/referrals/{id}")).ok().json();
    assert_eq!((&seen["status"], &seen["reason"]), (&json!("cancelled"), &json!("consent-revoked")));
    assert!(seen.get("message").is_none(), "{seen}");
    until("LAJA's own system to be told", || {
        sandbox.seen_by("laja", &format!("referral={id}")).contains("consent.revoked").then_some(())
    });
    let waiting = sandbox.get("ictp", "/v1/referrals?awaiting=cease&limit=200").ok().text();
    assert!(waiting.contains(id));
    let of_case = sandbox.get("ictp", &format!("/v1/cases/{case}")).ok().json();
    assert_eq!(of_case["outstanding_ceases"], json!([id]));
    let offered = sandbox.get("laja", &format!("/v1/referrals/{id}/actions")).ok().json();
    assert_eq!(offered["actions"][0]["action"], "cease", "{offered}");
    sandbox.step("laja", id, "cease", &step("cease")).ok();
    let of_case = sandbox.get("ictp", &format!("/v1/cases/{case}")).ok().json();
    assert!(of_case.get("outstanding_ceases").is_none(), "{of_case}");
}
