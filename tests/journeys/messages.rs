//! Invented messages: a child in whose every personal field stands a word that is found again wherever that
//! field arrives.

use serde_json::{Value, json};

/// What is planted, and under which name tests speak of it. The number begins with a zero, as no real one
/// does, and counts nothing up, so that no id of another test can be taken for it.
pub const CANARIES: &[(&str, &str)] = &[
    ("name", "Test Child 7 Canaryname"),
    ("address", "Canaryaddress"),
    ("phone", "+920000000707"),
    ("safe-times", "Canarytimes"),
    ("cnic", "0715938264107"),
    ("evidence", "c0ffee77"),
    ("custodian", "Test Malkhana Canary"),
    ("narrative", "Canarynarrative"),
    ("caregiver", "Test Guardian Canary"),
    ("offender", "Test Offender Canary"),
    ("handle", "canaryhandle"),
    ("photo", "canaryphoto"),
];

/// Every personal field filled.
pub fn canary_child(recipients: &[(&str, &str)]) -> Value {
    let to: Vec<Value> =
        recipients.iter().map(|(agency, service)| json!({ "agency": agency, "service": service })).collect();
    json!({
        "schema": "referral.request/v1",
        "recipients": to,
        "priority": "emergency",
        "purpose": "protection",
        "reasons": ["RSN-FOUND", "RSN-ONLINE"],
        "child": {
            "name": { "full": "Test Child 7 Canaryname" },
            "age": { "years": 9, "basis": "EST" },
            "sex": "F",
            "national_id": "0715938264107",
            "address": { "district": "PK401", "line": "Canaryaddress, Test Road" },
            "phone": { "number": "+920000000707", "safe_times": "Canarytimes" },
            "photo_reference": "canaryphoto-7",
        },
        "caregiver": { "name": "Test Guardian Canary", "relationship": "aunt-uncle", "informed": true },
        "incident": { "acts": ["HV-308"], "district": "PK401", "setting": "online", "online": true },
        "offender": {
            "name": "Test Offender Canary", "block_contact": true,
            "accounts": [{ "platform": "Test Platform", "handle": "canaryhandle" }],
        },
        "evidence": [{
            "sha256": "c0ffee77".repeat(8), "custodian": "Test Malkhana Canary", "exhibit": "EX-707",
        }],
        "consent": {
            "basis": "best-interests",
            "override_reason": "nobody-to-ask",
            "supervisor": { "name": "Test Officer 9", "position": "Inspector" },
        },
        "referred_by": { "name": "Test Officer 7", "position": "Sub-inspector" },
        "narrative": "Canarynarrative: invented for this test.",
        "statistics": {
            "sex": { "value": "F" }, "age_band": { "value": "Y5T9" }, "district": { "value": "PK401" },
        },
    })
}

/// As little as a request may say.
pub fn small_child(agency: &str, service: &str) -> Value {
    json!({
        "schema": "referral.request/v1",
        "recipients": [{ "agency": agency, "service": service }],
        "priority": "normal",
        "purpose": "justice",
        "reasons": ["RSN-WITNESS"],
        "child": { "name": { "full": "Test Child 9" }, "age": { "years": 12, "basis": "EST" }, "sex": "M" },
        "consent": {
            "basis": "best-interests",
            "override_reason": "nobody-to-ask",
            "supervisor": { "name": "Test Officer 9", "position": "Inspector" },
        },
        "referred_by": { "name": "Test Officer 7", "position": "Sub-inspector" },
        "statistics": { "sex": { "value": "M" }, "age_band": { "value": "Y10T14" } },
    })
}

/// A good message of each kind of step.
pub fn step(action: &str) -> Value {
    let mut body = match action {
        "received" | "accept" => json!({ "officer": super::sandbox::officer() }),
        "reject" => json!({ "reason": "no-capacity" }),
        "hold" => json!({
            "reason": "information-requested", "question": "Invented for this test?",
            "review_on": "2027-01-15",
        }),
        "information" => json!({ "answer": "Invented for this test." }),
        "progress" => json!({ "step": "first-contact" }),
        "outcome" => json!({ "result": "completed", "outcome": "service-delivered" }),
        "close" => json!({ "reason": "referred-elsewhere" }),
        "feedback" => json!({ "satisfied": true }),
        "resume" | "send" => json!({}),
        "cancel-request" => json!({ "reason": "child-found-safe" }),
        "cancel-confirm" => json!({ "services_given": [] }),
        "cancel-refuse" => json!({ "reason": "fir-registered" }),
        "void" => json!({ "reason": "sent-twice" }),
        "purged" => json!({}),
        "cease" => json!({ "decision": "ceased", "officer": super::sandbox::officer() }),
        other => panic!("no such step: {other}"),
    };
    body["schema"] = json!(format!("referral.{action}/v1"));
    body
}
