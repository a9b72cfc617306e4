//! `POST /v1/break-glass`: a person looks into a case that is none of its agency's, for an hour.

use actix_web::HttpResponse;
use casework::{CaseId, Code};
use hub::GlassAsked;
use serde::Deserialize;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, RECEIVE, Route, SEND, Takes, Verb};
use crate::{answer, body};

/// What the body has to be.
const SHAPE: &str = "the body is an object with `case` (its id), `reason` (a code of \
                     `break_glass_reasons.csv`) and `why` (20 to 2000 characters)";

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/break-glass",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, RECEIVE]),
    summary: "Look into a case that your agency is no party to, for an hour",
    query: &[],
    takes: Takes::BreakGlass,
    writes: true,
    gives: Gives::json(
        "The look: until when the case can be read, and until when another person has to review it. The \
         case's owner and both agencies' privacy officers are told.",
    ),
    handle: |call| Box::pin(ask(call)),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    case: String,
    reason: Code,
    why: String,
}

async fn ask(call: Call) -> Result<HttpResponse, Problem> {
    let Asked { case, reason, why } = body::small(call.body.expose(), SHAPE)?;
    // A malformed id looks like one that does not exist, once all else is looked at.
    let case: CaseId = case.parse().unwrap_or_else(|_| CaseId::new(uuid::Uuid::nil()));
    let asked = GlassAsked { case, reason, why, signed_in: call.token()?.auth_time };
    answer::json(&call.hub().break_glass(call.caller()?, &asked, call.key()?).await?)
}
