//! `POST /v1/dead-letters/{id}/replay`: sends one again, under the same delivery id.

use actix_web::HttpResponse;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, MANAGE, Route, Takes, Verb};
use crate::{answer, body};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/dead-letters/{id}/replay",
    role: Some(Role::Api),
    access: Access::Scope(&[MANAGE]),
    summary: "Send a dead letter again",
    query: &[],
    takes: Takes::Nothing,
    writes: true,
    gives: Gives::json("The delivery as it stands now."),
    handle: |call| Box::pin(replay(call)),
};

async fn replay(call: Call) -> Result<HttpResponse, Problem> {
    body::nothing(call.body.expose())?;
    answer::json(&call.hub().replay_dead_letter(call.caller()?, call.id("id")?, call.key()?).await?)
}
