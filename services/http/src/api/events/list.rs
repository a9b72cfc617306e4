//! `GET /v1/events`: what happened to the caller's referrals, oldest first, as CloudEvents without personal
//! data.

use actix_web::HttpResponse;
use serde::Deserialize;
use validator::Validate;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::query::{Form, Parameter};
use crate::roles::Role;
use crate::routes::{Access, Gives, RECEIVE, Route, SEND, Takes, Verb};

/// Events of a page unless the caller says otherwise.
const LIMIT: u32 = 50;

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/events",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, RECEIVE]),
    summary: "List what happened to your agency's referrals, oldest first",
    query: &[
        Parameter {
            name: "after",
            kind: Form::Number,
            required: false,
            about: "`next_cursor` of the page before; from the beginning if absent",
        },
        Parameter { name: "limit", kind: Form::Number, required: false, about: "1 to 200, 50 if absent" },
    ],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json(
        "CloudEvents 1.0 without personal data (`/asyncapi.json` has their schemas), the cursor to go on \
         after, also when there was nothing, and whether there is more already. A person who is a privacy \
         officer and nothing else gets the notices to that role.",
    ),
    handle: |call| Box::pin(list(call)),
};

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Asked {
    after: Option<u64>,
    #[validate(range(min = 1, max = 200, message = "a whole number from 1 to 200"))]
    limit: Option<u32>,
}

async fn list(call: Call) -> Result<HttpResponse, Problem> {
    let asked: Asked = call.query()?;
    let page = call.hub().list_events(call.caller()?, asked.after, asked.limit.unwrap_or(LIMIT)).await?;
    answer::json(&page.list())
}
