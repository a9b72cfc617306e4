//! The officers' hands and the tests' eyes, beside each agency's own protocol: `/_sim/knobs`,
//! `/_sim/effects`, `/_sim/inbox`, `/_sim/act`, `/_sim/submit`, `/_sim/identity-check`,
//! `/_sim/revoke-consent`. Not part of what is
//! imitated: no real agency has them. Loopback only and without a secret, so whoever is on this machine may
//! use them.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{self, Bytes, Data, Query, ServiceConfig},
};
use casework::{CheckId, MessageKind, ReferralId};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use crate::{
    answers::{Refusal, json_answer, plain},
    effects::Effect,
    hub_client::{HubAnswer, Unreached},
    knobs::KnobChange,
    office::Office,
};

/// What an officer does with a referral.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Act {
    /// The hub's referral.
    pub referral: ReferralId,
    /// `accept`, `progress`, ... as in the hub's path.
    pub action: String,
    /// The hub message; `schema` and a missing officer are filled in.
    #[serde(default)]
    pub body: Map<String, Value>,
    /// Which of several like acts it is (the second progress note is 2); makes the idempotency key.
    #[serde(default = "first")]
    pub n: u32,
    /// Sent as `If-Match` where given.
    #[serde(default)]
    if_match: Option<String>,
    /// Sends the same call twice with one key, as a system that saw no answer does.
    #[serde(default)]
    twice: bool,
}

/// Something the agency's system sends to the hub of its own accord.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sending {
    body: Map<String, Value>,
    idempotency_key: String,
    /// Whose consent is taken back.
    case: Option<String>,
}

#[derive(Deserialize)]
struct Seeking {
    referral: Option<ReferralId>,
    check: Option<CheckId>,
}

#[derive(Deserialize)]
struct Paging {
    #[serde(default)]
    from: usize,
}

/// Effects in one answer, some 250 bytes each; `next` in the answer says where to go on.
const EFFECTS_PER_ANSWER_MAX: usize = 3_000;
/// Far more messages than one referral has.
const INBOX_MAX: usize = 200;

/// Mounts the routes every agency has; `Data<Office>` must be there.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/_sim/knobs", web::get().to(show_knobs))
        .route("/_sim/knobs", web::post().to(turn_knobs))
        .route("/_sim/effects", web::get().to(effects))
        .route("/_sim/inbox", web::get().to(inbox));
}

/// Mounts what an agency with a client of the hub can send of its own accord.
pub(crate) fn sending_routes(config: &mut ServiceConfig) {
    config
        .route("/_sim/submit", web::post().to(submit))
        .route("/_sim/identity-check", web::post().to(identity_check))
        .route("/_sim/revoke-consent", web::post().to(revoke_consent));
}

/// Mounts `/_sim/act` for an agency whose system answers by calling the hub.
pub(crate) fn acting_routes(config: &mut ServiceConfig) {
    config.route("/_sim/act", web::post().to(act));
}

/// What a control body says.
///
/// # Errors
/// 400 `malformed`.
pub(crate) fn read<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(bytes).map_err(|_| plain(StatusCode::BAD_REQUEST, "malformed"))
}

/// The error for what the imitated system cannot do.
pub(crate) const fn no_such_act() -> Refusal {
    plain(StatusCode::UNPROCESSABLE_ENTITY, "no-such-act")
}

async fn show_knobs(office: Data<Office>) -> HttpResponse {
    HttpResponse::Ok().json(office.knobs(None))
}

async fn turn_knobs(office: Data<Office>, bytes: Bytes) -> Result<HttpResponse, Refusal> {
    let change: KnobChange = read(&bytes)?;
    Ok(HttpResponse::Ok().json(office.knobs(Some(&change))))
}

/// The effects without what they say about a child, oldest first.
async fn effects(office: Data<Office>, paging: Query<Paging>) -> HttpResponse {
    let log = office.log();
    let total = log.all().len();
    let shown = log.all().iter().skip(paging.from).take(EFFECTS_PER_ANSWER_MAX);
    let shown: Vec<Effect> = shown.map(Effect::without_content).collect();
    let seen = paging.from.saturating_add(shown.len());
    let next = (seen < total).then_some(seen);
    HttpResponse::Ok().json(json!({ "effects": shown, "total": total, "next": next }))
}

