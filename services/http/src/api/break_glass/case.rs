//! `GET /v1/break-glass/{id}/case`: the case behind a broken glass.

use actix_web::HttpResponse;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, RECEIVE, Route, SEND, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/break-glass/{id}/case",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, RECEIVE]),
    summary: "Read the case you broke the glass of",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json("The look, and the case's referrals without messages."),
    handle: |call| Box::pin(case(call)),
};

async fn case(call: Call) -> Result<HttpResponse, Problem> {
    answer::json(&call.hub().case_through(call.caller()?, call.id("id")?).await?)
}
