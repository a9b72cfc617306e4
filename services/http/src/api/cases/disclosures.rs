//! `GET /v1/cases/{id}/disclosures`: which categories went or were shown to whom; for the agency that is
//! responsible for the case, and as the report it gives to the child.

use actix_web::HttpResponse;
use hub::Reader;
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
    path: "/v1/cases/{id}/disclosures",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, RECEIVE]),
    summary: "Read what of a child went to whom",
    query: &[
        Parameter {
            name: "cursor",
            kind: Form::Text,
            required: false,
            about: "`next_cursor` of the page before",
        },
        Parameter {
            name: "for",
            kind: Form::Text,
            required: false,
            about: "`owner` (every row, if absent) or `child` (without what is to be told later)",
        },
    ],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json(
        "Hand-overs, looks and identity checks, newest first: which categories, to whom, when, what for, \
         on what ground, under which policies. `told_later` says from when on the child is told, and why \
         (proposed, not law).",
    ),
    handle: |call| Box::pin(disclosures(call)),
};

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Asked {
    cursor: Option<u64>,
    r#for: Option<For>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum For {
    Owner,
    Child,
}

async fn disclosures(call: Call) -> Result<HttpResponse, Problem> {
    let asked: Asked = call.query()?;
    let reader = match asked.r#for {
        Some(For::Child) => Reader::Child,
        Some(For::Owner) | None => Reader::Owner,
    };
    let (caller, id) = (call.caller()?, call.id("id")?);
    answer::json(&call.hub().disclosures_of_case(caller, id, reader, asked.cursor).await?)
}
