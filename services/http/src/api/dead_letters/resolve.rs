//! `POST /v1/dead-letters/{id}/resolve`: a person found out whether a message arrived.

use actix_web::HttpResponse;
use casework::{Code, Resolution};
use serde::Deserialize;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, MANAGE, Route, Takes, Verb};
use crate::{answer, body};

/// What the body has to be.
const SHAPE: &str = "the body is an object with `as` (`delivered` or `not-delivered`) \
                     and `reason` (a code such as `agency-confirmed`: letters, digits, `-`; never a \
                     name)";

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/dead-letters/{id}/resolve",
    role: Some(Role::Api),
    access: Access::Scope(&[MANAGE]),
    summary: "Settle a delivery whose outcome is unknown",
    query: &[],
    takes: Takes::Resolution,
    writes: true,
    gives: Gives::json("The delivery as it stands now."),
    handle: |call| Box::pin(resolve(call)),
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Found {
    #[serde(rename = "as")]
    resolution: Resolution,
    reason: Code,
}

async fn resolve(call: Call) -> Result<HttpResponse, Problem> {
    let found: Found = body::small(call.body.expose(), SHAPE)?;
    let (caller, id, key) = (call.caller()?, call.id("id")?, call.key()?);
    answer::json(&call.hub().resolve_dead_letter(caller, id, found.resolution, found.reason, key).await?)
}
