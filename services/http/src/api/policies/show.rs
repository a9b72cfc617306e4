//! `GET /v1/policies`: which agreements are in force, on what basis and how long, and what may take their
//! place.

use actix_web::HttpResponse;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{AUDIT, Access, Gives, MANAGE, Route, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/policies",
    role: Some(Role::Api),
    access: Access::Scope(&[AUDIT, MANAGE]),
    summary: "Show the policies in force, and what may take their place",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json(
        "The set in force with its agreements, their dates and bases; what is offered, refused, proposed.",
    ),
    handle: |call| Box::pin(show(call)),
};

async fn show(call: Call) -> Result<HttpResponse, Problem> {
    answer::json(&call.hub().show_policies(call.caller()?).await?)
}
