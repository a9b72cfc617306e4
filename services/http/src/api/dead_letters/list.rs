//! `GET /v1/dead-letters`: deliveries that wait for a person of the caller's agency, oldest first; an
//! operator sees all.

use actix_web::HttpResponse;
use casework::DeliveryId;
use serde::Deserialize;
use serde_json::json;
use validator::Validate;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::query::{Form, Parameter};
use crate::roles::Role;
use crate::routes::{Access, Gives, MANAGE, Route, Takes, Verb};

/// Dead letters of a page unless the caller says otherwise.
const LIMIT: u32 = 50;

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/dead-letters",
    role: Some(Role::Api),
    access: Access::Scope(&[MANAGE]),
    summary: "List the deliveries that wait for a person",
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
        "A page of dead letters, oldest first, with reason, owner, deadline and what can be done, and the \
         cursor of the next page or null.",
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
    let after = asked.cursor.as_deref().map(str::parse::<DeliveryId>).transpose();
    let malformed = |_| Problem::new("query-malformed").detail("`cursor` is the `next_cursor` of a page");
    let (after, limit) = (after.map_err(malformed)?, asked.limit.unwrap_or(LIMIT));
    let (letters, next) = call.hub().list_dead_letters(call.caller()?, after, limit).await?;
    answer::page(json!(letters), next.map(|id| id.to_string()))
}
