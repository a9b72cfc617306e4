//! `GET /v1/webhooks`: the webhooks of the caller's agency, and how far each has come; an operator sees all.

use actix_web::HttpResponse;
use serde_json::json;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, MANAGE, Route, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/webhooks",
    role: Some(Role::Api),
    access: Access::Scope(&[MANAGE]),
    summary: "List your agency's webhooks",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json(
        "Each with its address, key, place in the list of events, failed tries, and since when it is \
         disabled.",
    ),
    handle: |call| Box::pin(list(call)),
};

async fn list(call: Call) -> Result<HttpResponse, Problem> {
    answer::page(json!(call.hub().list_webhooks(call.caller()?).await?), None)
}
