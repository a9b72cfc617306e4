//! Primero's referrals of a case. As in the real one, a second `POST` makes a second referral: the hub's ids
//! travel in `notes` (`[amaan dl_...] [amaan rf_...]`), and whoever saw no answer lists before repeating.
//! A referral starts as `in_progress`, which in Primero means that nobody has replied yet.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Bytes, Path},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    Primero, Shared, answered, cases, not_found,
    record::{REFERRED, text},
    unprocessable,
};
use crate::{
    answers::{Dialect, Refusal, json_answer},
    clock,
    effects::Effect,
    fault, request,
};

/// `GET /api/v2/cases/{id}/referrals`.
pub(super) async fn list(
    primero: Shared,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Refusal> {
    primero.admit(&request)?;
    let records = primero.records();
    let case = records.case(&id).ok_or(not_found())?;
    Ok(json_answer(StatusCode::OK, &json!({ "data": case.referrals })))
}

/// `POST /api/v2/cases/{id}/referrals`. The fault knobs act here.
pub(super) async fn refer(
    primero: Shared,
    request: HttpRequest,
    id: Path<String>,
    bytes: Bytes,
) -> Result<HttpResponse, Refusal> {
    let data = cases::data(&primero, &request, &bytes)?;
    if text(&data, "transitioned_to").is_none_or(str::is_empty) {
        return Err(unprocessable("transitioned_to"));
    }
    let write = || answered(write(&primero, &request, &id, &data));
    Ok(fault::exchange(&primero.office, Dialect::Primero, &request, write).await)
}

fn write(
    primero: &Primero,
    request: &HttpRequest,
    id: &str,
    data: &Map<String, Value>,
) -> Result<HttpResponse, Refusal> {
    let mut records = primero.records();
    let case = records.case(id).ok_or(not_found())?;
    if !consented(&case.fields) && data.get("consent_overridden") != Some(&json!(true)) {
        return Err(unprocessable("consent"));
    }
    let referral = new_referral(id, data);
    let notes = text(data, "notes").unwrap_or_default();
    let effect = Effect {
        at: clock::now().to_string(),
        kind: REFERRED.to_owned(),
        delivery: request::named_in(notes).or_else(|| request::delivery(request)),
        referral: request::named_in(notes),
        check: None,
        attempt: request::attempt(request),
        reference: text(&referral, "id").unwrap_or_default().to_owned(),
        record: Some(id.to_owned()),
        seen: Value::Object(referral.clone()),
    };
    primero.commit(&mut records, effect)?;
    Ok(json_answer(StatusCode::OK, &json!({ "data": referral })))
}

/// Primero refers a case only with both consents of the child or caregiver, or an override.
fn consented(case: &Map<String, Value>) -> bool {
    let given = |name: &str| case.get(name) == Some(&json!(true));
    given("consent_for_services") && given("disclosure_other_orgs")
}

fn new_referral(record_id: &str, data: &Map<String, Value>) -> Map<String, Value> {
    let given = |name: &str| data.get(name).cloned().unwrap_or(Value::Null);
    let referral = json!({
        "id": Uuid::new_v4().to_string(),
        "type": "Referral",
        "record_id": record_id,
        "record_type": "Child",
        "transitioned_to": given("transitioned_to"),
        "transitioned_to_agency": "cpi",
        "transitioned_by": "amaan",
        "notes": given("notes"),
        "service": given("service"),
        "service_record_id": given("service_record_id"),
        "type_of_export": given("type_of_export"),
        "consent_overridden": data.get("consent_overridden") == Some(&json!(true)),
        "remote": false,
        "status": "in_progress",
        "created_at": clock::utc_millis(clock::now()),
    });
    match referral {
        Value::Object(referral) => referral,
        _ => Map::new(),
    }
}
