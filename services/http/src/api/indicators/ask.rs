//! `GET /v1/indicators/{id}`: one indicator as a closed table. Small cells, and what would give them away,
//! are withheld and marked.

use actix_web::HttpResponse;
use casework::TimeSource;
use chrono::Months;
use oversight::Query;
use serde::Deserialize;
use validator::Validate;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::query::{Form, Parameter};
use crate::roles::Role;
use crate::routes::{Access, Gives, INDICATOR, Route, Takes, Verb};

/// A year, this month included, unless the caller says otherwise.
const MONTHS_BEFORE: Months = Months::new(11);

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/indicators/{id}",
    role: Some(Role::Oversight),
    access: Access::Scope(&[INDICATOR]),
    summary: "Ask for an indicator, broken down by at most two dimensions",
    query: &[
        Parameter { name: "by", kind: Form::Texts, required: false, about: "a dimension; at most twice" },
        Parameter {
            name: "from",
            kind: Form::Text,
            required: false,
            about: "first month, `2026-01`; a year ago if absent",
        },
        Parameter {
            name: "to",
            kind: Form::Text,
            required: false,
            about: "last month, inclusive; this month if absent",
        },
    ],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json("A table with its margins, its method, and a note on what is withheld and why."),
    handle: |call| Box::pin(ask(call)),
};

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(default)]
    #[validate(length(max = 2, message = "given at most twice"))]
    by: Vec<String>,
    #[validate(length(equal = 7, message = "a month of the form 2026-11"))]
    from: Option<String>,
    #[validate(length(equal = 7, message = "a month of the form 2026-11"))]
    to: Option<String>,
}

async fn ask(call: Call) -> Result<HttpResponse, Problem> {
    let asked: Asked = call.query()?;
    let today = call.hub().store.now().in_pakistan().date_naive();
    let year_ago = today.checked_sub_months(MONTHS_BEFORE).unwrap_or(today);
    let month = |day: chrono::NaiveDate| day.format("%Y-%m").to_string();
    let query = Query {
        by: asked.by,
        from_month: asked.from.unwrap_or_else(|| month(year_ago)),
        to_month: asked.to.unwrap_or_else(|| month(today)),
    };
    let table = call.hub().ask_indicator(call.caller()?, call.segment("id"), &query).await?;
    answer::json(&table)
}
