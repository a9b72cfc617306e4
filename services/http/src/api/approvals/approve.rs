//! `POST /v1/approvals/{id}/approve`: the second person says yes, and the act is done in the same commit. A
//! person whom a system let in this morning is not asked to be believed: the yes takes a fresh sign-in.

use actix_web::HttpResponse;
use casework::Settlement;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, MANAGE, Route, SEND, Takes, Verb};
use crate::{answer, body};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/approvals/{id}/approve",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, MANAGE]),
    summary: "Be the second person: the act happens",
    query: &[],
    takes: Takes::Nothing,
    writes: true,
    gives: Gives::json("The approval as it stands now."),
    handle: |call| Box::pin(approve(call)),
};

async fn approve(call: Call) -> Result<HttpResponse, Problem> {
    body::nothing(call.body.expose())?;
    let (caller, id, key) = (call.caller()?, call.id("id")?, call.key()?);
    call.hub().person_is_fresh(call.token()?).await?;
    answer::json(&call.hub().settle_approval(caller, id, Settlement::Approve, key).await?)
}
