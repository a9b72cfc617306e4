//! NADRA's system: one SOAP 1.1 operation, `VerifyIdentity`, over `POST`. All of it is assumed: NADRA
//! publishes no interface for government users. What is kept from those that are known (Bio-VeriSys for
//! banks): session and transaction ids, a three-digit response code, an Urdu message with bidi marks, and a
//! result of one word.
//!
//! Files: `envelope` reads a request and words answers, `register` decides the result. None of it is shared
//! with the hub's own SOAP code.

mod envelope;
mod register;

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Bytes, Data, ServiceConfig},
};
use casework::CheckId;
use serde_json::json;

use crate::{
    answers::{Dialect, Refusal},
    clock, control,
    effects::Effect,
    error::NotWritten,
    fault,
    office::Office,
    request,
};
use envelope::{Question, Refused};

const CONTENT_TYPE: &str = "text/xml; charset=utf-8";
const ACTION: &str = "urn:nadra:assumed:VerifyIdentity";

/// Mounts the service at the root and the controls; `Data<Office>` must be there.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config.route("/", web::post().to(verify)).configure(control::routes);
}

/// A SOAP fault. `Client` where the request is at fault, `Server` otherwise (SOAP 1.1 section 4.4.1). SOAP
/// over HTTP wants 500 for every fault (section 6.2), so other statuses are only those of HTTP itself.
pub(crate) fn fault(status: StatusCode, code: &str) -> HttpResponse {
    let (status, side) = match status {
        StatusCode::UNAUTHORIZED | StatusCode::TOO_MANY_REQUESTS => (status, "Client"),
        status if status.is_client_error() => (StatusCode::INTERNAL_SERVER_ERROR, "Client"),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "Server"),
    };
    HttpResponse::build(status).content_type(CONTENT_TYPE).body(envelope::fault(side, code))
}

/// The answer by which NADRA declines a question without saying why.
pub(crate) fn refusal(transaction: CheckId) -> HttpResponse {
    HttpResponse::Ok().content_type(CONTENT_TYPE).body(envelope::refusal(transaction))
}

async fn verify(office: Data<Office>, request: HttpRequest, bytes: Bytes) -> Result<HttpResponse, Refusal> {
    let dialect = Dialect::Soap(None);
    if !request::bearer(&request).is_some_and(|secret| office.knows(secret)) {
        return Err(dialect.refuse(StatusCode::UNAUTHORIZED, "unauthorized"));
    }
    let question =
        asked(&request, &bytes).map_err(|refused| dialect.refuse(StatusCode::BAD_REQUEST, refused.code()))?;
    let dialect = Dialect::Soap(Some(question.transaction));
    let answer = || match session(&office, &request, &question) {
        Ok(session) => {
            let found = register::look_up(&question.identity_number);
            let answer = envelope::answer(question.transaction, &session, found);
            HttpResponse::Ok().content_type(CONTENT_TYPE).body(answer)
        }
        Err(_) => fault(StatusCode::SERVICE_UNAVAILABLE, "not-written"),
    };
    Ok(fault::exchange(&office, dialect, &request, answer).await)
}

/// The session of the question's transaction: the one it got before, or a new one, written down.
fn session(office: &Office, request: &HttpRequest, question: &Question) -> Result<String, NotWritten> {
    if let Some(session) = session_of(office, question.transaction) {
        return Ok(session);
    }
    let effect = |session: String| Effect {
        at: clock::now().to_string(),
        kind: "identity.check".to_owned(),
        delivery: request::delivery(request),
        referral: None,
        check: Some(question.transaction),
        attempt: request::attempt(request),
        reference: session,
        record: None,
        seen: json!({
            "identity_number": question.identity_number,
            "name": question.name,
            "birth_date": question.birth_date,
            "purpose": question.purpose,
        }),
    };
    office.record(effect).map(|settled| settled.reference)
}

fn asked(request: &HttpRequest, bytes: &Bytes) -> Result<Question, Refused> {
    let action = request.headers().get("soapaction").and_then(|value| value.to_str().ok());
    if action.map(|action| action.trim_matches('"')) != Some(ACTION) {
        return Err(Refused::Action);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Refused::NotXml)?;
    let question = envelope::read(text)?;
    if register::is_number(&question.identity_number) { Ok(question) } else { Err(Refused::Number) }
}

/// The session a transaction got before: NADRA's answer to a repeated transaction is the same.
fn session_of(office: &Office, transaction: CheckId) -> Option<String> {
    let log = office.log();
    let of_it = log.all().iter().find(|effect| effect.check == Some(transaction));
    of_it.map(|effect| effect.reference.clone())
}
