//! `GET /v1/inbox`: the messages that wait for the caller's agency. Each one shown is claimed and entered
//! first; what is not acknowledged comes again.

use actix_web::HttpResponse;
use casework::Document;
use serde::Deserialize;
use serde_json::json;
use validator::Validate;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::query::{Form, Parameter};
use crate::roles::Role;
use crate::routes::{Access, Gives, RECEIVE, Route, Takes, Verb};

/// Messages given at a time unless the caller says otherwise.
const LIMIT: u32 = 50;

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/inbox",
    role: Some(Role::Api),
    access: Access::Scope(&[RECEIVE]),
    summary: "Fetch the messages that wait for your agency",
    query: &[Parameter {
        name: "limit",
        kind: Form::Number,
        required: false,
        about: "1 to 50, 50 if absent",
    }],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json("`items`: messages, oldest first, each cut down to what your agency may see."),
    handle: |call| Box::pin(list(call)),
};

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[validate(range(min = 1, max = 50, message = "a whole number from 1 to 50"))]
    limit: Option<u32>,
}

async fn list(call: Call) -> Result<HttpResponse, Problem> {
    let asked: Asked = call.query()?;
    let items = call.hub().list_inbox(call.caller()?, asked.limit.unwrap_or(LIMIT)).await?;
    // Each is entered as shown to this caller.
    let items: Vec<_> = items.into_iter().map(Document::into_json).collect();
    answer::json(&json!({ "items": items }))
}
