//! The agencies' forms as the hub's adapters send them, about invented children, and numbered ids.

use serde_json::{Value, json};

use super::world::Call;

pub fn delivery(n: u32) -> String {
    format!("dl_{n:032x}")
}

pub fn referral(n: u32) -> String {
    format!("rf_{n:032x}")
}

pub fn check(n: u32) -> String {
    format!("ic_{n:032x}")
}

/// A case's id as Primero has it: a hyphenated UUID.
pub fn case(n: u32) -> String {
    format!("00000000-0000-4000-8000-{n:012x}")
}

/// NCCIA gets delivery `n` of referral `n`.
pub fn complaint(n: u32) -> Call {
    let form = json!({ "complaint": {
        "hub_delivery": delivery(n), "hub_referral": referral(n), "category": "online-exploitation",
        "urgency": "P1", "received_from": "ictp", "offences": [], "victim": { "age_years": 12, "sex": "F" },
    } });
    Call::post("nccia", "/referrals", &form).header("idempotency-key", &delivery(n))
}

/// LAJA gets delivery `n` of referral `n`.
pub fn application(n: u32) -> Call {
    let form = json!({ "application": {
        "delivery_no": delivery(n), "referral_no": referral(n), "matter": "representation",
        "priority": "immediate", "applicant": { "name": format!("Test Child {n}"), "sex": "F", "age": 12 },
    } });
    Call::post("laja", "/referrals", &form).header("idempotency-key", &delivery(n))
}

/// CPI's Primero gets case `n`.
pub fn primero_case(n: u32, token: &str) -> Call {
    let data = json!({ "data": {
        "id": case(n), "name": format!("Test Child {n}"), "age": 12, "sex": "female",
        "consent_for_services": true, "disclosure_other_orgs": true,
    } });
    Call::post("cpi", "/api/v2/cases", &data).header("authorization", token)
}

/// CPI's Primero gets delivery `n` of referral `n` for case `n`.
pub fn primero_referral(n: u32, token: &str) -> Call {
    let data = json!({ "data": {
        "transitioned_to": "cpi_intake", "service": "shelter",
        "notes": format!("[amaan {}] [amaan {}] Test Child {n}", delivery(n), referral(n)),
    } });
    Call::post("cpi", &format!("/api/v2/cases/{}/referrals", case(n)), &data).header("authorization", token)
}

/// NADRA is asked about a number in transaction `n`.
pub fn verify(n: u32, number: &str) -> Call {
    let envelope = format!(
        "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
         <VerifyIdentity xmlns=\"urn:nadra:assumed\"><TransactionId>{}</TransactionId>\
         <IdentityNumber>{number}</IdentityNumber><Name>Test &amp; Guardian 1</Name>\
         <Purpose>guardian-verification</Purpose></VerifyIdentity></s:Body></s:Envelope>",
        check(n)
    );
    soap(&envelope)
}

pub fn soap(envelope: &str) -> Call {
    let call = Call::post("nadra", "/", &Value::Null)
        .header("content-type", "text/xml; charset=utf-8")
        .header("soapaction", "\"urn:nadra:assumed:VerifyIdentity\"");
    Call { body: envelope.as_bytes().to_vec(), ..call }
}
