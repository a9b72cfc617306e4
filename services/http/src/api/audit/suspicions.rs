//! `GET /v1/audit/suspicions`: why nothing is shown, if so, and what was found and lifted before.

use actix_web::HttpResponse;
use serde_json::json;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{AUDIT, Access, Gives, MANAGE, Route, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/audit/suspicions",
    role: Some(Role::Oversight),
    access: Access::Scope(&[AUDIT, MANAGE]),
    summary: "List what makes, or made, the ledger suspect",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json(
        "Each with its reason, the entries in doubt, the checkpoint that was seen, since when, and when two \
         people lifted it. While one is not lifted, nothing about a child is shown.",
    ),
    handle: |call| Box::pin(list(call)),
};

async fn list(call: Call) -> Result<HttpResponse, Problem> {
    answer::page(json!(call.hub().list_suspicions(call.caller()?).await?), None)
}
