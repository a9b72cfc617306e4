//! `GET /v1/incidents`: what is, or was, wrong with the line to the caller's agency; an operator sees all.

use actix_web::HttpResponse;
use casework::IncidentStatus;
use serde_json::json;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::query::{Form, OneStatus, Parameter};
use crate::roles::Role;
use crate::routes::{Access, Gives, MANAGE, Route, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/incidents",
    role: Some(Role::Api),
    access: Access::Scope(&[MANAGE]),
    summary: "List what is wrong with your agency's line",
    query: &[Parameter {
        name: "status",
        kind: Form::Text,
        required: false,
        about: "opened, recovered or closed; all if absent",
    }],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json("One for each condition, with since when, how often, and whether it is over."),
    handle: |call| Box::pin(list(call)),
};

async fn list(call: Call) -> Result<HttpResponse, Problem> {
    let asked: OneStatus = call.query()?;
    let status = asked.among(IncidentStatus::ALL, IncidentStatus::as_str)?;
    answer::page(json!(call.hub().list_incidents(call.caller()?, status).await?), None)
}
