//! `GET /v1/approvals`: acts of the caller's agency that wait for, or had, a second person.

use actix_web::HttpResponse;
use casework::ApprovalStatus;
use serde_json::json;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::query::{Form, OneStatus, Parameter};
use crate::roles::Role;
use crate::routes::{Access, Gives, Route, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/approvals",
    role: Some(Role::Api),
    access: Access::Client,
    summary: "List the acts of your agency that take two people",
    query: &[Parameter {
        name: "status",
        kind: Form::Text,
        required: false,
        about: "open, approved, refused, expired or withdrawn; all if absent",
    }],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json(
        "The newest first, each with the exact act, who asked, until when, and what you can do.",
    ),
    handle: |call| Box::pin(list(call)),
};

async fn list(call: Call) -> Result<HttpResponse, Problem> {
    let asked: OneStatus = call.query()?;
    let status = asked.among(ApprovalStatus::ALL, ApprovalStatus::as_str)?;
    answer::page(json!(call.hub().list_approvals(call.caller()?, status).await?), None)
}
