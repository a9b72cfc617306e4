//! No look without a trace, no refusal of a known caller without one, and nothing at all of strangers:
//! counted in the ledger before and after, while nobody else acts.

use serde_json::{Value, json};

use super::messages::{canary_child, small_child};
use super::sandbox::{fresh_key, sandbox};

/// Acts, and gives the events that were entered meanwhile, but for the counted refusals of other minutes.
fn entered_by(act: impl FnOnce()) -> Vec<Value> {
    let before = sandbox().ledger_size();
    act();
    let entries = sandbox().entries_from(before);
    let events = entries.into_iter().map(|line| line["entry"]["event"].clone());
    events.filter(|event| event["problem"] != "refused-often").collect()
}

#[test]
fn a_refusal_of_a_known_caller_is_an_entry() {
    let _turn = sandbox().alone();
    // Other tests leave the operator some of the ten refusals that are entered singly in a minute.
    let entered = entered_by(|| {
        sandbox().get("operator", "/v1/referrals").problem(403, "missing-scope");
    });
    let expected = json!([{ "kind": "refused", "problem": "missing-scope", "agency": "hub", "count": 1 }]);
    assert_eq!(json!(entered), expected);
}

#[test]
fn a_flood_of_refusals_is_not_listed_one_by_one() {
    let _turn = sandbox().alone();
    let begun = std::time::Instant::now();
    let entered = entered_by(|| {
        for _ in 0..40 {
            sandbox().get("ncrc-analyst", "/v1/inbox").problem(403, "missing-scope");
        }
    });
    // At most ten a minute and client, and ten more for each time that the minute turned meanwhile.
    let minutes = usize::try_from(begun.elapsed().as_secs() / 60).unwrap() + 2;
    assert!(entered.len() <= 10 * minutes, "{} entries for 40 refusals", entered.len());
}

#[test]
fn a_stranger_changes_nothing() {
    let _turn = sandbox().alone();
    let size = sandbox().ledger_size();
    let stranger = |token: Option<&str>| {
        for path in ["/v1/referrals", "/v1/dead-letters", "/v1/audit/entries"] {
            sandbox().call_with(token, egress::Method::Get, path).send().problem(401, "unauthorized");
        }
        let call = sandbox().call_with(token, egress::Method::Post, "/v1/referrals").key(&fresh_key());
        call.json(&small_child("laja", "SVC-LEGAL")).send().problem(401, "unauthorized");
    };
    stranger(None);
    stranger(Some("not-a-token"));
    stranger(Some(&super::sandbox::signed(
        &seal::NoteKey::from_pkcs8("x", &seal::NoteKey::generate_pkcs8()).unwrap(),
        &json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": "x" }),
        &json!({ "iss": sandbox().issuer, "client_id": "ictp", "aud": "sandbox.amaan.example" }),
    )));
    sandbox().get("", "/no/such/path").problem(404, "not-found");
    assert_eq!(sandbox().ledger_size(), size, "a stranger wrote into the ledger");
}

#[test]
fn a_look_is_entered_before_it_is_answered() {
    let _turn = sandbox().alone();
    let made =
        sandbox().post("ictp", "/v1/referrals", &fresh_key(), &canary_child(&[("laja", "SVC-LEGAL")])).ok();
    let id = made.json()["referrals"][0]["id"].as_str().unwrap().to_owned();
    sandbox().rests("ictp", &id, "referral.request", "delivered");
    let mut withheld = Value::Null;
    let entered = entered_by(|| {
        withheld = sandbox().get("laja", &format!("/v1/referrals/{id}")).ok().json()["withheld"].clone();
    });
    // Entered by the time the answer is here: the ledger was read right after it.
    let [read] = entered.as_slice() else { panic!("{entered:?}") };
    assert_eq!(
        (&read["kind"], &read["what"], &read["subject"], &read["agency"]),
        (&json!("read"), &json!("referral"), &json!(id), &json!("laja"))
    );
    let shown = read["categories"].as_array().unwrap();
    assert!(shown.contains(&json!("name")), "{shown:?}");
    assert!(
        withheld.as_array().unwrap().iter().all(|category| !shown.contains(category)),
        "{withheld} {shown:?}"
    );

    let foreign = entered_by(|| {
        sandbox().get("nccia", &format!("/v1/referrals/{id}")).problem(404, "not-found");
    });
    let absent = entered_by(|| {
        sandbox().get("nccia", "/v1/referrals/rf_00000000000070008000000000000000").problem(404, "not-found");
    });
    let plain = |events: &[Value]| -> Vec<Value> {
        let mut events = events.to_vec();
        events
            .iter_mut()
            .filter(|event| event["kind"] == "read")
            .for_each(|event| event["subject"] = Value::Null);
        events
    };
    assert!(foreign.iter().any(|event| event["kind"] == "read"), "{foreign:?}");
    assert_eq!(plain(&foreign), plain(&absent), "absent and forbidden leave the same trace");
}

#[test]
fn statistics_and_trail_leave_a_trace_too() {
    let _turn = sandbox().alone();
    let entered = entered_by(|| {
        sandbox().get("ncrc-analyst", "/v1/indicators/referrals?by=service").ok();
        sandbox().get("ncrc-analyst", "/v1/audit/entries?limit=1").ok();
    });
    let looks: Vec<(&str, &str)> = entered
        .iter()
        .map(|event| (event["what"].as_str().unwrap(), event["subject"].as_str().unwrap_or("-")))
        .collect();
    // The last look is the one that tells of the others.
    assert!(looks.starts_with(&[("indicator", "referrals"), ("audit", "-")]), "{looks:?}");
}

#[test]
fn validating_stores_nothing() {
    let _turn = sandbox().alone();
    let entered = entered_by(|| {
        let call = sandbox().call("laja", egress::Method::Post, "/v1/validate");
        let told = call.json(&canary_child(&[("cpi", "SVC-SHELTER")])).send().ok().json();
        assert_eq!((&told["valid"], &told["schema"]), (&json!(true), &json!("referral.request/v1")));
        assert_eq!(told["statistics"]["age-band"], "Y5T9");
        assert!(told["categories"].as_array().unwrap().contains(&json!("evidence")));
    });
    assert_eq!(entered, Vec::<Value>::new());
}
