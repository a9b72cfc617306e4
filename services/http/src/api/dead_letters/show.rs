//! `GET /v1/dead-letters/{id}`: a dead letter with all that helps to mend it; no value of its message.

use actix_web::HttpResponse;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, MANAGE, Route, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/dead-letters/{id}",
    role: Some(Role::Api),
    access: Access::Scope(&[MANAGE]),
    summary: "Read a dead letter: what was tried, what stands in it by name, who mends it",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json(
        "The dead letter, its attempts with schema and mapping, the names and categories of what stands in \
         its message (never a value), who mends it and how, and whom to call. The look is entered first.",
    ),
    handle: |call| Box::pin(show(call)),
};

async fn show(call: Call) -> Result<HttpResponse, Problem> {
    answer::json(&call.hub().show_dead_letter(call.caller()?, call.id("id")?).await?)
}
