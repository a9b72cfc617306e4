//! `GET /v1/directory`: which agency a referral for a service goes to today, and how far that can be
//! believed.

use actix_web::HttpResponse;
use casework::Code;
use serde::Deserialize;
use validator::Validate;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::query::{Form, Parameter};
use crate::roles::Role;
use crate::routes::{Access, Gives, Route, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/directory",
    role: Some(Role::Api),
    access: Access::Client,
    summary: "Find which agency gives a service today",
    query: &[
        Parameter { name: "service", kind: Form::Text, required: false, about: "a code of services.csv" },
        Parameter {
            name: "jurisdiction",
            kind: Form::Text,
            required: false,
            about: "as agencies.csv has it, `ICT` for example; those of `National` are always found",
        },
    ],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json(
        "`items`: agencies with the services they give today; `coverage`: what was looked through and how \
         old it is, because an empty list does not mean that nobody helps; `next_cursor` is null.",
    ),
    handle: |call| Box::pin(search(call)),
};

#[derive(Debug, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[validate(length(max = 64, message = "a code of services.csv"))]
    service: Option<String>,
    #[validate(length(max = 64, message = "a jurisdiction of agencies.csv"))]
    jurisdiction: Option<String>,
}

async fn search(call: Call) -> Result<HttpResponse, Problem> {
    let asked: Asked = call.query()?;
    let wrong = |_| Problem::new("query-malformed").detail("`service` takes a code of services.csv");
    let service = asked.service.map(|text| text.parse::<Code>()).transpose().map_err(wrong)?;
    let found = call.hub().search_directory(service.as_ref(), asked.jurisdiction.as_deref())?;
    answer::json(&found)
}
