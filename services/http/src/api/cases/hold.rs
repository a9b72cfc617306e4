//! `POST /v1/cases/{id}/hold`: asks that a case is kept, whatever anybody else says. A second person decides.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, JSON, RECEIVE, Route, SEND, Takes, Verb};
use crate::{answer, body};

/// What the body has to be.
const SHAPE: &str = "the body is an object with `reason` (a code of `legal_hold_reasons.csv`)";

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/cases/{id}/hold",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, RECEIVE]),
    summary: "Ask that a case is kept from being erased",
    query: &[],
    takes: Takes::Reason,
    writes: true,
    gives: Gives {
        status: 202,
        media: JSON,
        about: "The approval: somebody else of your agency has to agree. Then nobody can have it erased.",
    },
    handle: |call| Box::pin(hold(call)),
};

async fn hold(call: Call) -> Result<HttpResponse, Problem> {
    let reason = body::reason(call.body.expose(), SHAPE)?;
    let asked = call.hub().ask_hold(call.caller()?, call.id("id")?, reason, call.key()?).await?;
    answer::with_status(StatusCode::ACCEPTED, &asked)
}
