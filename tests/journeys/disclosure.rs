//! Each recipient gets its categories and no other: words planted in every personal field of a request are
//! searched for on each agency's own screens, in what the API shows it, in the ledger, the metrics and the
//! files on the disk.

use serde_json::{Value, json};

use super::canaries::nothing_on_the_disks;
use super::messages::{CANARIES, canary_child, small_child};
use super::sandbox::{fresh_key, sandbox};

/// Who may see which of the planted words.
const SEEN: &[(&str, &[&str])] = &[
    ("cpi", &["name", "address", "phone", "safe-times", "narrative", "caregiver"]),
    ("laja", &["name", "phone", "safe-times", "caregiver"]),
    ("nccia", &["evidence", "custodian", "offender", "handle"]),
];

/// The names of the planted words in a text.
fn planted_in(text: &str) -> Vec<&'static str> {
    CANARIES.iter().filter(|(_, word)| text.contains(word)).map(|(name, _)| *name).collect()
}

#[track_caller]
fn check(place: &str, text: &str, expect: &[&str]) {
    assert_eq!(planted_in(text), expect, "{place} holds these of the planted words");
}

#[test]
fn each_recipient_gets_its_categories_and_no_other() {
    let (sandbox, _turn) = (sandbox(), sandbox().beside());
    let body = canary_child(&[("cpi", "SVC-SHELTER"), ("laja", "SVC-LEGAL"), ("fia-ccw", "SVC-CYBER")]);
    check("the request", &body.to_string(), &CANARIES.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    let made = sandbox.post("ictp", "/v1/referrals", &fresh_key(), &body).ok();
    assert_eq!(made.header("location"), Some(&*format!("/v1/cases/{}", text(&made.json(), "/case/id"))));
    check("the answer to the sender", &made.text(), &[]);
    let made = made.json();
    for (agency, expect) in SEEN {
        let id = referral_to(&made, agency);
        sandbox.rests("ictp", &id, "referral.request", "delivered");
        let seen = sandbox.seen_by(agency, &format!("referral={id}"));
        check(&format!("{agency}'s system"), &seen, expect);
        let shown = sandbox.get(agency, &format!("/v1/referrals/{id}")).ok();
        check(&format!("what the API shows {agency}"), &shown.text(), expect);
        let recipients = shown.json()["message"]["recipients"].as_array().unwrap().len();
        assert_eq!(recipients, 1, "{agency} learns whom else the child was referred to");
        let list = sandbox.get(agency, "/v1/referrals?limit=200").ok().text();
        check("a list", &list, &[]);
        let history = sandbox.get(agency, &format!("/v1/referrals/{id}/history")).ok().text();
        check("the history", &history, &[]);
        for other in ["cpi", "laja", "nccia", "nadra", "ictp"].into_iter().filter(|other| other != agency) {
            assert_eq!(
                sandbox.seen_by(other, &format!("referral={id}")),
                "[]",
                "{other} saw {agency}'s referral"
            );
        }
    }
    let whole = sandbox.get("ictp", &format!("/v1/referrals/{}", referral_to(&made, "cpi"))).ok().json();
    assert_eq!(whole["message"], body, "the sender reads its own message whole");
    check(
        "the case",
        &sandbox.get("ictp", &format!("/v1/cases/{}", text(&made, "/case/id"))).ok().text(),
        &[],
    );
    check("the metrics", &sandbox.get("", "/metrics").ok().text(), &[]);
    check("the ledger", &json!(sandbox.entries_from(0)).to_string(), &[]);
    nothing_on_the_disks(sandbox);
}

#[test]
fn nadra_gets_the_number_and_what_its_holder_claims() {
    let (sandbox, _turn) = (sandbox(), sandbox().beside());
    let case_of =
        sandbox.post("ictp", "/v1/referrals", &fresh_key(), &canary_child(&[("laja", "SVC-LEGAL")])).ok();
    let case = text(&case_of.json(), "/case/id");
    let asked = json!({
        "schema": "identity.check/v1", "case": case, "purpose": "guardian-verification",
        "basis": "best-interests", "deadline_ms": 5_000, "relationship": "aunt-uncle",
        "subject": { "id_number": "0715938264107", "name": "Test Guardian Canary" },
    });
    let answer = sandbox.post("ictp", "/v1/identity-checks", &fresh_key(), &asked).ok();
    check("the answer", &answer.text(), &[]);
    let answer = answer.json();
    assert_eq!((&answer["status"], &answer["result"]), (&json!("answered"), &json!("match")));
    assert_eq!(text(&answer, "/case/id"), case, "the check joins the case it names");

    let seen = sandbox.seen_by("nadra", &format!("check={}", text(&answer, "/check")));
    check("NADRA's system", &seen, &["cnic", "caregiver"]);
    for kept in [case.as_str(), "aunt-uncle", "ictp", "deadline"] {
        assert!(!seen.contains(kept), "NADRA was told `{kept}`: {seen}");
    }
}

#[test]
fn every_identity_answer_has_the_same_members() {
    let (sandbox, _turn) = (sandbox(), sandbox().beside());
    let case = open_case();
    // The twelfth digit decides at the simulated NADRA.
    for (digit, result) in [(0, "match"), (7, "no-match"), (8, "no-record"), (9, "ambiguous")] {
        let asked = json!({
            "schema": "identity.check/v1", "case": case, "purpose": "child-identity",
            "basis": "best-interests",
            "subject": { "id_number": format!("00000000000{digit}1") },
        });
        let answer = sandbox.post("cpi", "/v1/identity-checks", &fresh_key(), &asked).ok().json();
        assert_eq!((&answer["status"], &answer["result"]), (&json!("answered"), &json!(result)));
        let mut members: Vec<&String> = answer.as_object().unwrap().keys().collect();
        members.sort();
        assert_eq!(members, ["case", "check", "coverage", "receipt", "result", "status"]);
        let told = json!({
            "answered": [{ "agency": "nadra", "data_as_of": "not-told" }], "not_answered": [],
        });
        assert_eq!(answer["coverage"], told, "who answered, and never what");
    }
}

/// A hit, a miss and a honey record, interleaved: one length, and each answer at the next beat of the floor.
#[test]
fn hit_and_miss_have_one_length_and_one_time() {
    let (sandbox, _turn) = (sandbox(), sandbox().beside());
    let case = open_case();
    let mut lengths = std::collections::BTreeSet::new();
    let mut times: std::collections::BTreeMap<&str, Vec<u128>> = std::collections::BTreeMap::new();
    for _ in 0..3 {
        for (what, number) in
            [("hit", "0000000000001"), ("miss", "0000000000081"), ("honey", "0000000009907")]
        {
            let asked = json!({
                "schema": "identity.check/v1", "case": case, "purpose": "child-identity",
                "basis": "best-interests", "subject": { "id_number": number },
            });
            let began = std::time::Instant::now();
            let answer = sandbox.post("ictp", "/v1/identity-checks", &fresh_key(), &asked).ok();
            times.entry(what).or_default().push(began.elapsed().as_millis());
            lengths.insert(answer.text().len());
            let expect = if what == "hit" { "match" } else { "no-record" };
            assert_eq!(answer.json()["result"], expect, "{what}");
        }
    }
    assert_eq!(lengths.len(), 1, "one length: {lengths:?}");
    println!("milliseconds, the floor being 250: {times:?}");
    let earliest = times.values().flatten().min().unwrap();
    assert!(*earliest >= 249, "no answer leaves before the floor: {times:?}");
}

/// users-ask 33: nobody's answer is not an answer of "nothing known".
#[test]
fn users_ask_33_a_check_that_nobody_answered_says_so() {
    let sandbox = sandbox();
    let _turn = sandbox.alone();
    sandbox.knobs("nadra", json!({ "time_out_next": 1 }));
    let asked = json!({
        "schema": "identity.check/v1", "case": open_case(), "purpose": "child-identity",
        "basis": "best-interests", "subject": { "id_number": "0000000000077" }, "deadline_ms": 1000,
    });
    let answer = sandbox.post("cpi", "/v1/identity-checks", &fresh_key(), &asked).ok().json();
    assert_eq!(answer["status"], "timed-out", "{answer}");
    let told = json!({ "answered": [], "not_answered": [{ "agency": "nadra", "reason": "timed-out" }] });
    assert_eq!(answer["coverage"], told);
}

/// A case that CPI is a party to, and that is open.
pub fn open_case() -> String {
    let sent = sandbox().post("ictp", "/v1/referrals", &fresh_key(), &small_child("cpi", "SVC-SHELTER")).ok();
    text(&sent.json(), "/case/id")
}

fn referral_to(made: &Value, agency: &str) -> String {
    let list = made["referrals"].as_array().unwrap();
    text(list.iter().find(|one| one["to"] == agency).unwrap(), "/id")
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap().to_owned()
}
