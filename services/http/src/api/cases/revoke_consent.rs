//! `POST /v1/cases/{id}/consent/revoke`: consent is taken back for the caller's referrals of a case.

use actix_web::HttpResponse;
use casework::MessageKind;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, Route, SEND, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/cases/{id}/consent/revoke",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND]),
    summary: "Take back the consent that your referrals of a case rest on",
    query: &[],
    takes: Takes::Message(&[MessageKind::ConsentRevoked]),
    writes: true,
    gives: Gives::json(
        "What became of each of your referrals, and the receipt. Once you hold it nothing of what rested on \
         consent is handed over or shown any more.",
    ),
    handle: |call| Box::pin(revoke(call)),
};

async fn revoke(call: Call) -> Result<HttpResponse, Problem> {
    let (caller, id, key) = (call.caller()?, call.id("id")?, call.key()?);
    let revoked = call.hub().revoke_consent(caller, id, call.sent(), key).await?;
    Ok(answer::marked(answer::json(&revoked)?, revoked.replayed))
}
