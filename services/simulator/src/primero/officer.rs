//! What CPI's officers do with a referral in their Primero: `/_sim/act` takes the hub's action and changes
//! the records as a CPI user would. The hub is not called; its poller reads the change.
//!
//! *Assumed*, since Primero's forms are configured per country: progress and outcome are items of
//! `services_section` that name the referral in `amaan_referral`; the outcome stands in `amaan_result` and
//! `amaan_outcome` of that item and of the case. Coded words are snake_case there (`no_capacity`). Also
//! assumed: that a reply, whichever it is, moves the case's `last_updated_at`.

use actix_web::{HttpResponse, http::StatusCode, web::Bytes};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    Primero, Shared,
    record::{OFFICER, text},
};
use crate::{
    answers::{Refusal, json_answer, plain},
    clock,
    control::{self, Act},
    effects::Effect,
};

/// What an act does to the records: the hub message, the referral, the time in; the change out.
type Change = fn(&Map<String, Value>, &Map<String, Value>, &str) -> Value;

/// The status a referral must have for an act, and the act's change of the records.
struct Step {
    from: &'static str,
    change: Change,
}

/// `POST /_sim/act`.
pub(super) async fn act(primero: Shared, bytes: Bytes) -> Result<HttpResponse, Refusal> {
    let act: Act = control::read(&bytes)?;
    let step = match act.action.as_str() {
        "accept" => Step { from: "in_progress", change: accept },
        "reject" => Step { from: "in_progress", change: reject },
        "progress" => Step { from: "accepted", change: progress },
        "outcome" => Step { from: "accepted", change: outcome },
        // Primero knows neither an opened nor a paused referral, and its users cannot write to the sender.
        _ => return Err(control::no_such_act()),
    };
    carry_out(&primero, &act, &step)
}

/// Carries the act out once: the same act with the same `n` again changes nothing and answers alike.
fn carry_out(primero: &Primero, act: &Act, step: &Step) -> Result<HttpResponse, Refusal> {
    let mut records = primero.records();
    let missing = plain(StatusCode::NOT_FOUND, "no-such-referral");
    let (case, referral) = records.of_referral(&act.referral).ok_or(missing)?;
    let record = text(&case.fields, "id").map(str::to_owned);
    let id = text(referral, "id").unwrap_or_default().to_owned();
    let kind = format!("{OFFICER}{}", act.action);
    if !done_before(primero, act, &kind) {
        if text(referral, "status") != Some(step.from) {
            return Err(plain(StatusCode::CONFLICT, "not-in-that-status"));
        }
        let now = clock::now();
        let mut seen = (step.change)(&act.body, referral, &clock::utc_millis(now));
        if let Value::Object(seen) = &mut seen {
            seen.insert("transition_id".to_owned(), json!(id));
            seen.insert("changed_at".to_owned(), json!(clock::utc_millis(now)));
            seen.insert("n".to_owned(), json!(act.n));
        }
        let effect = Effect {
            at: now.to_string(),
            kind,
            delivery: None,
            referral: Some(act.referral),
            check: None,
            attempt: None,
            reference: id,
            record,
            seen,
        };
        primero.commit(&mut records, effect)?;
    }
    let now = records.of_referral(&act.referral).map(|(_, referral)| referral.clone()).unwrap_or_default();
    Ok(json_answer(StatusCode::OK, &json!({ "status": 200, "body": { "data": now } })))
}

fn done_before(primero: &Primero, act: &Act, kind: &str) -> bool {
    let log = primero.office.log();
    log.all().iter().any(|effect| {
        effect.kind == kind
            && effect.referral == Some(act.referral)
            && effect.seen.get("n").and_then(Value::as_u64) == Some(u64::from(act.n))
    })
}

fn accept(_: &Map<String, Value>, _: &Map<String, Value>, now: &str) -> Value {
    json!({ "transition": { "status": "accepted", "responded_at": now } })
}

/// Primero has no field for a better receiver, so an officer writes it into the note, tagged for the hub.
fn reject(body: &Map<String, Value>, _: &Map<String, Value>, now: &str) -> Value {
    let note = text(body, "note").map(str::to_owned);
    let receiver = text(body, "suggested_receiver").map(|agency| format!("[amaan suggests {agency}]"));
    let notes: Vec<String> = note.into_iter().chain(receiver).collect();
    json!({ "transition": {
        "status": "rejected",
        "rejected_reason": word(body, "reason", "other"),
        "rejection_note": notes.join(" "),
        "responded_at": now,
    } })
}

fn progress(body: &Map<String, Value>, referral: &Map<String, Value>, now: &str) -> Value {
    let step = word(body, "step", "note");
    let implemented = if step == "service_started" { "implemented" } else { "not_implemented" };
    let mut service = service_item(referral, now, text(body, "note"));
    service.insert("amaan_step".to_owned(), json!(step));
    service.insert("service_implemented".to_owned(), json!(implemented));
    json!({ "case": { "services_section": [service] } })
}

fn outcome(body: &Map<String, Value>, referral: &Map<String, Value>, now: &str) -> Value {
    let result = word(body, "result", "completed");
    let outcome = word(body, "outcome", "other");
    let mut service = service_item(referral, now, text(body, "note"));
    service.insert("service_implemented".to_owned(), json!("implemented"));
    service.insert("amaan_result".to_owned(), json!(result));
    service.insert("amaan_outcome".to_owned(), json!(outcome));
    let success = if result == "failed" { "not_successful" } else { "successful" };
    json!({
        "transition": {
            "status": "done",
            "success_status": success,
            "reason_not_successful": (result == "failed").then(|| reason_not_successful(&outcome)),
        },
        "case": { "services_section": [service], "amaan_result": result, "amaan_outcome": outcome },
    })
}

/// Primero's own words for a referral that led nowhere.
fn reason_not_successful(outcome: &str) -> &'static str {
    match outcome {
        "child_lost" => "unable_to_contact_client",
        "withdrew" => "client_refused_services",
        _ => "other",
    }
}

/// One item of Primero's services form.
fn service_item(referral: &Map<String, Value>, now: &str, note: Option<&str>) -> Map<String, Value> {
    let item = json!({
        "unique_id": Uuid::new_v4().to_string(),
        "amaan_referral": referral.get("id"),
        "service_type": referral.get("service"),
        "service_implemented_day_time": now,
        "note_on_referral_from_provider": note,
    });
    match item {
        Value::Object(item) => item,
        _ => Map::new(),
    }
}

/// A hub code as a Primero lookup word: `no-capacity` is `no_capacity`.
fn word(body: &Map<String, Value>, name: &str, otherwise: &str) -> String {
    text(body, name).unwrap_or(otherwise).replace('-', "_")
}
