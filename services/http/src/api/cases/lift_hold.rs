//! `POST /v1/cases/{id}/hold/lift`: asks that the caller's agency keeps a case no longer. A second person
//! decides.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, JSON, RECEIVE, Route, SEND, Takes, Verb};
use crate::{answer, body};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/cases/{id}/hold/lift",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, RECEIVE]),
    summary: "Ask that your agency's hold on a case is lifted",
    query: &[],
    takes: Takes::Nothing,
    writes: true,
    gives: Gives {
        status: 202,
        media: JSON,
        about: "The approval: somebody else of your agency has to agree.",
    },
    handle: |call| Box::pin(lift(call)),
};

async fn lift(call: Call) -> Result<HttpResponse, Problem> {
    body::nothing(call.body.expose())?;
    let asked = call.hub().ask_lift_hold(call.caller()?, call.id("id")?, call.key()?).await?;
    answer::with_status(StatusCode::ACCEPTED, &asked)
}
