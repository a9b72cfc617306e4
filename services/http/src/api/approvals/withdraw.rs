//! `POST /v1/approvals/{id}/withdraw`: whoever asked takes it back.

use actix_web::HttpResponse;
use casework::Settlement;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, MANAGE, Route, SEND, Takes, Verb};
use crate::{answer, body};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/approvals/{id}/withdraw",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, MANAGE]),
    summary: "Take back what you asked for",
    query: &[],
    takes: Takes::Nothing,
    writes: true,
    gives: Gives::json("The approval as it stands now."),
    handle: |call| Box::pin(withdraw(call)),
};

async fn withdraw(call: Call) -> Result<HttpResponse, Problem> {
    body::nothing(call.body.expose())?;
    let (caller, id, key) = (call.caller()?, call.id("id")?, call.key()?);
    answer::json(&call.hub().settle_approval(caller, id, Settlement::Withdraw, key).await?)
}
