//! `POST /v1/break-glass/{id}/review`: another person has looked at it.

use actix_web::HttpResponse;
use casework::Verdict;
use serde::Deserialize;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, RECEIVE, Route, SEND, Takes, Verb};
use crate::{answer, body};

/// What the body has to be.
const SHAPE: &str = "the body is an object with `verdict` (`justified` or `not-justified`)";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Found {
    verdict: Verdict,
}

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/break-glass/{id}/review",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, RECEIVE]),
    summary: "Say that you have looked at somebody's look into a case",
    query: &[],
    takes: Takes::Verdict,
    writes: true,
    gives: Gives::json("The look as it stands now."),
    handle: |call| Box::pin(review(call)),
};

async fn review(call: Call) -> Result<HttpResponse, Problem> {
    let Found { verdict } = body::small(call.body.expose(), SHAPE)?;
    answer::json(&call.hub().review_glass(call.caller()?, call.id("id")?, verdict, call.key()?).await?)
}
