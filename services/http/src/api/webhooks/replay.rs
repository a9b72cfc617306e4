//! `POST /v1/webhooks/{name}/replay`: a webhook goes on after an event of the caller's choice, and is
//! enabled. It names a place, so that repeating it, whatever the key, does the same.

use actix_web::HttpResponse;
use serde::Deserialize;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, MANAGE, Route, Takes, Verb};
use crate::{answer, body};

/// What the body has to be.
const SHAPE: &str = "the body is an object with `after`: a cursor of `/v1/events` as a whole number, or null \
                     to begin with the first event there is";

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/webhooks/{name}/replay",
    role: Some(Role::Api),
    access: Access::Scope(&[MANAGE]),
    summary: "Enable a webhook and send what came after an event",
    query: &[],
    takes: Takes::Cursor,
    writes: true,
    gives: Gives::json("The webhook as it stands now."),
    handle: |call| Box::pin(replay(call)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct From {
    #[serde(deserialize_with = "Option::deserialize")]
    after: Option<u64>,
}

async fn replay(call: Call) -> Result<HttpResponse, Problem> {
    let from: From = body::small(call.body.expose(), SHAPE)?;
    answer::json(&call.hub().replay_webhook(call.caller()?, call.segment("name"), from.after).await?)
}
