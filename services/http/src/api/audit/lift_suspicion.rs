//! `POST /v1/audit/suspicions/{reason}/lift`: asks that messages are shown again although the ledger was
//! suspect. A second person of the hub decides.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, JSON, MANAGE, Route, Takes, Verb};
use crate::{answer, body};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/audit/suspicions/{reason}/lift",
    role: Some(Role::Api),
    access: Access::Scope(&[MANAGE]),
    summary: "Ask that a suspicion of the ledger is lifted",
    query: &[],
    takes: Takes::Nothing,
    writes: true,
    gives: Gives {
        status: 202,
        media: JSON,
        about: "The approval: another person of the hub has to agree. Then what is known of children is \
                shown again, and what waited goes on.",
    },
    handle: |call| Box::pin(lift(call)),
};

async fn lift(call: Call) -> Result<HttpResponse, Problem> {
    body::nothing(call.body.expose())?;
    let asked = call.hub().ask_reopening(call.caller()?, call.id("reason")?, call.key()?).await?;
    answer::with_status(StatusCode::ACCEPTED, &asked)
}
