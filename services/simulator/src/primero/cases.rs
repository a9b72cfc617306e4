//! Primero's case records over the API: create with a client's own UUID (204, and 409 the second time, which
//! is what makes a hand-over repeatable), read, and list by last update (*assumed*: the documentation
//! has filters by field but does not name `last_updated_at_from`).

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Bytes, Path, Query},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    Primero, Shared, not_found,
    record::{CASE_CREATED, Case, text},
    unprocessable,
};
use crate::{
    answers::{Dialect, Refusal, json_answer},
    clock,
    effects::Effect,
    request,
};

/// Primero's own: 20 unless asked, never above 1000.
const PER_PAGE: usize = 20;
const PER_PAGE_MAX: usize = 1000;
/// What `fields=short` shows.
const SHORT: &[&str] = &[
    "id",
    "name",
    "age",
    "sex",
    "owned_by",
    "case_id_display",
    "created_at",
    "registration_date",
    "last_updated_at",
];

#[derive(Deserialize)]
struct Envelope {
    data: Map<String, Value>,
}

#[derive(Deserialize)]
pub(super) struct Filter {
    fields: Option<String>,
    last_updated_at_from: Option<String>,
    page: Option<usize>,
    per: Option<usize>,
}

/// `POST /api/v2/cases`.
pub(super) async fn create(
    primero: Shared,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Refusal> {
    let data = data(&primero, &request, &bytes)?;
    let answer = insert(&primero, data, request::attempt(&request));
    primero.office.dawdle().await;
    answer
}

/// `GET /api/v2/cases/{id}`.
pub(super) async fn show(
    primero: Shared,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Refusal> {
    primero.admit(&request)?;
    let records = primero.records();
    let case = records.case(&id).ok_or(not_found())?;
    Ok(json_answer(StatusCode::OK, &json!({ "data": case.fields })))
}

/// `GET /api/v2/cases`.
pub(super) async fn list(
    primero: Shared,
    request: HttpRequest,
    filter: Query<Filter>,
) -> Result<HttpResponse, Refusal> {
    primero.admit(&request)?;
    let from = filter.last_updated_at_from.as_deref();
    let from =
        from.map(|text| clock::parse(text).ok_or(unprocessable("last_updated_at_from"))).transpose()?;
    let updated = |case: &Case| text(&case.fields, "last_updated_at").and_then(clock::parse);
    let records = primero.records();
    let found: Vec<&Case> =
        records.by_last_update().into_iter().filter(|case| from.is_none() || updated(case) >= from).collect();
    let per = filter.per.unwrap_or(PER_PAGE).clamp(1, PER_PAGE_MAX);
    let page = filter.page.unwrap_or(1).max(1);
    let skipped = page.saturating_sub(1).saturating_mul(per);
    let shown: Vec<Value> =
        found.iter().skip(skipped).take(per).map(|case| fields(case, filter.fields.as_deref())).collect();
    let metadata = json!({ "total": found.len(), "per": per, "page": page });
    Ok(json_answer(StatusCode::OK, &json!({ "data": shown, "metadata": metadata })))
}

/// The `data` of a body, for a caller with a token.
pub(super) fn data(
    primero: &Primero,
    request: &HttpRequest,
    bytes: &Bytes,
) -> Result<Map<String, Value>, Refusal> {
    primero.admit(request)?;
    let envelope: Result<Envelope, _> = serde_json::from_slice(bytes);
    envelope.map(|envelope| envelope.data).map_err(|_| unprocessable("data"))
}

/// Primero shows the last seven digits of a case's id.
pub(super) fn display_id(id: &str) -> String {
    id.chars().skip(id.chars().count().saturating_sub(7)).collect()
}

fn insert(
    primero: &Primero,
    data: Map<String, Value>,
    attempt: Option<u32>,
) -> Result<HttpResponse, Refusal> {
    let named = text(&data, "id").map(Uuid::parse_str).transpose();
    let named = named.map_err(|_| unprocessable("id"))?;
    let id = named.unwrap_or_else(Uuid::new_v4).to_string();
    let mut records = primero.records();
    if records.case(&id).is_some() {
        return Err(Dialect::Primero.refuse(StatusCode::CONFLICT, "Conflict"));
    }
    let now = clock::now();
    let created = new_case(&id, &clock::utc_millis(now), data);
    let effect = Effect {
        at: now.to_string(),
        kind: CASE_CREATED.to_owned(),
        delivery: None,
        referral: None,
        check: None,
        attempt,
        reference: display_id(&id),
        record: Some(id),
        seen: Value::Object(created.clone()),
    };
    primero.commit(&mut records, effect)?;
    Ok(match named {
        Some(_) => HttpResponse::NoContent().finish(),
        None => json_answer(StatusCode::OK, &json!({ "data": created })),
    })
}

/// The fields of a case that a listing shows: all, Primero's short list, or those named.
fn fields(case: &Case, wanted: Option<&str>) -> Value {
    let named: Vec<&str> = match wanted {
        None | Some("") => return Value::Object(case.fields.clone()),
        Some("short") => SHORT.to_vec(),
        Some(names) => names.split(',').map(str::trim).collect(),
    };
    let shown = case.fields.iter().filter(|(name, _)| named.contains(&name.as_str()));
    Value::Object(shown.map(|(name, value)| (name.clone(), value.clone())).collect())
}

fn new_case(id: &str, now: &str, data: Map<String, Value>) -> Map<String, Value> {
    let mut fields = data;
    let own = json!({
        "id": id,
        "case_id_display": display_id(id),
        "owned_by": "cpi_intake",
        "status": "open",
        "created_at": now,
        "registration_date": now.split('T').next(),
        "last_updated_at": now,
    });
    if let Value::Object(own) = own {
        fields.extend(own);
    }
    fields
}
