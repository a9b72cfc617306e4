//! `GET /v1/audit/entries`: the trail, newest first: all of it for an overseer, its own slice for an agency.
//! Reading it is itself an entry.

use actix_web::HttpResponse;
use hub::TrailFilter;
use serde::Deserialize;
use serde_json::json;
use validator::Validate;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::query::{Form, Parameter};
use crate::roles::Role;
use crate::routes::{AUDIT, Access, Gives, Route, Takes, Verb};

/// Entries of a page unless the caller says otherwise.
const LIMIT: u32 = 50;

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/audit/entries",
    role: Some(Role::Oversight),
    access: Access::Scope(&[AUDIT]),
    summary: "Read the audit trail, newest first",
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
        "A page of entries with index and time, and the cursor of the next page or null. An overseer gets \
         the whole trail; an agency's privacy officer the slice that concerns it (its own acts, and the \
         referrals it is a party to), whose pages may be short.",
    ),
    handle: |call| Box::pin(entries(call)),
};

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[validate(length(min = 1, max = 20, message = "the `next_cursor` of a page"))]
    cursor: Option<String>,
    #[validate(range(min = 1, max = 200, message = "a whole number from 1 to 200"))]
    limit: Option<u32>,
}

async fn entries(call: Call) -> Result<HttpResponse, Problem> {
    let asked: Asked = call.query()?;
    let before: Option<i64> = asked.cursor.as_deref().map(str::parse).transpose().map_err(|_| no_cursor())?;
    let before = before.map(u64::try_from).transpose().map_err(|_| no_cursor())?;
    let limit = asked.limit.unwrap_or(LIMIT);
    let trail = call.hub().read_trail(call.caller()?, TrailFilter { before, limit }).await?;
    answer::page(json!(trail.lines), trail.next.map(|index| index.to_string()))
}

fn no_cursor() -> Problem {
    Problem::new("query-malformed").detail("`cursor` is the `next_cursor` of a page")
}
