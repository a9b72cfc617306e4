//! `GET /v1/dead-letters`: deliveries that wait for a person of the caller's agency; an operator sees all.

use actix_web::HttpResponse;
use serde_json::json;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, MANAGE, Route, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/dead-letters",
    role: Some(Role::Api),
    access: Access::Scope(&[MANAGE]),
    summary: "List the deliveries that wait for a person",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json(
        "Dead letters with reason, owner, deadline and what can be done; `next_cursor` is null.",
    ),
    handle: |call| Box::pin(list(call)),
};

async fn list(call: Call) -> Result<HttpResponse, Problem> {
    let letters = call.hub().list_dead_letters(call.caller()?).await?;
    answer::page(json!(letters), None)
}
