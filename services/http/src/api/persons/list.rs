//! `GET /v1/persons`: the people of the caller's agency, as stand-ins and roles.

use actix_web::HttpResponse;
use serde_json::json;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, PEOPLE, Route, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/persons",
    role: Some(Role::Api),
    access: Access::Scope(&[PEOPLE]),
    summary: "List your agency's people",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json("Each with its stand-in in the ledger, its roles, and whether it may act. No name."),
    handle: |call| Box::pin(list(call)),
};

async fn list(call: Call) -> Result<HttpResponse, Problem> {
    answer::page(json!(call.hub().list_people(call.caller()?).await?), None)
}
