//! `GET /v1/cases/{id}`: a case and those of its referrals that the caller's agency sent or received.

use actix_web::HttpResponse;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, RECEIVE, Route, SEND, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/cases/{id}",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, RECEIVE]),
    summary: "Read a case your agency is a party to",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json(
        "The case's spoken reference and your referrals of it, without messages. For whoever is \
         responsible for it, `notices`: what your agency was told of looks from outside (identity checks, a \
         broken glass). Every look is listed by `/v1/cases/{id}/looks`.",
    ),
    handle: |call| Box::pin(show(call)),
};

async fn show(call: Call) -> Result<HttpResponse, Problem> {
    answer::json(&call.hub().show_case(call.caller()?, call.id("id")?).await?)
}
