//! `POST /v1/drafts`: a referral is written and not sent. It is sent by the step `send`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use casework::MessageKind;

use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, JSON, Route, SEND, Takes, Verb};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/drafts",
    role: Some(Role::Api),
    access: Access::Scope(&[SEND]),
    summary: "Write a referral that you send later; nobody else sees it",
    query: &[],
    takes: Takes::Message(&[MessageKind::Request]),
    writes: true,
    gives: Gives {
        status: 201,
        media: JSON,
        about: "As for a referral; each is a `draft`, and sent by `POST /v1/referrals/{id}/send`.",
    },
    handle: |call| Box::pin(write(call)),
};

async fn write(call: Call) -> Result<HttpResponse, Problem> {
    let written = call.hub().write_draft(call.caller()?, call.sent(), call.key()?).await?;
    Ok(answer::marked(answer::with_status(StatusCode::CREATED, &written)?, written.replayed))
}
