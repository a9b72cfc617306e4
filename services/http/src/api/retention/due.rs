//! `GET /v1/retention/due`: cases of the caller's agency whose time by the schedule is over. Nothing is
//! erased by that; `POST /v1/cases/{id}/erase` asks for it, and a second person decides.

use actix_web::HttpResponse;
use serde::Deserialize;
use serde_json::json;
use validator::Validate;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::query::{Form, Parameter};
use crate::roles::Role;
use crate::routes::{Access, Gives, RECEIVE, Route, SEND, Takes, Verb};

/// Cases of a page unless the caller says otherwise.
const LIMIT: u32 = 50;

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/retention/due",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, RECEIVE]),
    summary: "List the cases whose time is over",
    query: &[
        Parameter {
            name: "cursor",
            kind: Form::Text,
            required: false,
            about: "`next_cursor` of the page before",
        },
        Parameter { name: "limit", kind: Form::Number, required: false, about: "1 to 200, 50 if absent" },
    ],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json(
        "A page of the cases that your agency is responsible for and whose time by the retention schedule \
         is over, the longest over first: by which row, since when, and how each stands \
         (`due`, `held`, `asked`, `erasure-ordered`); and the cursor of the next page or null. For privacy \
         officers and supervisors. No personal data.",
    ),
    handle: |call| Box::pin(list(call)),
};

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[validate(length(min = 1, max = 64, message = "the `next_cursor` of a page"))]
    cursor: Option<String>,
    #[validate(range(min = 1, max = 200, message = "a whole number from 1 to 200"))]
    limit: Option<u32>,
}

async fn list(call: Call) -> Result<HttpResponse, Problem> {
    let asked: Asked = call.query()?;
    let limit = asked.limit.unwrap_or(LIMIT);
    let (cases, next) = call.hub().list_due(call.caller()?, asked.cursor.as_deref(), limit).await?;
    answer::page(json!(cases), next)
}
