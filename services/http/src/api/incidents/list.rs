//! `GET /v1/incidents`: what is, or was, wrong with the line to the caller's agency; an operator sees all.

use actix_web::HttpResponse;
use casework::IncidentStatus;
use serde::Deserialize;
use serde_json::json;
use validator::Validate;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::query::{Form, Parameter};
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

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[validate(length(min = 1, max = 16, message = "a status"))]
    status: Option<String>,
}

async fn list(call: Call) -> Result<HttpResponse, Problem> {
    let asked: Asked = call.query()?;
    let known = |word: String| {
        let status = IncidentStatus::ALL.iter().find(|status| status.as_str() == word);
        let unknown = || Problem::new("query-malformed").detail("`status` is none that an incident has");
        status.copied().ok_or_else(unknown)
    };
    let status = asked.status.map(known).transpose()?;
    answer::page(json!(call.hub().list_incidents(call.caller()?, status).await?), None)
}
