//! `GET /v1/break-glass`: looks into cases from outside that the caller's agency may know of.

use actix_web::HttpResponse;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, RECEIVE, Route, SEND, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/break-glass",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, RECEIVE]),
    summary: "List looks into cases from outside",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json(
        "Looks of your people, and into cases your agency answers for; and your people whose right is \
         suspended.",
    ),
    handle: |call| Box::pin(list(call)),
};

async fn list(call: Call) -> Result<HttpResponse, Problem> {
    answer::json(&call.hub().list_glass(call.caller()?).await?)
}
