//! The cross-walk of Primero's words. Its `in_progress` means that nobody has replied, ours that the child is
//! being helped: the one confusion that would let a child wait unseen.

use adapters::MappingError;
use serde_json::{Value, json};

use super::agency;

const TRANSITION: &str = "11111111-2222-4333-8444-555555555555";

fn record(status: &str) -> Value {
    json!({
        "referral": "rf_00000000000000000000000000000007",
        "transition": {
            "id": TRANSITION, "status": status,
            "transitioned_to": "cpi_intake", "rejected_reason": "no_capacity",
        },
        "case": { "services_section": [
            { "unique_id": "s-1", "amaan_referral": TRANSITION,
              "amaan_result": "completed", "amaan_outcome": "child_safe" },
        ] },
    })
}

fn actions(raw: &Value) -> Result<Vec<String>, MappingError> {
    let registry = super::embedded();
    let answers = agency(registry, "cpi").map_inbound(raw)?;
    Ok(answers.iter().map(|answer| answer.action.action().to_owned()).collect())
}

fn check(status: &str, expect: &[&str]) {
    assert_eq!(actions(&record(status)).unwrap(), expect, "{status}");
}

#[test]
fn statuses() {
    check("in_progress", &[]);
    check("inprogress", &[]);
    check("accepted", &["accept", "outcome"]);
    check("rejected", &["reject"]);
    check("done", &["accept", "outcome"]);
}

#[test]
fn a_status_nobody_knows_is_not_accepted() {
    for status in ["in progress", "ACCEPTED", "pending", ""] {
        let Err(MappingError::Unmapped { list, candidates }) = actions(&record(status)) else {
            panic!("{status} was mapped");
        };
        assert_eq!(list, "status");
        assert_eq!(candidates.len(), 3);
    }
    let error = actions(&record("acceptd")).unwrap_err();
    assert!(matches!(error, MappingError::Unmapped { candidates, .. } if candidates[0] == "accepted"));
}

#[test]
fn a_revoked_one_waits_for_a_person() {
    assert_eq!(actions(&record("revoked")).unwrap_err().slug(), "mapping-triage");
}

#[test]
fn done_without_an_outcome_waits_for_a_person() {
    let mut raw = record("done");
    raw["case"] = json!({});
    let error = actions(&raw).unwrap_err();
    assert_eq!(
        error,
        MappingError::Triage {
            why: "the referral is done in Primero, but no service of it has an outcome".to_owned()
        }
    );
}

#[test]
fn another_referral_s_services_are_not_its_answers() {
    let mut raw = record("accepted");
    raw["case"]["services_section"][0]["amaan_referral"] = json!("another");
    assert_eq!(actions(&raw).unwrap(), ["accept"]);
}

#[test]
fn an_answer_keeps_its_key() {
    let registry = super::embedded();
    let keys = |raw: &Value| -> Vec<String> {
        agency(registry, "cpi").map_inbound(raw).unwrap().into_iter().map(|answer| answer.key).collect()
    };
    let accepted = format!("primero/{TRANSITION}/accepted");
    assert_eq!(keys(&record("accepted")), [accepted.clone(), format!("primero/{TRANSITION}/s-1/outcome")]);
    assert_eq!(keys(&record("done"))[0], accepted);
}
