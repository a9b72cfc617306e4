//! `GET /v1/switches`: to whom nothing goes now, because an operator said so.

use actix_web::HttpResponse;
use serde_json::json;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, Route, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/switches",
    role: Some(Role::Api),
    access: Access::Client,
    summary: "List what is switched off",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json("Each with its agency, the kind of message or all, the reason, and since when."),
    handle: |call| Box::pin(list(call)),
};

async fn list(call: Call) -> Result<HttpResponse, Problem> {
    answer::page(json!(call.hub().list_switches().await?), None)
}
