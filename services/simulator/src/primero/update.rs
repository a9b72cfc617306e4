//! Changing a Primero case over the API: plain fields are replaced, items of subforms are merged by their
//! `unique_id`, kept and appended, as the documentation says of `PATCH`. So a message put into a case's notes
//! under its delivery's id may come twice and stands there once, and the second time is no effect.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Bytes, Path},
};
use casework::MessageKind;
use serde_json::{Map, Value, json};

use super::{
    Primero, Shared, answered,
    cases::{self, display_id},
    not_found,
    record::{CASE_UPDATED, merge},
};
use crate::{
    answers::{Dialect, Refusal, json_answer},
    clock,
    effects::Effect,
    fault, request,
};

/// What the server itself keeps.
const OWN: &[&str] = &["id", "created_at", "case_id_display", "owned_by", "last_updated_at"];

/// `PATCH /api/v2/cases/{id}`. The fault knobs act here too.
pub(super) async fn update(
    primero: Shared,
    request: HttpRequest,
    id: Path<String>,
    bytes: Bytes,
) -> Result<HttpResponse, Refusal> {
    let mut change = cases::data(&primero, &request, &bytes)?;
    change.retain(|name, _| !OWN.contains(&name.as_str()));
    let write = || answered(write(&primero, &request, &id, &change));
    Ok(fault::exchange(&primero.office, Dialect::Primero, &request, write).await)
}

fn write(
    primero: &Primero,
    request: &HttpRequest,
    id: &str,
    change: &Map<String, Value>,
) -> Result<HttpResponse, Refusal> {
    let mut records = primero.records();
    let held = &records.case(id).ok_or(not_found())?.fields;
    let mut merged = held.clone();
    merge(&mut merged, change);
    let changed: Map<String, Value> =
        merged.into_iter().filter(|(name, value)| held.get(name) != Some(value)).collect();
    if !changed.is_empty() {
        let form = Value::Object(change.clone());
        let now = clock::now();
        let kind = request::kind_in(&form).filter(|kind| *kind != MessageKind::Request);
        let effect = Effect {
            at: now.to_string(),
            kind: kind.map_or(CASE_UPDATED, MessageKind::schema_name).to_owned(),
            delivery: request::delivery(request),
            referral: request::referral_in(&form),
            check: None,
            attempt: request::attempt(request),
            reference: display_id(id),
            record: Some(id.to_owned()),
            seen: json!({ "case": form, "changed_at": clock::utc_millis(now) }),
        };
        primero.commit(&mut records, effect)?;
    }
    Ok(json_answer(StatusCode::OK, &json!({ "data": changed })))
}
