//! `GET /v1/cases/{id}/looks`: who looked at a case; for the agency that is responsible for it.

use actix_web::HttpResponse;
use serde::Deserialize;
use validator::Validate;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::query::{Form, Parameter};
use crate::roles::Role;
use crate::routes::{Access, Gives, RECEIVE, Route, SEND, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/cases/{id}/looks",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, RECEIVE]),
    summary: "Read who looked at a case your agency is responsible for",
    query: &[Parameter {
        name: "cursor",
        kind: Form::Text,
        required: false,
        about: "`next_cursor` of the page before",
    }],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json(
        "Looks at the case and its referrals, newest first: by agency, role and time, never by name. A look \
         without categories showed no personal data.",
    ),
    handle: |call| Box::pin(looks(call)),
};

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Asked {
    cursor: Option<u64>,
}

async fn looks(call: Call) -> Result<HttpResponse, Problem> {
    let asked: Asked = call.query()?;
    let page = call.hub().looks_at_case(call.caller()?, call.id("id")?, asked.cursor).await?;
    answer::json(&page)
}
