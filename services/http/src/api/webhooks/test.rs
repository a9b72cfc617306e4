//! `POST /v1/webhooks/{name}/test`: does an event arrive there? Sent at once, and once.

use actix_web::HttpResponse;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, MANAGE, Route, Takes, Verb};
use crate::{answer, body};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/webhooks/{name}/test",
    role: Some(Role::Api),
    access: Access::Scope(&[MANAGE]),
    summary: "Send a webhook an event that tells nothing",
    query: &[],
    takes: Takes::Nothing,
    writes: true,
    gives: Gives::json("Whether it was taken, its id, and why not."),
    handle: |call| Box::pin(test(call)),
};

async fn test(call: Call) -> Result<HttpResponse, Problem> {
    body::nothing(call.body.expose())?;
    answer::json(&call.hub().try_webhook(call.caller()?, call.segment("name"), call.key()?).await?)
}
