//! `GET /v1/requests/{id}`: a request of the caller's agency and where each of its referrals stands.

use actix_web::HttpResponse;
use casework::RequestId;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, Route, SEND, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/requests/{id}",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND]),
    summary: "Read where a request of yours stands, which may have several referrals",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json(
        "Its state (`active`, `on-hold`, `completed`, `revoked`: derived from its referrals) and its \
         referrals without their messages.",
    ),
    handle: |call| Box::pin(show(call)),
};

async fn show(call: Call) -> Result<HttpResponse, Problem> {
    let id: RequestId = call.id("id")?;
    answer::json(&call.hub().show_request(call.caller()?, id).await?)
}
