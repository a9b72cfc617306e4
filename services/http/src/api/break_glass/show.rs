//! `GET /v1/break-glass/{id}`: one look, and why, in the asker's words.

use actix_web::HttpResponse;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, RECEIVE, Route, SEND, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/break-glass/{id}",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, RECEIVE]),
    summary: "Read why somebody looked into a case from outside",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json("The look, and why, in the asker's words."),
    handle: |call| Box::pin(show(call)),
};

async fn show(call: Call) -> Result<HttpResponse, Problem> {
    answer::json(&call.hub().show_glass(call.caller()?, call.id("id")?).await?)
}
