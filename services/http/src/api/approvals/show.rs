//! `GET /v1/approvals/{id}`: one act that takes two people, word for word.

use actix_web::HttpResponse;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, Route, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/approvals/{id}",
    role: Some(Role::Api),
    access: Access::Client,
    summary: "Look at one of them",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json("The exact act, who asked, until when, how it stands, and what you can do."),
    handle: |call| Box::pin(show(call)),
};

async fn show(call: Call) -> Result<HttpResponse, Problem> {
    answer::json(&call.hub().show_approval(call.caller()?, call.id("id")?).await?)
}
