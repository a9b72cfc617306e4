//! Facts and typed views: what deciding and counting read from a checked message.

use casework::Facts;
use schemas::messages::{AnswerView, IdentityCheckView, NotThisMessage, RequestView};
use serde_json::{Value, json};

use super::{SCHEMAS, example};

fn facts(body: &Value) -> Facts {
    SCHEMAS.check(None, body.to_string().as_bytes()).unwrap().facts
}

fn check(body: &Value, expect: &[(&str, &str)]) {
    let expect: Facts = expect.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    assert_eq!(facts(body), expect);
}

#[test]
fn facts_are_codes_or_the_reason_there_is_none() {
    check(
        &example("referral.request", "found-girl.json"),
        &[
            ("sex", "F"),
            ("age-band", "Y5T9"),
            ("nationality", "unknown"),
            ("district", "not-asked"),
            ("legal-status", "not-asked"),
            ("disability", "not-asked"),
            ("socio-economic", "not-asked"),
            ("area", "not-asked"),
            ("care", "not-asked"),
            ("setting", "not-asked"),
        ],
    );
    check(&example("referral.accept", "everything.json"), &[]);
}

#[test]
fn a_request_read() {
    let body = example("referral.request", "found-girl.json");
    let view = RequestView::read(&body).unwrap();
    assert_eq!((view.case, view.replaces), (None, None));
    let addressed: Vec<String> =
        view.recipients.iter().map(|to| format!("{} {}", to.agency, to.service)).collect();
    assert_eq!(addressed, ["cpi SVC-SHELTER", "laja SVC-LEGAL", "fia-ccw SVC-CYBER"]);
    assert_eq!((view.priority.as_str(), view.purpose.as_str()), ("emergency", "protection"));
    assert_eq!((view.basis.as_str(), view.reasons.len()), ("best-interests", 3));
    let whole = RequestView::read(&example("referral.request", "everything.json")).unwrap();
    assert!(whole.case.is_some() && whole.replaces.is_some());
}

#[test]
fn answers_read() {
    let reject = AnswerView::read(&example("referral.reject", "no-capacity.json")).unwrap();
    assert_eq!(reject.reason.unwrap().as_str(), "no-capacity");
    assert_eq!(reject.suggested_receiver.unwrap().as_str(), "pbm");
    let outcome = AnswerView::read(&example("referral.outcome", "failed.json")).unwrap();
    assert_eq!(
        (outcome.result.unwrap().as_str(), outcome.outcome.unwrap().as_str()),
        ("failed", "child-lost")
    );
    let hold = AnswerView::read(&example("referral.hold", "court.json")).unwrap();
    assert_eq!(hold.review_on.unwrap().to_string(), "2026-12-01");
    let result = AnswerView::read(&example("identity.result", "match.json")).unwrap();
    assert_eq!((result.status.unwrap().as_str(), result.result.unwrap().as_str()), ("answered", "match"));
}

#[test]
fn an_identity_check_read() {
    let view = IdentityCheckView::read(&example("identity.check", "guardian.json")).unwrap();
    assert_eq!((view.agency.as_str(), view.deadline_ms), ("nadra", Some(3000)));
    assert_eq!(view.case.to_string(), "cs_0190a1b2c3d4e5f60718293a4b5c6d7e");
    assert_eq!((view.purpose.as_str(), view.basis.as_str()), ("guardian-verification", "consent"));
}

#[test]
fn another_body_is_not_read() {
    assert_eq!(RequestView::read(&json!({"priority": "Test Child 7"})), Err(NotThisMessage));
    assert_eq!(IdentityCheckView::read(&json!([])), Err(NotThisMessage));
}
