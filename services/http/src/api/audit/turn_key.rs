//! `POST /v1/audit/key/turn`: asks that the second ledger key signs checkpoints from now on. A second person
//! of the hub decides.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use crate::call::Call;
use crate::problem::Problem;
use crate::roles::Role;
use crate::routes::{Access, Gives, JSON, MANAGE, Route, Takes, Verb};
use crate::{answer, body};

pub(crate) const ROUTE: Route = Route {
    method: Verb::Post,
    path: "/v1/audit/key/turn",
    role: Some(Role::Api),
    access: Access::Scope(&[MANAGE]),
    summary: "Ask that another key signs the ledger",
    query: &[],
    takes: Takes::Nothing,
    writes: true,
    gives: Gives {
        status: 202,
        media: JSON,
        about: "The approval: another person of the hub has to agree. Then both keys sign for a month, and \
                after that the new one alone.",
    },
    handle: |call| Box::pin(turn(call)),
};

async fn turn(call: Call) -> Result<HttpResponse, Problem> {
    body::nothing(call.body.expose())?;
    let asked = call.hub().ask_note_key_turn(call.caller()?, call.key()?).await?;
    answer::with_status(StatusCode::ACCEPTED, &asked)
}
