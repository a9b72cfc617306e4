//! `POST /v1/deliveries/{id}/withdraw`: its sender takes a message back that nobody can have got.

use actix_web::HttpResponse;
use casework::Code;
use serde::Deserialize;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, Route, SEND, Takes, Verb};
use crate::{answer, body};

/// What the body has to be.
const SHAPE: &str = "the body is an object with `reason`, a code of codelists/cancel_reasons.csv such as \
                     `wrong-recipient`";

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/deliveries/{id}/withdraw",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND]),
    summary: "Take a message back that nobody can have got",
    query: &[],
    takes: Takes::Reason,
    writes: true,
    gives: Gives::json(
        "The delivery as it stands now. One that carried a request has called its referral off.",
    ),
    handle: |call| Box::pin(withdraw(call)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    reason: Code,
}

async fn withdraw(call: Call) -> Result<HttpResponse, Problem> {
    let asked: Asked = body::small(call.body.expose(), SHAPE)?;
    let (caller, id, key) = (call.caller()?, call.id("id")?, call.key()?);
    answer::json(&call.hub().withdraw_delivery(caller, id, asked.reason, key).await?)
}
