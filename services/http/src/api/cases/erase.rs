//! `POST /v1/cases/{id}/erase`: asks that a case is erased. A second person decides.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, JSON, RECEIVE, Route, SEND, Takes, Verb};
use crate::{answer, body};

/// What the body has to be.
const SHAPE: &str = "the body is an object with `reason` (a code of `erasure_bases.csv`)";

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/cases/{id}/erase",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, RECEIVE]),
    summary: "Ask that a case is erased",
    query: &[],
    takes: Takes::Reason,
    writes: true,
    gives: Gives {
        status: 202,
        media: JSON,
        about: "The approval: somebody else of your agency has to agree. Then the case's keys are destroyed, \
                and whoever was shown something of it is told.",
    },
    handle: |call| Box::pin(erase(call)),
};

async fn erase(call: Call) -> Result<HttpResponse, Problem> {
    let reason = body::reason(call.body.expose(), SHAPE)?;
    let asked = call.hub().ask_erasure(call.caller()?, call.id("id")?, reason, call.key()?).await?;
    answer::with_status(StatusCode::ACCEPTED, &asked)
}
