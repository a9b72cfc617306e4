//! `POST /v1/policies`: an operator proposes another set. Another one decides (`/v1/approvals`).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::other_set;
use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, JSON, MANAGE, Route, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/policies",
    role: Some(Role::Api),
    access: Access::Scope(&[MANAGE]),
    summary: "Propose another set of policies",
    query: &[],
    takes: Takes::PolicySet,
    writes: true,
    gives: Gives {
        status: 202,
        media: JSON,
        about: "The approval, with the new set's digest and what it would have made of the last decisions: \
                another operator has to agree, then it is in force on every hub within a second.",
    },
    handle: |call| Box::pin(propose(call)),
};

async fn propose(call: Call) -> Result<HttpResponse, Problem> {
    let (other, _) = other_set(call.body.expose())?;
    let asked = call.hub().propose_policies(call.caller()?, other, call.key()?).await?;
    answer::with_status(StatusCode::ACCEPTED, &asked)
}