/// All that the officers can see about a referral (or an identity check), the agency's record of the child
/// included.
async fn inbox(office: Data<Office>, seeking: Query<Seeking>) -> HttpResponse {
    let log = office.log();
    let of_it = |effect: &&Effect| {
        (seeking.referral.is_some() && effect.referral == seeking.referral)
            || (seeking.check.is_some() && effect.check == seeking.check)
    };
    let records: Vec<&String> =
        log.all().iter().filter(of_it).filter_map(|effect| effect.record.as_ref()).collect();
    let of_its_record = |effect: &Effect| {
        effect.referral.is_none() && effect.record.as_ref().is_some_and(|record| records.contains(&record))
    };
    let found = log.all().iter().filter(|effect| of_it(effect) || of_its_record(effect));
    let messages: Vec<&Effect> = found.take(INBOX_MAX).collect();
    HttpResponse::Ok().json(json!({ "messages": messages }))
}

/// The agency's system answers the referral at the hub.
async fn act(office: Data<Office>, bytes: Bytes) -> Result<HttpResponse, Refusal> {
    let act: Act = read(&bytes)?;
    let kind = MessageKind::from_action(&act.action).map_err(|_| no_such_act())?;
    let hub = office.hub().ok_or_else(no_such_act)?;
    let reference = office.reference_of(&act.referral);
    let body = filled(kind, act.body, office.agency(), reference);
    let path = format!("/v1/referrals/{}/{}", act.referral, act.action);
    let key = format!("{}-{}-{}-{}", office.agency(), act.referral, act.action, act.n);
    let if_match = act.if_match.as_deref();
    if act.twice {
        let _ = hub.post(&path, &key, &body, if_match).await;
    }
    relayed(hub.post(&path, &key, &body, if_match).await)
}

async fn submit(office: Data<Office>, bytes: Bytes) -> Result<HttpResponse, Refusal> {
    send(&office, read(&bytes)?, "/v1/referrals", MessageKind::Request).await
}

async fn identity_check(office: Data<Office>, bytes: Bytes) -> Result<HttpResponse, Refusal> {
    send(&office, read(&bytes)?, "/v1/identity-checks", MessageKind::IdentityCheck).await
}

/// Consent is taken back for the agency's referrals of a case.
async fn revoke_consent(office: Data<Office>, bytes: Bytes) -> Result<HttpResponse, Refusal> {
    let sending: Sending = read(&bytes)?;
    let case = sending.case.clone().ok_or_else(no_such_act)?;
    let path = format!("/v1/cases/{case}/consent/revoke");
    send(&office, sending, &path, MessageKind::ConsentRevoked).await
}

async fn send(
    office: &Office,
    sending: Sending,
    path: &str,
    kind: MessageKind,
) -> Result<HttpResponse, Refusal> {
    let hub = office.hub().ok_or_else(no_such_act)?;
    let body = filled(kind, sending.body, office.agency(), None);
    relayed(hub.post(path, &sending.idempotency_key, &body, None).await)
}

/// The message with what the agency's system knows by itself: its schema, its duty officer, its file number.
fn filled(kind: MessageKind, mut body: Map<String, Value>, agency: &str, reference: Option<String>) -> Value {
    body.entry("schema").or_insert_with(|| json!(format!("{}/v1", kind.schema_name())));
    if matches!(kind, MessageKind::Received | MessageKind::Accept | MessageKind::Cease) {
        let name = format!("Test Officer {}", agency.to_uppercase());
        body.entry("officer").or_insert_with(|| json!({ "name": name, "position": "Duty officer" }));
    }
    if let (MessageKind::Accept, Some(reference)) = (kind, reference) {
        body.entry("local_reference").or_insert_with(|| json!(reference));
    }
    Value::Object(body)
}

fn relayed(answer: Result<HubAnswer, Unreached>) -> Result<HttpResponse, Refusal> {
    let answer = answer.map_err(|unreached| {
        tracing::warn!(reason = %unreached, "a simulated agency could not reach the hub");
        plain(StatusCode::BAD_GATEWAY, "hub-not-reached")
    })?;
    Ok(json_answer(StatusCode::OK, &json!({ "status": answer.status, "body": answer.body })))
}

const fn first() -> u32 {
    1
}
