//! `POST /v1/cases/{id}/erasure/acknowledge`: the caller's agency says that its copy of an erased
//! case is gone.

use actix_web::HttpResponse;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, RECEIVE, Route, SEND, Takes, Verb};
use crate::{answer, body};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/cases/{id}/erasure/acknowledge",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, RECEIVE]),
    summary: "Say that your copy of an erased case is gone",
    query: &[],
    takes: Takes::Nothing,
    writes: true,
    gives: Gives::json("The certificate as it stands now."),
    handle: |call| Box::pin(acknowledge(call)),
};

async fn acknowledge(call: Call) -> Result<HttpResponse, Problem> {
    body::nothing(call.body.expose())?;
    answer::json(&call.hub().acknowledge_erasure(call.caller()?, call.id("id")?, call.key()?).await?)
}
