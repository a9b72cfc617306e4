//! `GET /v1/referrals/{id}/evidence`: all that happened to a referral, with what proves it, for a court. The
//! look is entered in the ledger before anything leaves.

use actix_web::HttpResponse;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, LINES, RECEIVE, Route, SEND, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/referrals/{id}/evidence",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, RECEIVE]),
    summary: "Fetch the evidence of a referral",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::lines(
        "JSON lines: what the caller's agency sent, with its signatures; copies of what was sent to it, with \
         the hub's; every step as a ledger entry with its proof; the keys. `amaan audit verify bundle` and \
         `ops/verify_bundle.py` check it without the hub.",
    ),
    handle: |call| Box::pin(evidence(call)),
};

async fn evidence(call: Call) -> Result<HttpResponse, Problem> {
    let bundle = call.hub().evidence(call.caller()?, call.id("id")?).await?;
    // Its look is entered.
    Ok(HttpResponse::Ok().content_type(LINES).body(bundle.expose().clone()))
}
