//! `GET /v1/referrals/{id}`: one referral with its message, as far as the caller may see it. The look is
//! entered in the ledger before anything is shown.

use actix_web::HttpResponse;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, RECEIVE, Route, SEND, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/referrals/{id}",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, RECEIVE]),
    summary: "Read one referral",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json(
        "The referral, its message whole for the sender and cut down for the receiver, the categories \
         withheld, its clocks and deliveries. `ETag` is its version.",
    ),
    handle: |call| Box::pin(show(call)),
};

async fn show(call: Call) -> Result<HttpResponse, Problem> {
    let view = call.hub().show_referral(call.caller()?, call.id("id")?).await?;
    Ok(answer::versioned(answer::json(&view)?, view.version))
}
