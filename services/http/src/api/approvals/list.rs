//! `GET /v1/approvals`: acts of the caller's agency that wait for, or had, a second person.

use actix_web::HttpResponse;
use casework::ApprovalStatus;
use serde::Deserialize;
use serde_json::json;
use validator::Validate;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::query::{Form, Parameter};
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

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[validate(length(min = 1, max = 16, message = "a status"))]
    status: Option<String>,
}

async fn list(call: Call) -> Result<HttpResponse, Problem> {
    let asked: Asked = call.query()?;
    let known = |word: String| {
        let status = ApprovalStatus::ALL.iter().find(|status| status.as_str() == word);
        let unknown = || Problem::new("query-malformed").detail("`status` is none that an approval has");
        status.copied().ok_or_else(unknown)
    };
    let status = asked.status.map(known).transpose()?;
    answer::page(json!(call.hub().list_approvals(call.caller()?, status).await?), None)
}
