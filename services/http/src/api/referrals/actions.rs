//! `GET /v1/referrals/{id}/actions`: what this caller may do next, and with which message.

use actix_web::HttpResponse;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, RECEIVE, Route, SEND, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Get,
    path: "/v1/referrals/{id}/actions",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND, RECEIVE]),
    summary: "Ask what you can do with a referral now",
    query: &[],
    takes: Takes::Nothing,
    writes: false,
    gives: Gives::json(
        "The referral's state and version, and each step open to you with its message's schema.",
    ),
    handle: |call| Box::pin(actions(call)),
};

async fn actions(call: Call) -> Result<HttpResponse, Problem> {
    let view = call.hub().list_actions(call.caller()?, call.id("id")?).await?;
    Ok(answer::versioned(answer::json(&view)?, view.version))
}
