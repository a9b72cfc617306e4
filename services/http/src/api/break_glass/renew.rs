//! `POST /v1/break-glass/{id}/renew`: another hour, once a second person agrees.

use actix_web::HttpResponse;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, RECEIVE, Route, SEND, Takes, Verb};
use crate::{answer, body};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/break-glass/{id}/renew",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, RECEIVE]),
    summary: "Ask a second person for another hour",
    query: &[],
    takes: Takes::Nothing,
    writes: true,
    gives: Gives::json("The approval that waits for a second person."),
    handle: |call| Box::pin(renew(call)),
};

async fn renew(call: Call) -> Result<HttpResponse, Problem> {
    body::nothing(call.body.expose())?;
    answer::json(&call.hub().ask_renewal(call.caller()?, call.id("id")?, call.key()?).await?)
}
