//! The two agencies with a JSON interface of their own: NCCIA, which dedupes by delivery and can be asked,
//! and LAJA, which does neither. Same three routes, different forms and habits; the forms are in `nccia.rs`
//! and `laja.rs`. All of it is assumed: neither agency publishes an interface.

mod laja;
mod nccia;

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Bytes, Data, Path, ServiceConfig},
};
use casework::{DeliveryId, MessageKind, ReferralId};
use serde_json::{Value, json};

pub(crate) use laja::LAJA;
pub(crate) use nccia::NCCIA;

use crate::{
    answers::{Dialect, Refusal, json_answer, plain},
    clock, control,
    effects::Effect,
    error::NotWritten,
    fault,
    office::{Office, Settled},
    request,
};

/// How one of the two agencies differs from the other.
#[derive(Clone, Copy)]
pub(crate) struct Habits {
    /// What is wrong with a referral in the agency's own form, as a code; none if it is fine.
    check_form: fn(&Value) -> Option<&'static str>,
    /// The hub's ids in the agency's own form.
    ids: fn(&Value) -> Ids,
    /// Whether a delivery seen before is answered with its first number, and can be asked for.
    memory: Memory,
    /// The status of a message taken in.
    taken: StatusCode,
}

/// What an agency remembers of deliveries.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Memory {
    /// A repeated delivery has no second effect, and can be asked for.
    ByDelivery,
    /// Every call is a new application.
    None,
}

/// The hub's ids as the form carries them.
struct Ids {
    delivery: Option<DeliveryId>,
    referral: Option<ReferralId>,
}

/// Mounts the agency's protocol and its controls; `Data<Office>` must be there.
pub(crate) fn routes(config: &mut ServiceConfig, habits: Habits) {
    config
        .app_data(Data::new(habits))
        .route("/referrals", web::post().to(referral))
        .route("/messages", web::post().to(message))
        .configure(control::routes)
        .configure(control::sending_routes)
        .configure(control::acting_routes);
    if habits.memory == Memory::ByDelivery {
        config.route("/referrals/by-delivery/{delivery}", web::get().to(by_delivery));
    }
}

async fn referral(
    office: Data<Office>,
    habits: Data<Habits>,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Refusal> {
    let form = form(&office, &request, &bytes)?;
    match (habits.check_form)(&form) {
        Some(code) => Err(plain(StatusCode::UNPROCESSABLE_ENTITY, code)),
        None => take_in(&office, &habits, &request, "referral.request", &form).await,
    }
}

async fn message(
    office: Data<Office>,
    habits: Data<Habits>,
    request: HttpRequest,
    bytes: Bytes,
) -> Result<HttpResponse, Refusal> {
    let form = form(&office, &request, &bytes)?;
    let kind = request::kind_in(&form).map_or("message", MessageKind::schema_name);
    take_in(&office, &habits, &request, kind, &form).await
}

/// Whether a delivery has arrived: what a caller that saw no answer asks.
async fn by_delivery(
    office: Data<Office>,
    request: HttpRequest,
    delivery: Path<String>,
) -> Result<HttpResponse, Refusal> {
    known(&office, &request)?;
    let log = office.log();
    let found = delivery.parse().ok().and_then(|delivery| log.by_delivery(&delivery));
    let effect = found.ok_or(plain(StatusCode::NOT_FOUND, "not-found"))?;
    Ok(json_answer(StatusCode::OK, &json!({ "reference": effect.reference })))
}

fn form(office: &Office, request: &HttpRequest, bytes: &Bytes) -> Result<Value, Refusal> {
    known(office, request)?;
    serde_json::from_slice(bytes).map_err(|_| plain(StatusCode::BAD_REQUEST, "malformed"))
}

fn known(office: &Office, request: &HttpRequest) -> Result<(), Refusal> {
    let known = request::bearer(request).is_some_and(|secret| office.knows(secret));
    if known { Ok(()) } else { Err(plain(StatusCode::UNAUTHORIZED, "unauthorized")) }
}

/// Writes the message down, then answers with the agency's number.
async fn take_in(
    office: &Office,
    habits: &Habits,
    request: &HttpRequest,
    kind: &str,
    form: &Value,
) -> Result<HttpResponse, Refusal> {
    let ids = (habits.ids)(form);
    let delivery = request::delivery(request).or(ids.delivery);
    let referral = ids.referral.or_else(|| request::referral_in(form));
    if habits.memory == Memory::ByDelivery && delivery.is_none() {
        return Err(plain(StatusCode::BAD_REQUEST, "idempotency-key-missing"));
    }
    // A further message belongs to the file its referral opened.
    let file =
        referral.filter(|_| kind != "referral.request").and_then(|referral| office.reference_of(&referral));
    let effect = |number: String| Effect {
        at: clock::now().to_string(),
        kind: kind.to_owned(),
        delivery,
        referral,
        check: None,
        attempt: request::attempt(request),
        reference: file.clone().unwrap_or(number),
        record: None,
        seen: form.clone(),
    };
    let write = || match (habits.memory, &delivery) {
        (Memory::ByDelivery, Some(delivery)) => office.record_once(delivery, effect),
        _ => office.record(effect),
    };
    Ok(fault::exchange(office, Dialect::Plain, request, || answer(habits.taken, write())).await)
}

fn answer(taken: StatusCode, written: Result<Settled, NotWritten>) -> HttpResponse {
    match written {
        Ok(settled) => json_answer(taken, &json!({ "reference": settled.reference })),
        Err(not_written) => {
            tracing::error!(reason = %not_written, "a simulated agency could not write down an effect");
            Dialect::Plain.error(StatusCode::SERVICE_UNAVAILABLE, "not-written")
        }
    }
}
