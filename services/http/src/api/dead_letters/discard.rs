//! `POST /v1/dead-letters/{id}/discard`: asks that a dead letter is never sent. A second person decides.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, JSON, MANAGE, Route, Takes, Verb};
use crate::{answer, body};

/// What the body has to be.
const SHAPE: &str = "the body is an object with `reason` (a code of `discard_reasons.csv`)";

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/dead-letters/{id}/discard",
    role: Some(Role::Api),
    access: Access::Scope(&[MANAGE]),
    summary: "Ask that a dead letter is never sent",
    query: &[],
    takes: Takes::Reason,
    writes: true,
    gives: Gives {
        status: 202,
        media: JSON,
        about: "The approval: somebody else of your agency has to agree, then the delivery is withdrawn.",
    },
    handle: |call| Box::pin(discard(call)),
};

async fn discard(call: Call) -> Result<HttpResponse, Problem> {
    let reason = body::reason(call.body.expose(), SHAPE)?;
    let asked = call.hub().ask_discard(call.caller()?, call.id("id")?, reason, call.key()?).await?;
    answer::with_status(StatusCode::ACCEPTED, &asked)
}
