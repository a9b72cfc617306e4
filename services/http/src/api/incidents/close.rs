//! `POST /v1/incidents/{incident}/close`: a person has seen to it.

use actix_web::HttpResponse;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, MANAGE, Route, Takes, Verb};
use crate::{answer, body};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/incidents/{incident}/close",
    role: Some(Role::Api),
    access: Access::Scope(&[MANAGE]),
    summary: "Close an incident",
    query: &[],
    takes: Takes::Nothing,
    writes: true,
    gives: Gives::json("The incident as it stands now. If the condition shows again, it opens again."),
    handle: |call| Box::pin(close(call)),
};

async fn close(call: Call) -> Result<HttpResponse, Problem> {
    body::nothing(call.body.expose())?;
    let id = call.id("incident")?;
    answer::json(&call.hub().close_incident(call.caller()?, &id, call.key()?).await?)
}
